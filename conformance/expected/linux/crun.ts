import type { Expectation } from '../../runner/expected.js';
import { each } from '../each.js';
import { crunV2 } from './crun-v2.js';
import * as common from './reasons.js';

const fails = { versions: ['1.8'], whose: 'runtime' } as const;
const versions = ['1.8'];

const timeAsRoot = {
  ...fails,
  reason: 'It breaks off when a container without a user namespace is to have a time namespace.',
  when: { isRoot: true },
};

/** What crun is known to fail of config-linux.md. */
export const crunLinux: readonly Expectation[] = [
  ...crunV2,
  ...each(
    'namespaces',
    'twice-pid twice-network twice-mount twice-ipc twice-uts twice-user twice-cgroup',
    { ...fails, reason: 'It accepts two namespaces of one type.' },
  ),
  ...each('namespaces', 'twice-time', {
    ...fails,
    reason: 'It accepts two namespaces of one type.',
    when: { isRoot: false },
  }),
  ...each('namespaces', 'new-time joined-time', timeAsRoot),
  ...each('time-offsets', 'nothing', timeAsRoot),
  ...each('time-offsets', 'monotonic boottime both behind uptime', {
    ...fails,
    reason:
      'With a user namespace it ignores the offsets, and without one it breaks off when it makes a time namespace.',
  }),
  ...each('time-offsets', 'no-namespace', {
    ...fails,
    reason: 'It ignores offsets of clocks without a time namespace.',
  }),
  ...each('time-offsets', 'unknown-clock whole-second before-zero', {
    ...fails,
    reason: 'It ignores the offsets of clocks.',
    when: { isRoot: false },
  }),
  ...each('devices', common.existingFiles, { versions, ...common.existingFile }),
  ...each('net-devices', common.allNetDevices, { versions, ...common.noNetDevices }),
  ...each('cgroups', 'pids-zero', {
    ...fails,
    reason: 'It takes a limit of 0 processes for none.',
  }),
  ...each('cgroups', 'burst-over-quota burst-of-quota', { versions, ...common.noBurst }),
  ...each('cgroup-v1', 'cpu-burst', { versions, ...common.noBurst }),
  ...each('cgroup-v2', 'cpu-burst', { versions, ...common.noBurst }),
  ...each('cgroup-v2', 'hugetlb-reservation', { versions, ...common.noReservation }),
  ...each('cgroup-v1', 'cpu-unlimited', {
    ...fails,
    reason: 'It does not manage to write a quota of -1, which the kernel takes.',
  }),
  ...each('cgroup-v1', 'pids-unlimited', {
    ...fails,
    reason: 'It writes -1 into pids.max, where the kernel wants the word max.',
  }),
  ...each('cgroups', 'rdma-of-nothing', { versions, ...common.authors }),
  ...each('intel-rdt', 'not-mounted', {
    ...fails,
    reason: 'It ignores intelRdt where no resctrl is mounted.',
  }),
  ...each('linux', 'propagation-slave', {
    ...fails,
    reason: 'It makes the mount of the root file system private if the host shares it.',
  }),
  ...each('linux', 'propagation-unknown', {
    ...fails,
    reason: 'It ignores a propagation that it does not know.',
  }),
  ...each('linux', 'personality-unknown-flags', {
    ...fails,
    reason: 'It ignores flags of a personality.',
  }),
  ...each('linux', common.memoryPolicies, { versions, ...common.noMemoryPolicy }),
  ...each('protected-paths', 'relative-masked-paths relative-readonly-paths', {
    versions,
    ...common.authors,
  }),
  ...each('namespaces', 'relative-path', { versions, ...common.relativePath }),
  ...each('seccomp', 'no-names metadata-alone', { versions, ...common.authors }),
  ...each('seccomp', 'unknown-flag', {
    ...fails,
    reason: 'It ignores a flag of a filter that it does not know.',
  }),
  ...each('seccomp-listener', 'state', {
    ...fails,
    reason: 'It says 0.2.0 for the version of the specification in the state that it sends.',
  }),
  ...each('seccomp-listener', 'ignored', {
    ...fails,
    reason: 'It connects to the socket although no action asks anybody.',
  }),
];
