import { deepEqual, equal, match, notEqual, ok } from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { startCall } from '../../lib/call.js';
import type { Config } from '../../lib/config.js';
import type { Container } from '../../lib/container.js';
import { until } from '../../lib/until.js';
import { type Report, readReport } from '../../probe/report.js';
import { kernel, root } from '../../runner/host.js';
import { subject } from '../../runner/test.js';
import { fails, succeeds, type Trial } from '../../runner/trial.js';
import { around, failsWith, heardBy, listening, running, windowIn, written } from '../help.js';

/** On a terminal, and what it sees goes to a file. */
const onTerminal =
  (...operations: readonly string[]) =>
  ({ process }: Config): void => {
    process.terminal = true;
    process.args = ['/probe', 'to', '/tmp/report', ...operations];
  };

const console = (path: string): string[] => ['receive', path, 'drain'];

/** One message with one descriptor, then the end. */
function expectMessage({ results: [message] }: Report): void {
  deepEqual([message?.descriptors, message?.more], [1, 0]);
  notEqual(message?.text, '');
}

const pidIn = ({ results: [message] }: Report): number =>
  Number(/^Pid:\t(\d+)$/m.exec(String(message?.info))?.[1]);

export const consoleTests = subject('engine-console', (test) => {
  for (const [verb, flags] of [
    ['create', []],
    ['run', ['--detach']],
  ] as const)
    test(
      verb,
      `${verb} sends the terminal: one message, one descriptor, a name, the end`,
      { proves: ['protocols/console-message', 'protocols/console-terminal'] },
      async (trial) => {
        const container = trial.container(
          onTerminal('append', '/dev/console', 'through the console'),
        );
        const report = await listening(trial, console, async (path) => {
          await succeeds(container.runtime(verb, ...flags, '--console-socket', path));
          if (verb === 'create') await succeeds(container.start());
          await container.ended();
        });
        expectMessage(report);
        equal(report.results[0]?.terminal, 1);
        match(String(report.results[0]?.target), /ptmx$/);
        equal(report.results[1]?.text, 'through the console');
        const inside = readReport(written(container, 'report'));
        deepEqual(
          inside.fds.map(({ fd, terminal }) => [fd, terminal]),
          [
            [0, 1],
            [1, 1],
            [2, 1],
          ],
        );
      },
    );

  test(
    'controlling',
    'The terminal controls the session of the process',
    { proves: ['protocols/console-terminal'] },
    async (trial) => {
      const container = trial.container(onTerminal('append', '/dev/tty', 'controls'));
      const report = await listening(trial, console, async (path) => {
        await container.started('--console-socket', path);
        await container.ended();
      });
      equal(report.results[1]?.text, 'controls');
    },
  );

  test(
    'size',
    'The terminal has the size that the configuration asks for',
    { proves: ['protocols/console-size'] },
    async (trial) => {
      const container = trial.container((config) => {
        onTerminal('window')(config);
        config.process.consoleSize = { height: 41, width: 123 };
      });
      await listening(trial, console, async (path) => {
        await container.started('--console-socket', path);
        await container.ended();
      });
      const window = windowIn(readReport(written(container, 'report')));
      deepEqual([window?.rows, window?.columns], [41, 123]);
    },
  );

  test(
    'exec',
    'exec --tty --detach sends the terminal of its process',
    { proves: ['protocols/console-exec', 'protocols/console-message'] },
    async (trial) => {
      const container = await running(trial);
      const report = await listening(trial, console, async (path) => {
        const options = ['--detach', '--tty', '--console-socket', path];
        const command = ['/probe', 'to', '/tmp/report', 'append', '/dev/tty', 'from exec'];
        await succeeds(container.exec(options, ...command));
        await until('it has ended', () => written(container, 'report').endsWith('\n'));
      });
      expectMessage(report);
      equal(report.results[1]?.text, 'from exec');
      const { fds } = readReport(written(container, 'report'));
      deepEqual(
        fds.map(({ terminal }) => terminal),
        [1, 1, 1],
      );
    },
  );

  test(
    'none',
    'A terminal without a console socket is refused by create',
    { proves: ['protocols/console-refused'] },
    async (trial) => {
      equal((await fails(trial.container(onTerminal()).create())).status, 1);
      await trial.expectNothingLeft();
    },
  );

  test(
    'none-words',
    'A terminal without a console socket is refused in runc’s words',
    { proves: ['protocols/console-refused'] },
    async (trial) => {
      const words = /cannot allocate tty if runc will detach without setting console socket/;
      await failsWith(trial.container(onTerminal()).create(), 1, words);
    },
  );

  test(
    'useless',
    'A console socket without a terminal is refused',
    { proves: ['protocols/console-refused'] },
    async (trial) => {
      const words = /cannot use console socket if runc will not detach or allocate tty/;
      const container = trial.container();
      await failsWith(container.create('--console-socket', trial.file('socket')), 1, words);
    },
  );

  test(
    'nobody',
    'A console socket at which nobody listens fails create, which is undone',
    { proves: ['protocols/console-missing'] },
    async (trial) => {
      const container = trial.container(onTerminal());
      await fails(container.create('--console-socket', trial.file('socket')));
      await trial.expectNothingLeft();
    },
  );

  test(
    'foreground',
    'run on a terminal passes it on with its size, and leaves it as it was',
    { proves: ['protocols/console-foreground'] },
    async (trial) => {
      const container = trial.container((config) => {
        onTerminal('sized', 'append', '/dev/tty', 'shown', 'exit', '5')(config);
      });
      const words = around(trial, ['terminal'], container.words('run'));
      const { stdout, stderr } = await startCall(trial.folder, words).ended();
      const [{ status, restored } = {}] = readReport(stdout).results;
      deepEqual([status, restored], [5, 1]);
      match(stderr, /shown/);
      const window = windowIn(readReport(written(container, 'report')));
      deepEqual([window?.rows, window?.columns], [33, 101]);
    },
  );
});

export const pidfdTests = subject('engine-pidfd', (test) => {
  for (const verb of ['create', 'run'] as const)
    test(
      verb,
      `${verb} --pidfd-socket sends a pidfd of the container’s process: standard`,
      { proves: ['protocols/pidfd-create'], needs: [kernel(5, 3)] },
      async (trial) => {
        const container = trial.container(({ process }) => {
          process.args = ['/probe', 'wait'];
        });
        const report = await listening(
          trial,
          (path) => ['receive', path],
          async (path) => {
            const flags = verb === 'run' ? ['--detach'] : [];
            await succeeds(container.runtime(verb, ...flags, '--pidfd-socket', path));
          },
        );
        expectMessage(report);
        deepEqual([report.results[0]?.text, pidIn(report)], ['standard', container.pid]);
      },
    );

  test(
    'exec',
    'exec --pidfd-socket sends a pidfd of its process: setns',
    { proves: ['protocols/pidfd-exec'], needs: [kernel(5, 3)] },
    async (trial) => {
      const container = await running(trial);
      const file = trial.file('pid');
      const report = await listening(
        trial,
        (path) => ['receive', path],
        async (path) => {
          const options = ['--detach', '--pid-file', file, '--pidfd-socket', path];
          await succeeds(container.exec(options, '/probe', 'wait'));
        },
      );
      expectMessage(report);
      deepEqual(
        [report.results[0]?.text, pidIn(report)],
        ['setns', Number(readFileSync(file, 'utf8'))],
      );
    },
  );
});

/** What the manager hears of a container that is ready: text, and how many descriptors. */
async function heard(trial: Trial, ...verbs: readonly string[][]) {
  const messages = await heardBy(trial, async (env) => {
    for (const words of verbs) await succeeds(trial.with({ env }, ...words));
  });
  return messages.map(({ text, descriptors }) => [text.trimEnd(), descriptors] as const);
}

const ready = (trial: Trial, text = 'READY=1'): Container =>
  trial.container(({ process }) => {
    process.args = ['/probe', 'notify', text, 'to', '/tmp/report', 'wait'];
  });

export const notifyTests = subject('engine-notify', (test) => {
  test(
    'run',
    'run --detach of a container that gets ready tells the manager, and which process to watch',
    { proves: ['protocols/notify'] },
    async (trial) => {
      const container = ready(trial);
      const messages = await heard(trial, container.words('run', '--detach'));
      deepEqual(messages.slice(0, 2), [
        ['READY=1', 0],
        [`MAINPID=${container.pid}`, 0],
      ]);
    },
  );

  test(
    'start',
    'start of a container that gets ready tells the manager, of other lines nothing',
    { proves: ['protocols/notify'] },
    async (trial) => {
      const container = ready(trial, 'READY=1\nSTATUS=x');
      const words = [container.words('create'), ['start', container.id]];
      const messages = await heard(trial, ...words);
      deepEqual(messages.slice(0, 2), [
        ['READY=1', 0],
        [`MAINPID=${container.pid}`, 0],
      ]);
    },
  );

  test(
    'barrier',
    'Then the manager gets a barrier with one descriptor, and no more',
    { proves: ['protocols/notify-barrier'] },
    async (trial) => {
      const container = ready(trial);
      const words = [container.words('create'), ['start', container.id]];
      const messages = await heard(trial, ...words);
      deepEqual(messages.slice(2), [['BARRIER=1', 1]]);
    },
  );

  test(
    'own-socket',
    'The container’s socket is its own, below /run/notify, and not the manager’s',
    { proves: ['protocols/notify'] },
    async (trial) => {
      const container = ready(trial);
      await heard(trial, container.words('create'), ['start', container.id]);
      await until('it has told', () => written(container, 'report') !== '');
      const { env } = readReport(written(container, 'report'));
      deepEqual(
        env.filter((each) => each.startsWith('NOTIFY_SOCKET')),
        ['NOTIFY_SOCKET=/run/notify/notify.sock'],
      );
    },
  );

  test(
    'none',
    'Without a manager there is no such variable and no such directory',
    { proves: ['protocols/notify-none'] },
    async (trial) => {
      const { env, mounts } = await trial.look();
      ok(!env.some((each) => each.startsWith('NOTIFY_SOCKET')));
      ok(!mounts.some(({ path }) => path.startsWith('/run')));
    },
  );
});

export const reapTests = subject('engine-children', (test) => {
  test(
    'adopted',
    'After create the container’s process is the only child of the subreaper, which hears of its end',
    { proves: ['protocols/adopted'] },
    async (trial) => {
      const container = trial.container(({ process }) => {
        process.args = ['/probe', 'to', '/tmp/report', 'exit', '7'];
      });
      const words = around(trial, ['reap'], container.words('create'));
      const reaper = startCall(trial.folder, words);
      const children = () =>
        readFileSync(`/proc/${reaper.child.pid}/task/${reaper.child.pid}/children`, 'utf8').trim();
      await until(
        'the runtime has ended',
        () => existsSync(container.pidFile) && children() === String(container.pid),
      );
      await succeeds(container.start());
      const { stdout } = await reaper.ended();
      const ended = readReport(stdout).results[0]?.ended?.map(({ pid, status }) => [pid, status]);
      deepEqual(ended?.slice(1), [[container.pid, 7]]);
      equal(ended?.[0]?.[1], 0);
    },
  );

  test(
    'adopted-exec',
    'After exec --detach the process is the only child of the subreaper, which hears of its end',
    { proves: ['protocols/adopted-exec'], needs: [root] },
    async (trial) => {
      const container = await running(trial);
      const file = trial.file('pid');
      const options = ['--detach', '--pid-file', file];
      const command = ['/probe', 'to', '/tmp/report', 'exit', '9'];
      const words = around(trial, ['reap'], container.execWords(options, ...command));
      const { stdout } = await startCall(trial.folder, words).ended();
      const ended = readReport(stdout)
        .results[0]?.ended?.map(({ status }) => status)
        .sort();
      deepEqual(ended, [0, 9]);
    },
  );
});
