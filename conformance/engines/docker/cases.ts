import { buildCases } from './build.js';
import { lifeCases } from './life.js';
import { limitCases } from './limits.js';
import { mountCases } from './mounts.js';
import { oddCases } from './odd.js';
import { processCases } from './process.js';
import { safetyCases } from './safety.js';

export const dockerCases = [
  ...processCases,
  ...lifeCases,
  ...limitCases,
  ...mountCases,
  ...safetyCases,
  ...buildCases,
  ...oddCases,
];
