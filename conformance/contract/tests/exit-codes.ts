import { equal, match } from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Prepare } from '../../lib/container.js';
import { sendSignal } from '../../lib/send-signal.js';
import { until } from '../../lib/until.js';
import { subject } from '../../runner/test.js';
import { fails, succeeds } from '../../runner/trial.js';
import { running, stopped } from '../help.js';

const withArgs =
  (...args: string[]): Prepare =>
  ({ process }) => {
    process.args = args;
  };

/** How its own process ends, and the code that tells it. */
const ends: readonly (readonly [slug: string, operations: string[], code: number])[] = [
  ['zero', ['exit', '0'], 0],
  ['one', ['exit', '1'], 1],
  ['large', ['exit', '200'], 200],
  ['255', ['exit', '255'], 255],
];

/** What a process that waits is killed with. */
const signals = [
  ['KILL', 137],
  ['TERM', 143],
  ['USR1', 138],
] as const;

/** One whose interpreter there is not, which only the kernel finds out. */
const withScript: Prepare = (config, { rootfs }) => {
  writeFileSync(`${rootfs}/script`, '#!/nowhere\n', { mode: 0o755 });
  config.process.args = ['/script'];
};

export const exitTests = subject('engine-exit-codes', (test) => {
  for (const verb of ['state', 'start', 'kill', 'delete', 'pause', 'resume', 'update'])
    test(
      `missing-${verb}`,
      `${verb} of a container that there is not ends with 1`,
      { proves: ['logging/failure'] },
      async (trial) => {
        equal((await fails(trial.runtime(verb, 'engine-nobody'))).status, 1);
      },
    );

  for (const [slug, operations, code] of ends) {
    test(
      `run-${slug}`,
      `run ends with ${code} when the container’s process does`,
      { proves: ['logging/run-code'] },
      async (trial) => {
        const { status } = await trial.container(withArgs('/probe', ...operations)).runtime('run');
        equal(status, code);
        await trial.expectNothingLeft();
      },
    );

    test(
      `exec-${slug}`,
      `exec ends with ${code} when the command does`,
      { proves: ['logging/exec-code'] },
      async (trial) => {
        const container = await running(trial);
        equal((await container.exec([], '/probe', ...operations)).status, code);
        equal(await container.status(), 'running');
      },
    );
  }

  test(
    'run-signal',
    'run ends with 137 when the container is killed by SIGKILL',
    { proves: ['logging/run-code'] },
    async (trial) => {
      const container = trial.container(withArgs('/probe', 'wait'));
      const call = trial.start(container.words('run'));

      await until('it runs', () => call.stdout().includes('\n'));
      await succeeds(container.kill('KILL'));
      equal((await call.ended()).status, 137);
      await trial.expectNothingLeft();
    },
  );

  for (const [name, code] of signals)
    test(
      `exec-${name.toLowerCase()}`,
      `exec ends with ${code} when the command is killed by SIG${name}`,
      { proves: ['logging/exec-code'] },
      async (trial) => {
        const container = await running(trial);
        const file = trial.file('pid');
        const call = trial.start(container.execWords(['--pid-file', file], '/probe', 'wait'));
        const pid = () => (existsSync(file) ? readFileSync(file, 'utf8') : '');
        await until('it runs', () => call.stdout().includes('\n') && pid() !== '');
        sendSignal(Number(pid()), `SIG${name}`);
        equal((await call.ended()).status, code);
      },
    );

  test(
    'run-failure',
    'run ends with 1 when there is no such program, and leaves nothing',
    { proves: ['logging/run-failure'] },
    async (trial) => {
      equal((await trial.container(withArgs('/nowhere')).runtime('run')).status, 1);
      await trial.expectNothingLeft();
    },
  );

  test(
    'exec-missing-program',
    'exec ends with 255 when there is no such program',
    { proves: ['logging/exec-failure'] },
    async (trial) => {
      const container = await running(trial);
      equal((await container.exec([], '/nowhere')).status, 255);
    },
  );

  test(
    'exec-missing-container',
    'exec ends with 255 when there is no such container',
    { proves: ['logging/exec-failure'] },
    async (trial) => {
      equal((await trial.runtime('exec', 'engine-nobody', '/probe')).status, 255);
    },
  );

  test(
    'exec-stopped',
    'exec ends with 255 when the container has ended',
    { proves: ['logging/exec-failure'] },
    async (trial) => {
      equal((await (await stopped(trial)).exec([], '/probe')).status, 255);
    },
  );

  test(
    'exec-bad-user',
    'exec ends with 255 when the user is no number',
    { proves: ['logging/exec-failure'] },
    async (trial) => {
      const container = await running(trial);
      equal((await container.exec(['--user', 'somebody'], '/probe')).status, 255);
    },
  );

  test(
    'late-start',
    'start succeeds when the kernel refuses the program after the release',
    { proves: ['logging/late-failure'] },
    async (trial) => {
      const container = trial.container(withScript);
      await container.created();
      const { status } = await container.start();
      await container.ended();
      equal(status, 0);
    },
  );

  test(
    'late-run',
    'run ends with 255 when the kernel refuses the program after the release, and says why',
    { proves: ['logging/late-failure'] },
    async (trial) => {
      const { status, stderr } = await trial.container(withScript).runtime('run');
      match(stderr, /script.*no such file or directory/i);
      equal(status, 255);
    },
  );
});
