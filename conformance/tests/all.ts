import type { Test } from '../runner/test.js';
import { affinityTests } from './affinity.js';
import { annotationTests } from './annotations.js';
import { bundleTests } from './bundle.js';
import { capabilityTests } from './capabilities.js';
import { capabilityGrantTests } from './capability-grants.js';
import { creatingTests } from './creating.js';
import { deleteTests } from './delete.js';
import { errorsTests } from './errors.js';
import { extensibilityTests } from './extensibility.js';
import { featuresTests } from './features.js';
import { hookFailureTests } from './hook-failures.js';
import { hookTimeTests } from './hook-times.js';
import { hookValueTests } from './hook-values.js';
import { hookTests } from './hooks.js';
import { hostnameTests } from './hostname.js';
import { killTests } from './kill.js';
import { lifecycleTests } from './lifecycle.js';
import { lifecycleHooksTests } from './lifecycle-hooks.js';
import { linuxTests } from './linux.js';
import { customOptionTests } from './mount-custom.js';
import { mountEffectTests } from './mount-effects.js';
import { idmapTests } from './mount-idmap.js';
import { mountOptionTests } from './mount-options.js';
import { mountPropagationTests } from './mount-propagation.js';
import { remountTests } from './mount-remount.js';
import { mountTests } from './mounts.js';
import { recursiveMountTests } from './mounts-recursive.js';
import { oomScoreTests } from './oom-score.js';
import { operationsTests } from './operations.js';
import { processTests } from './process.js';
import { racesTests } from './races.js';
import { racesCreateTests } from './races-create.js';
import { rlimitTests } from './rlimits.js';
import { rootTests } from './root.js';
import { schedulingTests } from './scheduling.js';
import { securityLabelTests } from './security-labels.js';
import { specificationVersionTests } from './specification-version.js';
import { stateTests } from './state.js';
import { statesTests } from './states.js';
import { terminalTests } from './terminal.js';
import { userTests } from './user.js';
import { validValueTests } from './valid-values.js';
import { withinHooksTests } from './within-hooks.js';

/** The tests of the specification, in its order. */
export const specificationTests: readonly Test[] = [
  ...specificationVersionTests,
  ...rootTests,
  ...mountTests,
  ...mountOptionTests,
  ...customOptionTests,
  ...mountEffectTests,
  ...recursiveMountTests,
  ...mountPropagationTests,
  ...remountTests,
  ...idmapTests,
  ...hostnameTests,
  ...linuxTests,
  ...processTests,
  ...terminalTests,
  ...rlimitTests,
  ...capabilityTests,
  ...capabilityGrantTests,
  ...oomScoreTests,
  ...schedulingTests,
  ...affinityTests,
  ...hookTests,
  ...hookTimeTests,
  ...hookFailureTests,
  ...hookValueTests,
  ...securityLabelTests,
  ...userTests,
  ...lifecycleTests,
  ...lifecycleHooksTests,
  ...stateTests,
  ...bundleTests,
  ...operationsTests,
  ...errorsTests,
  ...killTests,
  ...deleteTests,
  ...statesTests,
  ...creatingTests,
  ...withinHooksTests,
  ...racesTests,
  ...racesCreateTests,
  ...featuresTests,
  ...annotationTests,
  ...extensibilityTests,
  ...validValueTests,
];
