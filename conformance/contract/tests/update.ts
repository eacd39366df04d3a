/** Every option of update, and what an update leaves alone. */
import { deepEqual, equal } from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import type { Container } from '../../lib/container.js';
import { cgroupFile, textOf } from '../../lib/machine.js';
import { cgroupV1, cgroupV2, controller, root } from '../../runner/host.js';
import { type Need, NotTestable, subject } from '../../runner/test.js';
import { succeeds, type Trial } from '../../runner/trial.js';
import { failsWith, running, stopped } from '../help.js';

const MiB = 1 << 20;

/** Files, and what they show afterwards. */
type Shown = Readonly<Record<string, string>>;

/** What an update changes: name, words, and what that is in both versions. */
interface Row {
  readonly slug: string;
  readonly words: readonly string[];
  readonly v1?: Shown;
  readonly v2?: Shown;
}

const rows: readonly Row[] = [
  {
    slug: 'memory-size',
    words: ['--memory', '64m'],
    v1: { 'memory.limit_in_bytes': String(64 * MiB) },
    v2: { 'memory.max': String(64 * MiB) },
  },
  {
    slug: 'memory-bytes',
    words: ['--memory', String(96 * MiB)],
    v2: { 'memory.max': String(96 * MiB) },
  },
  {
    slug: 'memory-reservation-size',
    words: ['--memory-reservation', '32768k'],
    v1: { 'memory.soft_limit_in_bytes': String(32 * MiB) },
    v2: { 'memory.low': String(32 * MiB) },
  },
  {
    slug: 'memory-swap',
    words: ['--memory-swap', '192M'],
    v1: { 'memory.memsw.limit_in_bytes': String(192 * MiB) },
    v2: { 'memory.swap.max': String(64 * MiB) },
  },
  {
    slug: 'memory-and-swap',
    words: ['--memory', '256m', '--memory-swap', '512m'],
    v1: {
      'memory.limit_in_bytes': String(256 * MiB),
      'memory.memsw.limit_in_bytes': String(512 * MiB),
    },
    v2: { 'memory.max': String(256 * MiB), 'memory.swap.max': String(256 * MiB) },
  },
  {
    slug: 'pids-unlimited',
    words: ['--pids-limit', '-1'],
    v1: { 'pids.max': 'max' },
    v2: { 'pids.max': 'max' },
  },
  { slug: 'pids', words: ['--pids-limit', '20'], v2: { 'pids.max': '20' } },
  {
    slug: 'cpu-quota-and-period',
    words: ['--cpu-quota', '25000', '--cpu-period', '50000'],
    v1: { 'cpu.cfs_quota_us': '25000', 'cpu.cfs_period_us': '50000' },
    v2: { 'cpu.max': '25000 50000' },
  },
  {
    slug: 'cpu-burst',
    words: ['--cpu-quota', '25000', '--cpu-burst', '9000'],
    v1: { 'cpu.cfs_burst_us': '9000' },
    v2: { 'cpu.max.burst': '9000' },
  },
  {
    slug: 'cpu-idle',
    words: ['--cpu-idle', '1'],
    v1: { 'cpu.idle': '1' },
    v2: { 'cpu.idle': '1' },
  },
  {
    slug: 'cpu-real-time',
    words: ['--cpu-rt-period', '500000', '--cpu-rt-runtime', '1000'],
    v1: { 'cpu.rt_period_us': '500000', 'cpu.rt_runtime_us': '1000' },
  },
  {
    slug: 'cpuset',
    words: ['--cpuset-cpus', '0', '--cpuset-mems', '0'],
    v2: { 'cpuset.cpus': '0', 'cpuset.mems': '0' },
  },
];

const shown = (container: Container, file: string): string =>
  textOf(cgroupFile(file.split('.')[0] ?? '', container.cgroup, file)).trim();

/** Of the container; a kernel may have been built without one of them. */
function show(container: Container, files: readonly string[]): Shown {
  const all = Object.fromEntries(files.map((file) => [file, shown(container, file)]));
  const [missing] = files.filter((file) => all[file] === '');
  if (missing !== undefined) throw new NotTestable(`cgroups have no ${missing} here`);
  return all;
}

const limited = (trial: Trial): Promise<Container> =>
  running(trial, ({ linux }) => {
    linux.resources = { ...linux.resources, memory: { limit: 128 * MiB }, pids: { limit: 30 } };
  });

const needsOf = (files: Shown, version: Need): Need[] => {
  const names = Object.keys(files).map((file) => file.split('.')[0] ?? '');
  return [version, ...new Set(names)].map((each) =>
    typeof each === 'string' ? controller(each) : each,
  );
};

/** The words of the update, in one version of cgroups. */
async function updates(trial: Trial, words: readonly string[], expected: Shown): Promise<void> {
  const container = await limited(trial);
  const files = Object.keys(expected);
  show(container, files);
  await succeeds(trial.runtime('update', ...words, container.id));
  deepEqual(show(container, files), expected);
}

export const updateTests = subject('engine-update', (test) => {
  for (const { slug, words, v1, v2 } of rows)
    for (const [version, need, expected] of [
      ['v1', cgroupV1, v1],
      ['v2', cgroupV2, v2],
    ] as const) {
      if (expected === undefined) continue;
      test(
        `${slug}-${version}`,
        `update ${words.join(' ')} sets ${Object.keys(expected).join(' and ')}`,
        {
          proves: ['commands/update-options', 'commands/update-memory'],
          needs: needsOf(expected, need),
        },
        (trial) => updates(trial, words, expected),
      );
    }

  test(
    'blkio-weight',
    'update --blkio-weight 300 sets the weight of block I/O',
    { proves: ['commands/update-options'], needs: [controller('blkio'), cgroupV1] },
    async (trial) => {
      const container = await running(trial);
      const weights = () =>
        ['blkio.weight', 'blkio.bfq.weight'].map((file) => shown(container, file)).filter(Boolean);
      if (weights().length === 0) throw new NotTestable('cgroups have no weight of block I/O here');
      await succeeds(trial.runtime('update', '--blkio-weight', '300', container.id));
      deepEqual([...new Set(weights())], ['300']);
    },
  );

  test(
    'memory-unlimited',
    'Without a limit of memory there is none of memory and swap either',
    {
      proves: ['commands/update-memory'],
      needs: [controller('memory'), cgroupV1],
    },
    async (trial) => {
      const container = await running(trial, ({ linux }) => {
        const memory = { limit: 128 * MiB, swap: 128 * MiB };
        linux.resources = { ...linux.resources, memory };
      });
      const files = ['memory.limit_in_bytes', 'memory.memsw.limit_in_bytes'];
      const both = String(128 * MiB);
      deepEqual(Object.values(show(container, files)), [both, both]);
      const unlimited = textOf(cgroupFile('memory', '/', 'memory.limit_in_bytes')).trim();
      await succeeds(trial.runtime('update', '--memory', '-1', container.id));
      deepEqual(Object.values(show(container, files)), [unlimited, unlimited]);
    },
  );

  for (const option of ['--kernel-memory', '--kernel-memory-tcp'])
    test(
      `ignored${option.slice(1)}`,
      `update ${option} is taken, and changes nothing`,
      { proves: ['commands/update-kernel-memory'], needs: [controller('memory')] },
      async (trial) => {
        const container = await limited(trial);
        await succeeds(trial.runtime('update', option, String(50 * MiB), container.id));
        if (trial.host.cgroups === 'v2') return;
        const file = option.endsWith('tcp') ? 'memory.kmem.tcp.limit_in_bytes' : '';
        if (file !== '')
          equal(shown(container, file), textOf(cgroupFile('memory', '/', file)).trim());
        equal(shown(container, 'memory.limit_in_bytes'), String(128 * MiB));
      },
    );

  test(
    'check',
    'With checkBeforeUpdate a limit below what is in use is refused: rejecting memory limit',
    { proves: ['commands/update-check'], needs: [controller('memory')] },
    async (trial) => {
      const container = await limited(trial);
      const path = trial.file('limits');
      writeFileSync(path, '{"memory":{"limit":4096,"checkBeforeUpdate":true}}');
      const words = ['update', '--resources', path, container.id];
      await failsWith(trial.runtime(...words), 1, /rejecting memory limit/);
      const file = trial.host.cgroups === 'v2' ? 'memory.max' : 'memory.limit_in_bytes';
      equal(shown(container, file), String(128 * MiB));
    },
  );

  test(
    'second',
    'A second update leaves what the first has changed',
    { proves: ['commands/update-absent'], needs: [controller('memory'), controller('pids')] },
    async (trial) => {
      const container = await limited(trial);
      await succeeds(trial.runtime('update', '--pids-limit', '20', container.id));
      await succeeds(trial.runtime('update', '--memory', '64m', container.id));
      const file = trial.host.cgroups === 'v2' ? 'memory.max' : 'memory.limit_in_bytes';
      deepEqual(show(container, ['pids.max', file]), {
        'pids.max': '20',
        [file]: String(64 * MiB),
      });
    },
  );

  test(
    'unified',
    'Files of cgroup v2 that a document names are written',
    { proves: ['commands/update-resources'], needs: [cgroupV2, controller('pids')] },
    async (trial) => {
      const container = await limited(trial);
      const path = trial.file('limits');
      writeFileSync(path, '{"unified":{"pids.max":"13"}}');
      await succeeds(trial.runtime('update', '--resources', path, container.id));
      equal(shown(container, 'pids.max'), '13');
    },
  );

  test(
    'stopped-words',
    'update of a container that has ended says: container not running',
    { proves: ['commands/update-stopped'], needs: [root] },
    async (trial) => {
      const { id } = await stopped(trial);
      const words = ['update', '--pids-limit', '20', id];
      await failsWith(trial.runtime(...words), 1, /container not running/);
    },
  );
});
