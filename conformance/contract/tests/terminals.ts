/** Whose terminals are, where they are, and when there can be none. */
import { deepEqual, equal, match } from 'node:assert/strict';
import { chmodSync } from 'node:fs';
import type { Prepare } from '../../lib/container.js';
import { until } from '../../lib/until.js';
import { type Report, type Result, readReport } from '../../probe/report.js';
import { manyIds } from '../../runner/host.js';
import { subject } from '../../runner/test.js';
import { succeeds } from '../../runner/trial.js';
import { failsWith, listening, running, written } from '../help.js';

const drained = (path: string): string[] => ['receive', path, 'drain'];

const withoutSocket = /cannot allocate tty if runc will detach without setting console socket/;
const withoutTerminal = /cannot use console socket if runc will not detach or allocate tty/;

/** Where others than root may write. */
const forAll: Prepare = (_, { rootfs }) => chmodSync(`${rootfs}/tmp`, 0o777);

const resultsOf = ({ results }: Report, name: string): Result[] =>
  results.filter(({ operation }) => operation === name);

export const terminalTests = subject('engine-terminals', (test) => {
  for (const verb of ['create', 'exec'] as const)
    test(
      `owner-${verb}`,
      `The terminal of ${verb} belongs to the user of the process, who may open it`,
      { proves: ['protocols/console-owner'], needs: [manyIds] },
      async (trial) => {
        const operations = ['stat', '/dev/pts/0', 'append', '/dev/tty', 'mine'];
        const user = { uid: 1000, gid: 1000 };
        const args = ['/probe', 'to', '/tmp/report', ...operations];
        const container =
          verb === 'exec'
            ? await running(trial, forAll)
            : trial.container((config, paths) => {
                forAll(config, paths);
                Object.assign(config.process, { terminal: true, user, args });
              });
        await listening(trial, drained, async (path) => {
          if (verb === 'exec') {
            const file = container.processFile({ terminal: true, user, args });
            const options = ['--detach', '--process', file, '--console-socket', path];
            await succeeds(container.exec(options));
          } else await container.started('--console-socket', path);
          await until('it has ended', () => written(container, 'report').endsWith('\n'));
        });
        const report = readReport(written(container, 'report'));
        const [slave, mine] = [resultsOf(report, 'stat')[0], resultsOf(report, 'append')[0]];
        deepEqual([slave?.uid, mine?.errno], [1000, undefined]);
      },
    );

  test(
    'inside',
    'The three streams are /dev/pts/0, and /dev/console is the same device',
    { proves: ['protocols/console-inside', 'protocols/console-terminal'] },
    async (trial) => {
      const container = trial.container(({ process }) => {
        process.terminal = true;
        const operations = ['stat', '/dev/pts/0', 'stat', '/dev/console'];
        process.args = ['/probe', 'to', '/tmp/report', ...operations];
      });
      await listening(trial, drained, async (path) => {
        await container.started('--console-socket', path);
        await container.ended();
      });
      const report = readReport(written(container, 'report'));
      const { fds } = report;
      const [slave, console] = resultsOf(report, 'stat');
      for (const { target } of fds) match(String(target), /^\/dev\/(pts\/0|console)$/);
      equal(fds.length, 3);
      deepEqual([slave?.type, slave?.major, slave?.minor], ['character', 136, 0]);
      deepEqual([console?.type, console?.major, console?.minor], ['character', 136, 0]);
    },
  );

  test(
    'exec-size',
    'The terminal of exec has the size that its file asks for',
    { proves: ['protocols/console-size', 'protocols/console-exec'] },
    async (trial) => {
      const container = await running(trial);
      const file = container.processFile({
        terminal: true,
        consoleSize: { height: 37, width: 119 },
        args: ['/probe', 'to', '/tmp/report', 'sized'],
      });
      await listening(trial, drained, async (path) => {
        const options = ['--detach', '--process', file, '--console-socket', path];
        await succeeds(container.exec(options));
        await until('it has ended', () => written(container, 'report').endsWith('\n'));
      });
      const [{ rows, columns } = {}] = resultsOf(readReport(written(container, 'report')), 'sized');
      deepEqual([rows, columns], [37, 119]);
    },
  );

  test(
    'name',
    'The name of the terminal has from 1 to 4095 bytes',
    { proves: ['protocols/console-message'] },
    async (trial) => {
      const container = trial.container(({ process }) => {
        process.terminal = true;
      });
      const report = await listening(trial, drained, async (path) => {
        await container.started('--console-socket', path);
        await container.ended();
      });
      match(String(report.results[0]?.text), /^[^\0\n]{1,4095}$/);
    },
  );

  test(
    'run-without-socket',
    'run --detach refuses a terminal without a socket',
    { proves: ['protocols/console-refused'] },
    async (trial) => {
      const container = trial.container(({ process }) => {
        process.terminal = true;
      });
      await failsWith(container.runtime('run', '--detach'), 1, withoutSocket);
      await trial.expectNothingLeft();
    },
  );

  test(
    'exec-without-socket',
    'exec --detach --tty without a socket is refused',
    { proves: ['protocols/console-refused'] },
    async (trial) => {
      const container = await running(trial);
      const finished = container.exec(['--detach', '--tty'], '/probe', 'to', '/dev/null');
      await failsWith(finished, 255, withoutSocket);
    },
  );

  test(
    'exec-without-terminal',
    'exec with a socket and without a terminal is refused',
    { proves: ['protocols/console-refused'] },
    async (trial) => {
      const container = await running(trial);
      const options = ['--detach', '--console-socket', trial.file('socket')];
      await failsWith(container.exec(options, '/probe', 'to', '/dev/null'), 255, withoutTerminal);
    },
  );
});
