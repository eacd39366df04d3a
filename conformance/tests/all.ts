import type { Test } from '../runner/test.js';
import { affinityTests } from './affinity.js';
import { capabilityTests } from './capabilities.js';
import { hostnameTests } from './hostname.js';
import { oomScoreTests } from './oom-score.js';
import { processTests } from './process.js';
import { rlimitTests } from './rlimits.js';
import { schedulingTests } from './scheduling.js';
import { securityLabelTests } from './security-labels.js';
import { terminalTests } from './terminal.js';
import { userTests } from './user.js';

/** The tests of the specification, in its order. */
export const specificationTests: readonly Test[] = [
  ...hostnameTests,
  ...processTests,
  ...terminalTests,
  ...rlimitTests,
  ...capabilityTests,
  ...oomScoreTests,
  ...schedulingTests,
  ...affinityTests,
  ...securityLabelTests,
  ...userTests,
];
