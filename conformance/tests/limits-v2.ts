import { equal, ok } from 'node:assert/strict';
import { cgroupV2, controller, root } from '../runner/host.js';
import { expectTaken, limitOf, refusedAnyhow } from '../runner/scratch.js';
import { subject } from '../runner/test.js';
import { disk } from './disk.js';

const MiB = 1 << 20;

/** Controller, what is demanded, the file, and what it says then. */
const rows: readonly (readonly [string, string, Record<string, unknown>, string, string])[] = [
  ['memory', 'limit', { memory: { limit: 64 * MiB } }, 'memory.max', `${64 * MiB}`],
  ['memory', 'unlimited', { memory: { limit: -1 } }, 'memory.max', 'max'],
  ['memory', 'reservation', { memory: { reservation: 32 * MiB } }, 'memory.low', `${32 * MiB}`],
  [
    'memory',
    'swap',
    { memory: { limit: 64 * MiB, swap: 96 * MiB } },
    'memory.swap.max',
    `${32 * MiB}`,
  ],
  ['memory', 'no-swap', { memory: { limit: MiB * 64, swap: MiB * 64 } }, 'memory.swap.max', '0'],
  ['cpu', 'quota', { cpu: { quota: 40_000, period: 80_000 } }, 'cpu.max', '40000 80000'],
  ['cpu', 'unlimited', { cpu: { quota: -1 } }, 'cpu.max', 'max 100000'],
  ['cpu', 'burst', { cpu: { quota: 40_000, burst: 9000 } }, 'cpu.max.burst', '9000'],
  ['cpu', 'idle', { cpu: { idle: 1 } }, 'cpu.idle', '1'],
  ['cpuset', 'cpus', { cpu: { cpus: '0' } }, 'cpuset.cpus', '0'],
  ['cpuset', 'mems', { cpu: { mems: '0' } }, 'cpuset.mems', '0'],
  ['pids', 'limit', { pids: { limit: 44 } }, 'pids.max', '44'],
  ['pids', 'unlimited', { pids: { limit: -1 } }, 'pids.max', 'max'],
  [
    'hugetlb',
    'reservation',
    { hugepageLimits: [{ pageSize: '2MB', limit: 4 * MiB }] },
    'hugetlb.2MB.rsvd.max',
    `${4 * MiB}`,
  ],
];

/** Fields of blockIO, and their names in io.max. */
const throttles = [
  ['throttleReadBpsDevice', 'rbps'],
  ['throttleWriteBpsDevice', 'wbps'],
  ['throttleReadIOPSDevice', 'riops'],
  ['throttleWriteIOPSDevice', 'wiops'],
] as const;

const proves = ['runtime/lifecycle/1', 'runtime/create/4'];

/** What has no counterpart in v2. */
const inconvertible: readonly (readonly [string, Record<string, unknown>])[] = [
  ['swappiness', { memory: { swappiness: 50 } }],
  ['oom-killer', { memory: { disableOOMKiller: true } }],
  ['kernel-tcp', { memory: { kernelTCP: 8 * MiB } }],
  ['realtime', { cpu: { realtimeRuntime: 1000 } }],
  ['leaf-weight', { blockIO: { leafWeight: 300 } }],
  ['class', { network: { classID: 5 } }],
  ['priorities', { network: { priorities: [{ name: 'lo', priority: 5 }] } }],
];

export const limitTestsV2 = subject('cgroup-v2', (test) => {
  for (const [name, slug, resources, file, value] of rows)
    test(
      `${name}-${slug}`,
      `${JSON.stringify(resources)} makes ${file} ${value}`,
      { proves, needs: [cgroupV2, controller(name)] },
      async (trial) => {
        await expectTaken(trial, name, file);
        const container = trial.container(({ linux }) => {
          linux.resources = resources;
        });
        await container.created();
        equal(limitOf(name, container.cgroup, file), value);
      },
    );

  test(
    'cpu-shares',
    'Shares become a weight that is less than the usual one if they are',
    { proves, needs: [cgroupV2, controller('cpu')] },
    async (trial) => {
      const container = trial.container(({ linux }) => {
        linux.resources = { cpu: { shares: 256 } };
      });
      await container.created();
      const weight = Number(limitOf('cpu', container.cgroup, 'cpu.weight'));
      ok(weight > 1 && weight < 100, `cpu.weight is ${weight}`);
    },
  );

  for (const [field, key] of throttles)
    test(
      `io-${field}`,
      `${field} limits a device`,
      { proves, needs: [cgroupV2, controller('io')] },
      async (trial) => {
        const [major, minor] = disk();
        const container = trial.container(({ linux }) => {
          linux.resources = { blockIO: { [field]: [{ major, minor, rate: 4096 }] } };
        });
        await container.created();
        const line = limitOf('io', container.cgroup, 'io.max');
        const words = line.split(' ');
        equal(words[0], `${major}:${minor}`);
        const limits = words.slice(1).filter((word) => !word.endsWith('=max'));
        equal(limits.join(' '), `${key}=4096`);
      },
    );

  test(
    'io-weight',
    'A weight of block I/O is not the usual one',
    { proves, needs: [cgroupV2, controller('io')] },
    async (trial) => {
      const container = trial.container(({ linux }) => {
        linux.resources = { blockIO: { weight: 300 } };
      });
      await expectTaken(trial, 'io', 'io.bfq.weight');
      await container.created();
      equal(limitOf('io', container.cgroup, 'io.bfq.weight').split(/\s/)[1], '300');
    },
  );

  for (const [slug, resources] of inconvertible)
    test(
      `no-${slug}`,
      `${JSON.stringify(resources)} is refused, since cgroup v2 has nothing like it`,
      { proves: ['config-linux/example/1'], needs: [cgroupV2, root] },
      (trial) =>
        refusedAnyhow(trial, ({ linux }) => {
          linux.resources = resources;
        }),
    );

  test(
    'no-page-size',
    'A limit of huge pages of a size that there is not is refused',
    { proves: ['runtime/create/6'], needs: [cgroupV2, root] },
    (trial) =>
      refusedAnyhow(trial, ({ linux }) => {
        linux.resources = { hugepageLimits: [{ pageSize: '3MB', limit: 4 * MiB }] };
      }),
  );
});
