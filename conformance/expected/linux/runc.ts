import type { Expectation } from '../../runner/expected.js';
import { each } from '../each.js';
import * as common from './reasons.js';

const fails = { versions: ['1.1'], whose: 'runtime' } as const;
const versions = ['1.1'];

/** What runc is known to fail of config-linux.md. */
export const runcLinux: readonly Expectation[] = [
  ...each('namespaces', 'new-time joined-time', {
    ...fails,
    reason: 'It does not know time namespaces and refuses them.',
  }),
  ...each('time-offsets', 'monotonic boottime both behind nothing uptime', {
    ...fails,
    reason: 'It does not know time namespaces and refuses them.',
  }),
  ...each('time-offsets', 'no-namespace', {
    ...fails,
    reason: 'It ignores the offsets of clocks.',
  }),
  {
    test: 'namespaces/joined-user',
    ...fails,
    reason: 'It wants mappings of ids also for a user namespace that is there already.',
  },
  ...each('devices', common.existingFiles, { versions, ...common.existingFile }),
  ...each('net-devices', common.allNetDevices, { versions, ...common.noNetDevices }),
  {
    test: 'cgroups/pids-zero',
    ...fails,
    reason: 'It takes a limit of 0 processes for none.',
  },
  ...each('cgroups', 'burst-over-quota burst-of-quota', { versions, ...common.noBurst }),
  ...each('cgroup-v1', 'cpu-burst', { versions, ...common.noBurst }),
  ...each('cgroup-v1', 'cpu-idle', {
    ...fails,
    reason: 'It does not know resources.cpu.idle and ignores it.',
  }),
  ...each('cgroup-v1', 'memory-kernel-tcp', {
    ...fails,
    reason: 'It ignores the limit of memory for TCP buffers.',
  }),
  ...each('cgroup-v2', 'cpu-burst', { versions, ...common.noBurst }),
  ...each('cgroup-v2', 'cpu-idle', {
    ...fails,
    reason: 'It does not know resources.cpu.idle and ignores it.',
  }),
  ...each(
    'cgroup-v2',
    'no-swappiness no-oom-killer no-kernel-tcp no-realtime no-leaf-weight no-class no-priorities',
    { ...fails, reason: 'It ignores what cgroup v2 has nothing for.' },
  ),
  ...each('cgroup-v2', 'hugetlb-reservation', { versions, ...common.noReservation }),
  ...each('cgroup-ownership', 'delegated without-list', {
    ...fails,
    reason: 'It leaves a cgroup that is mounted for writing to root.',
  }),
  {
    test: 'device-rules/exception',
    ...fails,
    reason: 'It refuses a rule about one device after another about a range, as if on cgroup v1.',
  },
  ...each('cgroups', 'weight-of-nothing', { versions, ...common.authors }),
  ...each('linux', 'propagation-shared propagation-slave', {
    ...fails,
    reason: 'It makes the mount of the root file system private before it uses it.',
  }),
  ...each('linux', 'propagation-unbindable', {
    ...fails,
    reason: 'It fails, since it makes the mount unbindable before it binds it itself.',
  }),
  ...each('linux', 'personality-linux32 personality-unknown-domain personality-unknown-flags', {
    ...fails,
    reason: 'It does not know linux.personality and ignores whatever it says.',
  }),
  ...each('linux', common.memoryPolicies, { versions, ...common.noMemoryPolicy }),
  ...each('protected-paths', 'relative-masked-paths relative-readonly-paths', {
    versions,
    ...common.authors,
  }),
  ...each('seccomp', 'flag-tsync flag-log flag-spec_allow', {
    ...fails,
    reason: 'It refuses every flag of a filter.',
  }),
  ...each('seccomp-listener', 'killable', {
    ...fails,
    reason: 'It refuses every flag of a filter.',
  }),
  ...each(
    'seccomp',
    'errno-of-allow errno-of-kill errno-of-kill-process errno-of-kill-thread errno-of-trap errno-of-log ' +
      'default-errno-of-allow default-errno-of-kill default-errno-of-trap default-errno-of-log',
    { ...fails, reason: 'It ignores an errno for an action that has none.' },
  ),
  ...each('namespaces', 'relative-path', { versions, ...common.relativePath }),
  ...each('seccomp', 'no-names names-missing metadata-alone', { versions, ...common.authors }),
];
