/** What run and exec do for a process while they wait for it. */
import { deepEqual, equal, match, notEqual } from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { startCall } from '../../lib/call.js';
import type { Container, Prepare } from '../../lib/container.js';
import { cgroupFile, parentOf, processState } from '../../lib/machine.js';
import { sendSignal } from '../../lib/send-signal.js';
import { until } from '../../lib/until.js';
import { readReport } from '../../probe/report.js';
import { manyIds, root } from '../../runner/host.js';
import { subject } from '../../runner/test.js';
import { succeeds, type Trial } from '../../runner/trial.js';
import { around, failsWith, passedOn, running, written } from '../help.js';

const doing =
  (...operations: readonly string[]): Prepare =>
  ({ process }) => {
    process.args = ['/probe', ...operations];
  };

const numbers = { SIGUSR2: 12, SIGQUIT: 3, SIGALRM: 14, SIGCONT: 18 } as const;

const reopening = ['/probe', 'open', '/proc/self/fd/1', 'w', 'open', '/proc/self/fd/2', 'w'];

const areOpen = (stdout: string): void =>
  deepEqual(
    readReport(stdout).results.map(({ errno }) => errno),
    [undefined, undefined],
  );

/** Of the signals that came, those that the runtime did not send itself: some send SIGURG. */
const gotten = (container: Container): string =>
  written(container, 'signals').replaceAll(/^23\n/gm, '');

/** Whose parent has ended: of a container that shares the pid namespace. */
async function orphanOf(trial: Trial, ...flags: readonly string[]) {
  const container = trial.container((config, paths) => {
    doing('orphan', 'wait')(config, paths);
    const { linux } = config;
    linux.namespaces = linux.namespaces.filter(({ type }) => type !== 'pid');
  });
  const words = around(trial, ['reap'], container.words('run', ...flags));
  const call = startCall(trial.folder, words);
  const procs = cgroupFile('pids', container.cgroup, 'cgroup.procs');
  // The one between them is there for a moment.
  const found = () => {
    if (!existsSync(procs) || !container.hasPidFile()) return [];
    const all = readFileSync(procs, 'utf8').trim().split('\n').map(Number);
    return all.filter((each) => each > 0 && ![each, parentOf(each)].includes(container.pid));
  };
  await until('the orphan is there', () => found().length === 1);
  const [orphan = 0] = found();
  const end = async () => {
    // Not every runtime ends it with the container.
    if (processState(orphan) !== '') sendSignal(orphan, 'SIGKILL');
    await succeeds(container.kill('KILL'));
    await call.ended();
  };
  return { orphan, run: parentOf(container.pid), reaper: Number(call.child.pid), end };
}

export const foregroundTests = subject('engine-foreground', (test) => {
  for (const [name, number] of Object.entries(numbers))
    test(
      `forwards-${name.toLowerCase()}`,
      `run passes ${name} to the container`,
      { proves: ['commands/run-signals'] },
      async (trial) => {
        const container = trial.container(doing('signals', '/tmp/signals'));
        const call = trial.start(container.words('run'));
        await until('it runs', () => call.stdout().includes('\n'));
        call.child.kill(name as NodeJS.Signals);
        await until('the signal comes', () => gotten(container) !== '');
        await succeeds(container.kill('KILL'));
        await call.ended();
        equal(gotten(container), `${number}\n`);
      },
    );

  test(
    'own-signals',
    'SIGCHLD and SIGWINCH are about the runtime and not passed to the container',
    { proves: ['commands/run-own-signals'] },
    async (trial) => {
      const container = trial.container(doing('signals', '/tmp/signals'));
      const call = trial.start(container.words('run'));
      await until('it runs', () => call.stdout().includes('\n'));
      for (const name of ['SIGWINCH', 'SIGCHLD', 'SIGUSR1'] as const) call.child.kill(name);
      await until('the last one comes', () => gotten(container).includes('10\n'));
      await succeeds(container.kill('KILL'));
      await call.ended();
      equal(gotten(container), '10\n');
    },
  );

  for (const name of ['SIGTERM', 'SIGUSR1'] as const)
    test(
      `exec-forwards-${name.toLowerCase()}`,
      `exec passes ${name} to its process, and not to the container’s`,
      { proves: ['commands/exec-signals'] },
      async (trial) => {
        const container = await trial.probing(['signals', '/tmp/signals']);
        await container.wrote('\n');
        const call = trial.start(container.execWords([], '/probe', 'wait'));
        await until('it runs', () => call.stdout().includes('\n'));
        call.child.kill(name);
        equal((await call.ended()).status, name === 'SIGTERM' ? 143 : 138);
        equal(gotten(container), '');
      },
    );

  test(
    'resized',
    'The container’s terminal changes its size with the caller’s',
    { proves: ['protocols/console-resized'] },
    async (trial) => {
      const container = trial.container((config, paths) => {
        config.process.terminal = true;
        doing('to', '/tmp/report', 'sized', 'resized', '50')(config, paths);
      });
      await startCall(trial.folder, around(trial, ['terminal'], container.words('run'))).ended();
      const { results } = readReport(written(container, 'report'));
      const window = results.find(({ operation }) => operation === 'resized');
      deepEqual([window?.rows, window?.columns], [50, 120]);
    },
  );

  test(
    'exec-resized',
    'The terminal of a process of exec changes its size with the caller’s',
    { proves: ['protocols/console-resized'] },
    async (trial) => {
      const container = await running(trial);
      const command = ['/probe', 'to', '/tmp/report', 'sized', 'resized', '51'];
      const words = container.execWords(['--tty'], ...command);
      await startCall(trial.folder, around(trial, ['terminal'], words)).ended();
      const { results } = readReport(written(container, 'report'));
      const window = results.find(({ operation }) => operation === 'resized');
      deepEqual([window?.rows, window?.columns], [51, 120]);
    },
  );

  test(
    'adopts',
    'run adopts orphans of the container, and takes note of their end',
    { proves: ['commands/run-subreaper'], needs: [root] },
    async (trial) => {
      const { orphan, run, end } = await orphanOf(trial);
      equal(parentOf(orphan), run, 'somebody else has adopted it');
      sendSignal(orphan, 'SIGKILL');
      await until('nothing is left of it', () => processState(orphan) === '');
      await end();
    },
  );

  test(
    'no-subreaper',
    'With --no-subreaper orphans of the container go to the caller’s subreaper',
    { proves: ['commands/run-no-subreaper'], needs: [root] },
    async (trial) => {
      const { orphan, run, reaper, end } = await orphanOf(trial, '--no-subreaper');
      const parent = parentOf(orphan);
      await end();
      deepEqual([parent, parent === run], [reaper, false]);
    },
  );

  test(
    'reopened-run',
    'A process of run that is not root can open its output again',
    { proves: ['commands/run-streams'], needs: [manyIds] },
    async (trial) => {
      const container = trial.container(({ process }) => {
        process.args = reopening;
        process.user = { uid: 1000, gid: 1000 };
      });
      areOpen((await succeeds(container.runtime('run'))).stdout);
    },
  );

  test(
    'reopened-exec',
    'A process of exec that is not root can open its output again',
    { proves: ['commands/exec-streams'], needs: [manyIds] },
    async (trial) => {
      const container = await running(trial);
      areOpen((await succeeds(container.exec(['--user', '1000'], ...reopening))).stdout);
    },
  );

  test(
    'preserved',
    'run --preserve-fds passes descriptors on',
    { proves: ['protocols/preserved'] },
    async (trial) => {
      const words = trial.container().words('run', '--preserve-fds', '1');
      const { given, seen } = await passedOn(trial, words);
      deepEqual(seen, given);
    },
  );

  test(
    'keyring',
    'run makes a session keyring, and with --no-new-keyring keeps the caller’s',
    { proves: ['commands/create-flags'], needs: [root] },
    async (trial) => {
      const keyring = async (...flags: string[]) =>
        readReport((await succeeds(trial.container().runtime('run', ...flags))).stdout).keyring;
      const own = await keyring();
      const callers = await keyring('--no-new-keyring');
      notEqual(own, callers);
      equal(await keyring('--no-new-keyring'), callers);
    },
  );

  test(
    'useless-console-socket',
    'run in the foreground refuses a console socket, with a terminal and without',
    { proves: ['protocols/console-refused'] },
    async (trial) => {
      const words = /cannot use console socket if runc will not detach or allocate tty/;
      for (const terminal of [false, true]) {
        const container = trial.container(({ process }) => {
          process.terminal = terminal;
        });
        await failsWith(container.runtime('run', '--console-socket', '/nowhere'), 1, words);
      }
      await trial.expectNothingLeft();
    },
  );

  test(
    'no-console-socket',
    'run --detach refuses a terminal without a console socket',
    { proves: ['protocols/console-refused'] },
    async (trial) => {
      const words = /cannot allocate tty if runc will detach without setting console socket/;
      const container = trial.container(({ process }) => {
        process.terminal = true;
      });
      match(await failsWith(container.runtime('run', '--detach'), 1, words), words);
      await trial.expectNothingLeft();
    },
  );
});
