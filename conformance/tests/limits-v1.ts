import { equal } from 'node:assert/strict';
import { cgroupV1, controller } from '../runner/host.js';
import { expectTaken, limitOf } from '../runner/scratch.js';
import { NotTestable, subject } from '../runner/test.js';
import { disk } from './disk.js';

const MiB = 1 << 20;

/** Controller, what is demanded, the file, what it says then, what is written to see if it exists. */
type Row = readonly [
  controller: string,
  slug: string,
  resources: Readonly<Record<string, unknown>>,
  file: string,
  value: string,
  attempt?: string,
];

const memory = (
  slug: string,
  asked: object,
  file: string,
  value: string,
  attempt?: string,
): Row => [
  'memory',
  slug,
  { memory: asked },
  `memory.${file}`,
  value,
  ...(attempt === undefined ? ([] as const) : ([attempt] as const)),
];

const unlimited = '9223372036854771712';

const rows: readonly Row[] = [
  memory('limit', { limit: 64 * MiB }, 'limit_in_bytes', `${64 * MiB}`),
  memory('unlimited', { limit: -1 }, 'limit_in_bytes', unlimited),
  memory('reservation', { reservation: 32 * MiB }, 'soft_limit_in_bytes', `${32 * MiB}`),
  memory('swap', { limit: 64 * MiB, swap: 96 * MiB }, 'memsw.limit_in_bytes', `${96 * MiB}`),
  memory('kernel-tcp', { kernelTCP: 8 * MiB }, 'kmem.tcp.limit_in_bytes', `${8 * MiB}`),
  memory('swappiness', { swappiness: 33 }, 'swappiness', '33'),
  memory('swappiness-none', { swappiness: 0 }, 'swappiness', '0'),
  memory('hierarchy', { useHierarchy: true }, 'use_hierarchy', '1'),
  ['cpu', 'shares', { cpu: { shares: 512 } }, 'cpu.shares', '512'],
  ['cpu', 'quota', { cpu: { quota: 40_000, period: 80_000 } }, 'cpu.cfs_quota_us', '40000'],
  ['cpu', 'unlimited', { cpu: { quota: -1 } }, 'cpu.cfs_quota_us', '-1'],
  ['cpu', 'period', { cpu: { quota: 40_000, period: 80_000 } }, 'cpu.cfs_period_us', '80000'],
  ['cpu', 'burst', { cpu: { quota: 40_000, burst: 9000 } }, 'cpu.cfs_burst_us', '9000'],
  ['cpu', 'idle', { cpu: { idle: 1 } }, 'cpu.idle', '1', '1'],
  [
    'cpu',
    'realtime-period',
    { cpu: { realtimePeriod: 900_000 } },
    'cpu.rt_period_us',
    '900000',
    '900000',
  ],
  [
    'cpu',
    'realtime-runtime',
    { cpu: { realtimeRuntime: 1000 } },
    'cpu.rt_runtime_us',
    '1000',
    '1000',
  ],
  ['cpuset', 'cpus', { cpu: { cpus: '0' } }, 'cpuset.cpus', '0'],
  ['cpuset', 'mems', { cpu: { mems: '0' } }, 'cpuset.mems', '0'],
  ['pids', 'limit', { pids: { limit: 44 } }, 'pids.max', '44'],
  ['pids', 'unlimited', { pids: { limit: -1 } }, 'pids.max', 'max'],
  ['net_cls', 'class', { network: { classID: 1_048_577 } }, 'net_cls.classid', '1048577'],
  ['blkio', 'weight', { blockIO: { weight: 300 } }, 'blkio.weight', '300'],
  ['blkio', 'leaf-weight', { blockIO: { leafWeight: 300 } }, 'blkio.leaf_weight', '300'],
];

/** Fields of blockIO, and the files that list devices. */
const throttles = [
  ['throttleReadBpsDevice', 'blkio.throttle.read_bps_device'],
  ['throttleWriteBpsDevice', 'blkio.throttle.write_bps_device'],
  ['throttleReadIOPSDevice', 'blkio.throttle.read_iops_device'],
  ['throttleWriteIOPSDevice', 'blkio.throttle.write_iops_device'],
] as const;

const proves = ['runtime/lifecycle/1', 'runtime/create/4'];

export const limitTestsV1 = subject('cgroup-v1', (test) => {
  for (const [name, slug, resources, file, value, attempt] of rows)
    test(
      `${name}-${slug}`,
      `${JSON.stringify(resources)} makes ${file} ${value}`,
      { proves, needs: [cgroupV1, controller(name)] },
      async (trial) => {
        await expectTaken(trial, name, file, attempt);
        const container = trial.container(({ linux }) => {
          linux.resources = resources;
        });
        await container.created();
        equal(limitOf(name, container.cgroup, file), value);
        // One that is idle takes its time to end, for which not every runtime’s delete waits.
        await container.kill('KILL');
        await container.ended();
      },
    );

  for (const [field, file] of throttles)
    test(
      `blkio-${field}`,
      `${field} limits a device`,
      { proves, needs: [cgroupV1, controller('blkio')] },
      async (trial) => {
        const [major, minor] = disk();
        const container = trial.container(({ linux }) => {
          linux.resources = { blockIO: { [field]: [{ major, minor, rate: 4096 }] } };
        });
        await container.created();
        equal(limitOf('blkio', container.cgroup, file), `${major}:${minor} 4096`);
      },
    );

  test(
    'memory-oom-killer',
    'The OOM killer can be disabled',
    { proves, needs: [cgroupV1, controller('memory')] },
    async (trial) => {
      const container = trial.container(({ linux }) => {
        linux.resources = { memory: { limit: 64 * MiB, disableOOMKiller: true } };
      });
      await container.created();
      const [first] = limitOf('memory', container.cgroup, 'memory.oom_control').split('\n');
      equal(first, 'oom_kill_disable 1');
    },
  );

  test(
    'memory-kernel',
    'A limit of kernel memory is applied or refused, but not ignored',
    { proves: ['runtime/create/4', 'runtime/create/6'], needs: [cgroupV1, controller('memory')] },
    async (trial) => {
      const file = 'memory.kmem.limit_in_bytes';
      const container = trial.container(({ linux }) => {
        linux.resources = { memory: { kernel: 32 * MiB } };
      });
      await expectTaken(trial, 'memory', file, `${32 * MiB}`);
      const { status } = await container.create();
      const found = limitOf('memory', container.cgroup, file);
      if (status === 0) equal(found, `${32 * MiB}`);
    },
  );

  test(
    'net_prio-priorities',
    'Network priorities are those that are demanded',
    { proves, needs: [cgroupV1, controller('net_prio')] },
    async (trial) => {
      const container = trial.container(({ linux }) => {
        linux.resources = { network: { priorities: [{ name: 'lo', priority: 5 }] } };
      });
      await container.created();
      const lines = limitOf('net_prio', container.cgroup, 'net_prio.ifpriomap').split('\n');
      equal(lines.includes('lo 5'), true);
    },
  );

  test(
    'hugetlb-limit',
    'Huge pages are limited, their reservation where the kernel can',
    { proves, needs: [cgroupV1, controller('hugetlb')] },
    async (trial) => {
      const container = trial.container(({ linux }) => {
        linux.resources = { hugepageLimits: [{ pageSize: '2MB', limit: 4 * MiB }] };
      });
      await container.created();
      const file = (kind: string) =>
        limitOf('hugetlb', container.cgroup, `hugetlb.2MB.${kind}limit_in_bytes`);
      if (file('') === '') throw new NotTestable('needs huge pages of 2 MB');
      equal(file('rsvd.') || file(''), `${4 * MiB}`);
    },
  );
});
