import type { Test } from '../runner/test.js';
import { affinityTests } from './affinity.js';
import { annotationTests } from './annotations.js';
import { bundleTests } from './bundle.js';
import { capabilityTests } from './capabilities.js';
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
  ...processTests,
  ...terminalTests,
  ...rlimitTests,
  ...capabilityTests,
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
  ...featuresTests,
  ...annotationTests,
  ...extensibilityTests,
  ...validValueTests,
import { cgroupOwnershipTests } from './cgroup-ownership.js';
import { cgroupTests } from './cgroups.js';
import { cgroupsPathTests } from './cgroups-path.js';
import { defaultDeviceTests } from './default-devices.js';
import { deviceRuleTests } from './device-rules.js';
import { deviceTests } from './devices.js';
import { existingDeviceTests } from './existing-devices.js';
import { filesystemTests } from './filesystems.js';
import { hostnameTests } from './hostname.js';
import { idMappingTests } from './id-mappings.js';
import { intelRdtTests, monitoringTests } from './intel-rdt.js';
import { limitTestsV1 } from './limits-v1.js';
import { limitTestsV2 } from './limits-v2.js';
import { linuxFieldTests } from './linux-fields.js';
import { namespacePathTests } from './namespace-paths.js';
import { namespaceTests } from './namespaces.js';
import { netDeviceLifecycleTests, netDeviceTests } from './net-devices.js';
import { protectedPathTests } from './protected-paths.js';
import { seccompTests } from './seccomp.js';
import { seccompArgumentTests } from './seccomp-arguments.js';
import { seccompListenerTests } from './seccomp-listener.js';
import { seccompRefusedTests } from './seccomp-refused.js';
import { sysctlTests } from './sysctl.js';
import { timeOffsetTests } from './time-offsets.js';
import { unifiedTests } from './unified.js';

/** The tests of the specification, in its order. */
export const specificationTests: readonly Test[] = [
  ...hostnameTests,
  ...filesystemTests,
  ...namespaceTests,
  ...namespacePathTests,
  ...idMappingTests,
  ...timeOffsetTests,
  ...deviceTests,
  ...existingDeviceTests,
  ...defaultDeviceTests,
  ...unifiedTests,
  ...limitTestsV2,
  ...limitTestsV1,
  ...deviceRuleTests,
  ...cgroupsPathTests,
  ...cgroupTests,
  ...cgroupOwnershipTests,
  ...intelRdtTests,
  ...monitoringTests,
  ...linuxFieldTests,
  ...netDeviceLifecycleTests,
  ...netDeviceTests,
  ...protectedPathTests,
  ...seccompTests,
  ...seccompArgumentTests,
  ...seccompRefusedTests,
  ...seccompListenerTests,
  ...sysctlTests,
];
