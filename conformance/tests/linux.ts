import type { Test } from '../runner/test.js';
import { cgroupOwnershipTests } from './cgroup-ownership.js';
import { cgroupTests } from './cgroups.js';
import { cgroupsPathTests } from './cgroups-path.js';
import { defaultDeviceTests } from './default-devices.js';
import { deviceRuleTests } from './device-rules.js';
import { deviceTests } from './devices.js';
import { existingDeviceTests } from './existing-devices.js';
import { filesystemTests } from './filesystems.js';
import { idMappingTests } from './id-mappings.js';
import { intelRdtAdviceTests, intelRdtTests, monitoringTests } from './intel-rdt.js';
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

/** The tests of config-linux.md and runtime-linux.md. */
export const linuxTests: readonly Test[] = [
  ...filesystemTests,
  ...namespaceTests,
  ...namespacePathTests,
  ...idMappingTests,
  ...timeOffsetTests,
  ...deviceTests,
  ...existingDeviceTests,
  ...defaultDeviceTests,
  ...netDeviceTests,
  ...netDeviceLifecycleTests,
  ...cgroupTests,
  ...cgroupsPathTests,
  ...cgroupOwnershipTests,
  ...deviceRuleTests,
  ...limitTestsV1,
  ...limitTestsV2,
  ...unifiedTests,
  ...intelRdtTests,
  ...intelRdtAdviceTests,
  ...monitoringTests,
  ...linuxFieldTests,
  ...protectedPathTests,
  ...seccompTests,
  ...seccompArgumentTests,
  ...seccompRefusedTests,
  ...seccompListenerTests,
  ...sysctlTests,
];
