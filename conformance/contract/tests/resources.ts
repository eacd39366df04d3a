import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import type { Container } from '../../lib/container.js';
import { cgroupFile, processState, textOf } from '../../lib/machine.js';
import { until } from '../../lib/until.js';
import { cgroupV1, controller, root } from '../../runner/host.js';
import { subject } from '../../runner/test.js';
import { fails, succeeds, type Trial } from '../../runner/trial.js';
import { created, running, stopped } from '../help.js';

const MiB = 1 << 20;

const shown = (container: Container, file: string): string =>
  textOf(cgroupFile(file.split('.')[0] ?? '', container.cgroup, file)).trim();

/** `update --resources -` with a document on the standard input. */
async function updateWith(trial: Trial, { id }: Container, text: string, ...flags: string[]) {
  writeFileSync(trial.file('limits'), text);
  const stdin = openSync(trial.file('limits'), 'r');
  return trial
    .with({ stdin }, 'update', '--resources', '-', ...flags, id)
    .finally(() => closeSync(stdin));
}

/** Option and value, the file of v1 that shows it, and how. */
const options: readonly (readonly [option: string, value: string, file: string, shown: string])[] =
  [
    ['--memory', String(64 * MiB), 'memory.limit_in_bytes', String(64 * MiB)],
    ['--memory-reservation', String(32 * MiB), 'memory.soft_limit_in_bytes', String(32 * MiB)],
    ['--cpu-share', '300', 'cpu.shares', '300'],
    ['--cpu-period', '50000', 'cpu.cfs_period_us', '50000'],
    ['--cpu-quota', '20000', 'cpu.cfs_quota_us', '20000'],
    ['--cpuset-cpus', '0', 'cpuset.cpus', '0'],
    ['--cpuset-mems', '0', 'cpuset.mems', '0'],
    ['--pids-limit', '20', 'pids.max', '20'],
  ];

const limited = (trial: Trial): Promise<Container> =>
  running(trial, ({ linux }) => {
    linux.resources = { ...linux.resources, memory: { limit: 128 * MiB }, pids: { limit: 30 } };
  });

export const resourceTests = subject('engine-update', (test) => {
  for (const [option, value, file, expected] of options)
    test(
      option.replace('--', ''),
      `update ${option} ${value} sets ${file}`,
      {
        proves: ['commands/update-options'],
        needs: [controller(file.split('.')[0] ?? ''), cgroupV1],
      },
      async (trial) => {
        const container = await limited(trial);
        await succeeds(trial.runtime('update', option, value, container.id));
        equal(shown(container, file), expected);
      },
    );

  test(
    'stdin',
    'Limits come as JSON on the standard input, and what they do not name stays',
    {
      proves: ['commands/update-resources', 'commands/update-absent'],
      needs: [controller('pids'), controller('memory'), cgroupV1],
    },
    async (trial) => {
      const container = await limited(trial);
      const blanks = ' '.repeat(100_000);
      await succeeds(updateWith(trial, container, `{${blanks}"pids":{"limit":9}}`));
      deepEqual(
        [shown(container, 'pids.max'), shown(container, 'memory.limit_in_bytes')],
        ['9', String(128 * MiB)],
      );
    },
  );

  test(
    'file',
    'Limits come as JSON from a file, and then no other option matters',
    {
      proves: ['commands/update-resources', 'commands/update-ignored'],
      needs: [controller('pids')],
    },
    async (trial) => {
      const container = await limited(trial);
      const path = trial.file('limits');
      writeFileSync(path, '{"pids":{"limit":11}}');
      await succeeds(trial.runtime('update', '-r', path, '--pids-limit', '5', container.id));
      equal(shown(container, 'pids.max'), '11');
    },
  );

  test(
    'quota-alone',
    'A quota alone keeps the period, and a period alone the quota',
    { proves: ['commands/update-absent'], needs: [controller('cpu'), cgroupV1] },
    async (trial) => {
      const container = await running(trial, ({ linux }) => {
        linux.resources = { ...linux.resources, cpu: { quota: 20_000, period: 50_000 } };
      });
      const cpu = () => [
        shown(container, 'cpu.cfs_quota_us'),
        shown(container, 'cpu.cfs_period_us'),
      ];
      await succeeds(trial.runtime('update', '--cpu-period', '60000', container.id));
      deepEqual(cpu(), ['20000', '60000']);
      await succeeds(trial.runtime('update', '--cpu-quota', '30000', container.id));
      deepEqual(cpu(), ['30000', '60000']);
    },
  );

  test(
    'devices',
    'An update does not change what devices can be used',
    { proves: ['commands/update-devices'], needs: [controller('devices'), cgroupV1] },
    async (trial) => {
      const container = await running(trial);
      const before = shown(container, 'devices.list');
      const text = '{"devices":[{"allow":true,"access":"rwm"}],"pids":{"limit":5}}';
      await succeeds(updateWith(trial, container, text));
      equal(shown(container, 'devices.list'), before);
    },
  );

  test(
    'undone',
    'If one limit cannot be set, the others are as before',
    {
      proves: ['commands/update-undone'],
      needs: [controller('memory'), controller('cpuset'), cgroupV1],
    },
    async (trial) => {
      const container = await limited(trial);
      const words = ['--memory', String(64 * MiB), '--cpuset-cpus', '4095'];
      await fails(trial.runtime('update', ...words, container.id));
      equal(shown(container, 'memory.limit_in_bytes'), String(128 * MiB));
    },
  );

  test(
    'created',
    'A container that waits for its start can be updated',
    { proves: ['commands/update-options'], needs: [controller('pids')] },
    async (trial) => {
      const container = await created(trial);
      await succeeds(trial.runtime('update', '--pids-limit', '20', container.id));
      equal(shown(container, 'pids.max'), '20');
    },
  );

  test(
    'stopped',
    'A container that has ended cannot be updated',
    { proves: ['commands/update-stopped'], needs: [root] },
    async (trial) => {
      const { id } = await stopped(trial);
      equal((await fails(trial.runtime('update', '--pids-limit', '20', id))).status, 1);
    },
  );

  test(
    'bad',
    'What is no JSON, and what is no number, is refused',
    { proves: ['commands/update-bad'], needs: [controller('pids')] },
    async (trial) => {
      const container = await limited(trial);
      await fails(updateWith(trial, container, '{"pids":{"limit":9}'));
      await fails(updateWith(trial, container, '{"pids":{"limit":"nine"}}'));
      await fails(trial.runtime('update', '--pids-limit', 'many', container.id));
      equal(shown(container, 'pids.max'), '30');
    },
  );
});

export const pauseTests = subject('engine-pause', (test) => {
  test(
    'does-nothing',
    'Signals wait until a paused container goes on',
    { proves: ['commands/pause'], needs: [root] },
    async (trial) => {
      const container = await trial.probing(['signals', '/tmp/signals']);
      await container.wrote('\n');
      await succeeds(trial.runtime('pause', container.id));
      await succeeds(container.kill('10'));
      const file = `${container.rootfs}/tmp/signals`;
      equal(textOf(file), '');
      await succeeds(trial.runtime('resume', container.id));
      await until('the signal comes', () => textOf(file) === '10\n');
    },
  );

  test(
    'refused',
    'A container that has ended cannot be paused, one that runs cannot be resumed',
    { proves: ['commands/pause-refused'], needs: [root] },
    async (trial) => {
      const { id } = await stopped(trial);
      equal((await fails(trial.runtime('pause', id))).status, 1);
      equal((await fails(trial.runtime('resume', id))).status, 1);
      const container = await running(trial);
      equal((await fails(trial.runtime('resume', container.id))).status, 1);
      equal(await container.status(), 'running');
    },
  );
});

export const psTests = subject('engine-ps', (test) => {
  test(
    'json',
    'ps --format json prints the pids of the container, as the host knows them',
    { proves: ['commands/ps-json'], needs: [root] },
    async (trial) => {
      const container = await trial.probing(['child', 'wait']);
      await container.wrote('\n');
      for (const flag of ['--format', '-f']) {
        const { stdout } = await succeeds(trial.runtime('ps', flag, 'json', container.id));
        const pids: number[] = JSON.parse(stdout);
        equal(pids.length, 2);
        ok(pids.includes(container.pid));
        for (const pid of pids) match(textOf(`/proc/${pid}/cmdline`), /^\/probe\0/);
      }
    },
  );

  test(
    'table',
    'ps prints the head and a line for each process',
    { proves: ['commands/ps-table'], needs: [root] },
    async (trial) => {
      const container = await running(trial);
      const { stdout } = await succeeds(trial.runtime('ps', container.id));
      const [head = '', ...lines] = stdout.trimEnd().split('\n');
      match(head, /\bPID\b/);
      equal(lines.length, 1);
      ok(lines[0]?.split(/ +/).includes(String(container.pid)));
    },
  );

  test(
    'stopped',
    'A container that has ended has no processes',
    { proves: ['commands/ps-stopped'], needs: [root] },
    async (trial) => {
      const container = await running(trial);
      const { pid } = container;
      await succeeds(container.kill('KILL'));
      await until('it is gone', () => processState(pid) === '');
      const { stdout } = await succeeds(trial.runtime('ps', '--format', 'json', container.id));
      deepEqual(JSON.parse(stdout) ?? [], []);
    },
  );

  test(
    'format',
    'Another format is refused',
    { proves: ['commands/ps-format'], needs: [root] },
    async (trial) => {
      const container = await running(trial);
      await fails(trial.runtime('ps', '--format', 'xml', container.id));
    },
  );
});
