import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { closeSync, existsSync, openSync, writeFileSync } from 'node:fs';
import type { Prepare } from '../../lib/container.js';
import { until } from '../../lib/until.js';
import { subject } from '../../runner/test.js';
import { succeeds } from '../../runner/trial.js';
import { written } from '../help.js';

const withArgs =
  (...args: string[]): Prepare =>
  ({ process }) => {
    process.args = args;
  };

export const runTests = subject('engine-run', (test) => {
  test(
    'streams',
    'In the foreground input to its end, output and error output pass',
    { proves: ['commands/run-streams'] },
    async (trial) => {
      const bytes = `${'line of input\n'.repeat(9000)}no end of line`;
      writeFileSync(trial.file('input'), bytes);
      const stdin = openSync(trial.file('input'), 'r');
      const container = trial.container(withArgs('/probe', 'stdin'));
      const { stdout } = await trial
        .with({ stdin }, ...container.words('run'))
        .finally(() => closeSync(stdin));
      const { text } = JSON.parse(stdout).results[0];
      // The probe keeps as much.
      equal(text, bytes.slice(0, text.length));
      ok(text.length > 60_000, `${text.length} bytes came`);
    },
  );

  test(
    'error-output',
    'What the container writes on its error output comes on the runtime’s',
    { proves: ['commands/run-streams'] },
    async (trial) => {
      const { status, stdout, stderr } = await trial
        .container(withArgs('/probe', 'no-such-operation'))
        .runtime('run');
      deepEqual([status, stdout], [122, '']);
      match(stderr, /(^|\n)probe: no operation is called no-such-operation\n$/);
    },
  );

  for (const name of ['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGINT'] as const)
    test(
      `forwards-${name.toLowerCase()}`,
      `run passes ${name} to the container`,
      { proves: ['commands/run-signals'] },
      async (trial) => {
        const numbers = { SIGTERM: 15, SIGHUP: 1, SIGUSR1: 10, SIGINT: 2 };
        const container = trial.container(withArgs('/probe', 'signals', '/tmp/signals'));
        const call = trial.start(container.words('run'));
        await until('it runs', () => call.stdout().includes('\n'));
        call.child.kill(name);
        // Some send themselves SIGURG, and pass that on.
        const got = () => written(container, 'signals').replaceAll('23\n', '');
        await until('the signal comes', () => got() !== '');
        await succeeds(container.kill('KILL'));
        equal((await call.ended()).status, 137);
        equal(got(), `${numbers[name]}\n`);
      },
    );

  test(
    'deleted',
    'After its end nothing is left of a container in the foreground',
    { proves: ['commands/run-deleted'] },
    async (trial) => {
      const container = trial.container();
      await succeeds(container.runtime('run'));
      deepEqual(trial.leftovers(), []);
    },
  );

  test(
    'kept',
    'With --keep the container stays, stopped',
    { proves: ['commands/run-deleted'] },
    async (trial) => {
      const container = trial.container();
      await succeeds(container.runtime('run', '--keep'));
      equal(await container.status(), 'stopped');
      await succeeds(container.delete());
      ok(!existsSync(container.state));
    },
  );

  for (const flag of ['--detach', '-d'])
    test(
      `detached${flag.replaceAll('-', '')}`,
      `run ${flag} ends when the process runs`,
      { proves: ['commands/run-detached'] },
      async (trial) => {
        const container = trial.container(withArgs('/probe', 'wait'));
        await succeeds(container.runtime('run', flag));
        await container.wrote('\n');
        const { status, pid } = await container.query();
        deepEqual([status, pid], ['running', container.pid]);
      },
    );

  for (const flag of ['--no-subreaper', '-no-subreaper'])
    test(
      `no-subreaper-${flag.startsWith('--') ? 'two' : 'one'}`,
      `run takes ${flag}`,
      { proves: ['commands/run-no-subreaper'] },
      async (trial) => {
        const { status } = await trial
          .container(withArgs('/probe', 'exit', '4'))
          .runtime('run', flag);
        equal(status, 4);
      },
    );
});
