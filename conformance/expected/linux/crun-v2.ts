import type { Expectation } from '../../runner/expected.js';
import { each } from '../each.js';

const asRoot = {
  versions: ['1.8'],
  whose: 'runtime',
  when: { cgroups: ['v2'], isRoot: true },
} as const;

const stays = {
  ...asRoot,
  reason:
    'With cgroup v2 it leaves the cgroup that it has made when create fails before the first process.',
};

const notGiven = {
  ...asRoot,
  reason: 'The cgroup stays with root, though it is mounted writable.',
};

/** What crun is known to fail where cgroup v2 has all of its controllers. */
export const crunV2: readonly Expectation[] = [
  ...each('mount-idmap', 'idmap-without users-alone groups-alone', stays),
  ...each(
    'namespaces',
    'wrong-pid wrong-network wrong-mount wrong-ipc wrong-uts wrong-user wrong-time',
    stays,
  ),
  ...each('namespaces', 'wrong-cgroup', {
    ...asRoot,
    reason: 'It leaves its cgroup by chance when create fails as the first process ends.',
    sometimes: true,
  }),
  ...each('namespaces', 'twice-time path-file path-nothing unknown-type', stays),
  ...each('time-offsets', 'unknown-clock whole-second before-zero', stays),
  ...each(
    'rlimits',
    'unknown-RLIMIT_NOTHING unknown-NOFILE unknown-rlimit_nofile unknown-empty soft-above-hard',
    stays,
  ),
  ...each('valid-values', 'namespace rlimit oom-score-high oom-score-low', stays),
  ...each('errors', 'namespace wrong-namespace', stays),
  ...each('cgroup-ownership', 'delegated without-list', notGiven),
  ...each('device-rules', 'write-denied', {
    ...asRoot,
    reason: 'With cgroup v2 it lets open for reading and writing what may only be read.',
  }),
];
