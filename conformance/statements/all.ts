import { bundle } from './bundle.js';
import { config } from './config.js';
import { configLinux } from './config-linux.js';
import { features } from './features.js';
import { runtime } from './runtime.js';
import { runtimeLinux } from './runtime-linux.js';
import { spec } from './spec.js';
import type { Sentence } from './statement.js';

/** Everything that version 1.3 of the specification demands of a runtime on Linux. */
export const statements: readonly Sentence[] = [
  ...spec,
  ...bundle,
  ...config,
  ...configLinux,
  ...runtime,
  ...runtimeLinux,
  ...features,
];

/** Of the specification that the statements are taken from. */
export const specificationVersion = '1.3.0';
