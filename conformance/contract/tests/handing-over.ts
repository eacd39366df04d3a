/** Pid files, descriptors, environments and sockets: what passes from one to the other, exactly. */
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import type { Config } from '../../lib/config.js';
import { until } from '../../lib/until.js';
import { probe } from '../../probe/program.js';
import { readReport } from '../../probe/report.js';
import { subject } from '../../runner/test.js';
import { fails, succeeds } from '../../runner/trial.js';
import { created, failsWith, heardBy, messageIn, running, stopped, written } from '../help.js';

const waiting = ({ process }: Config): void => {
  process.args = ['/probe', 'wait'];
};

export const handingOverTests = subject('engine-handing-over', (test) => {
  test(
    'pid-file-mode',
    'The pid file may be read and written as the umask says, and is alone',
    { proves: ['protocols/pid-file-mode', 'protocols/pid-file-whole'] },
    async (trial) => {
      const container = await created(trial);
      const mode = statSync(container.pidFile).mode & 0o7777;
      equal(mode.toString(8), (0o666 & ~process.umask()).toString(8));
      deepEqual(readdirSync(container.bundle).sort(), ['config.json', 'pid', 'rootfs']);
    },
  );

  test(
    'pid-file-run',
    'In the foreground there is a pid file while the container runs',
    { proves: ['protocols/pid-file'] },
    async (trial) => {
      const container = trial.container(waiting);
      const run = trial.start(container.words('run'));
      await until('it runs', () => run.stdout().includes('\n') && container.hasPidFile());
      const text = readFileSync(container.pidFile, 'utf8');
      match(text, /^[1-9]\d*$/);
      equal(text, String((await container.query()).pid));
      await succeeds(container.kill('KILL'));
      equal((await run.ended()).status, 137);
    },
  );

  test(
    'pid-file-exec',
    'The pid file of exec has the pid in digits alone, and is of its process',
    { proves: ['protocols/pid-file'] },
    async (trial) => {
      const container = await running(trial);
      const file = trial.file('pid');
      await succeeds(container.exec(['--detach', '--pid-file', file], '/probe', 'wait'));
      const text = readFileSync(file, 'utf8');
      match(text, /^[1-9]\d*$/);
      ok(Number(text) !== container.pid);
      const program = () => readFileSync(`/proc/${text}/cmdline`, 'utf8');
      await until('it is the program', () => program() === '/probe\0wait\0');
      ok(!readdirSync(trial.folder).some((name) => /^\.|pid.*(tmp|new)/.test(name)));
    },
  );

  test(
    'preserved-words',
    'A descriptor to be passed on that is not open: `unable to stat preserved-fd`',
    { proves: ['protocols/preserved-words'] },
    async (trial) => {
      const says = /unable to stat preserved-fd \d+ \(of 500\)/;
      await failsWith(trial.container().create('--preserve-fds', '500'), 1, says);
      const container = await running(trial);
      await failsWith(container.exec(['--preserve-fds', '500'], '/probe'), 255, says);
    },
  );

  test(
    'environment-home',
    'HOME of the container is not that of the caller',
    { proves: ['command-line/environment'] },
    async (trial) => {
      const container = trial.container();
      const env = { HOME: '/secret' };
      const made = await succeeds(trial.with({ env }, ...container.words('create')));
      await succeeds(container.start());
      await container.ended();
      ok(!readReport(made.running.stdout()).env.includes('HOME=/secret'));
    },
  );

  test(
    'environment-exec',
    'exec passes nothing of the caller’s environment on',
    { proves: ['command-line/environment'] },
    async (trial) => {
      const container = await running(trial, ({ process }) => {
        process.env = ['A=1'];
      });
      const env = { SECRET: 'x', HOME: '/secret', TERM: 'secret', NOTIFY_SOCKET: '/secret' };
      const words = container.execWords([], '/probe');
      const { stdout } = await succeeds(trial.with({ env }, ...words));
      const report = readReport(stdout);
      ok(!report.env.includes('HOME=/secret'));
      deepEqual(
        report.env.filter((each) => !each.startsWith('HOME=')),
        ['A=1'],
      );
    },
  );

  test(
    'environment-start',
    'start passes nothing of the caller’s environment on',
    { proves: ['command-line/environment'] },
    async (trial) => {
      const container = await created(trial);
      await succeeds(trial.with({ env: { SECRET: 'x' } }, 'start', container.id));
      await container.ended();
      const { env } = readReport(container.output());
      ok(!env.some((each) => each.startsWith('SECRET=')));
    },
  );

  test(
    'notify-mount',
    'The directory of the container’s socket is mounted ro, nosuid, nodev and noexec',
    { proves: ['protocols/notify-mount'] },
    async (trial) => {
      const container = trial.container(({ process }) => {
        process.args = ['/probe', 'notify', 'READY=1', 'to', '/tmp/report', 'wait'];
      });
      await heardBy(trial, async (env) => {
        await succeeds(trial.with({ env }, ...container.words('run', '--detach')));
      });
      await until('it has told', () => written(container, 'report').endsWith('\n'));
      const { mounts } = readReport(written(container, 'report'));
      const mount = mounts.find(({ path }) => path === '/run/notify');
      const needed = ['ro', 'nosuid', 'nodev', 'noexec'];
      deepEqual(
        needed.filter((word) => !mount?.options.includes(word)),
        [],
      );
    },
  );

  test(
    'notify-never',
    'start of a container that ends without getting ready ends too, and the manager hears nothing',
    { proves: ['protocols/notify-never'] },
    async (trial) => {
      const container = trial.container(({ process }) => {
        process.args = ['/probe', 'exit', '0'];
      });
      const heard = await heardBy(trial, async (env) => {
        await succeeds(trial.with({ env }, ...container.words('create')));
        await trial.with({ env }, 'start', container.id);
      });
      deepEqual(heard, []);
      await container.ended();
    },
  );
});

/** Hooks that run where the runtime does, in the order in which they do. */
const outside = ['prestart', 'createRuntime', 'poststart', 'poststop'] as const;

export const hookPlaceTests = subject('engine-hook-places', (test) => {
  for (const kind of outside)
    test(
      kind,
      `A ${kind} hook without env has the runtime’s, and runs in the bundle`,
      { proves: ['protocols/hook-inherits', 'protocols/hook-directory'] },
      async (trial) => {
        const args = ['probe', 'to', trial.file('hooks')];
        const container = trial.container((config) => {
          config.hooks = { [kind]: [{ path: probe(), args }] };
        });
        const env = { INHERITED: 'two words' };
        await succeeds(trial.with({ env }, ...container.words('create')));
        await succeeds(trial.with({ env }, 'start', container.id));
        await container.ended();
        await succeeds(trial.with({ env }, 'delete', container.id));
        const [report, ...more] = trial.told('hooks');
        deepEqual([report?.cwd, more.length], [container.bundle, 0]);
        ok(report?.env.includes('INHERITED=two words'), report?.env.join(' '));
      },
    );

  for (const kind of ['createRuntime', 'poststart'] as const)
    test(
      `words-${kind}`,
      `A ${kind} hook that fails is told of by its kind, its number and its error output`,
      { proves: ['protocols/hook-words'] },
      async (trial) => {
        const good = { path: probe(), args: ['probe', 'to', '/dev/null'] };
        const bad = { path: probe(), args: ['probe', 'this-went-wrong'] };
        const container = trial.container((config) => {
          config.hooks = { [kind]: [good, bad] };
        });
        // There are runtimes that run them in create.
        const made = await container.create();
        const failed = made.status === 0 ? await fails(container.start()) : made;
        const message = messageIn(failed.stderr);
        match(message, new RegExp(`error running ${kind} hook #1: exit status 122`));
        match(message, /this-went-wrong/);
        equal(failed.stdout, '');
      },
    );

  test(
    'poststop-words',
    'A poststop hook that fails does not keep what was deleted',
    { proves: ['protocols/hook-failure'] },
    async (trial) => {
      const container = await stopped(trial, (config) => {
        config.hooks = { poststop: [{ path: probe(), args: ['probe', 'exit', '9'] }] };
      });
      await container.delete();
      ok(!existsSync(container.state));
    },
  );
});
