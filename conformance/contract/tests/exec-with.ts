/** What goes with a file of exec, and where its process is. */
import { deepEqual, equal, match } from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startCall } from '../../lib/call.js';
import type { Container } from '../../lib/container.js';
import { cgroupFile, hierarchies, processesWith, textOf } from '../../lib/machine.js';
import { until } from '../../lib/until.js';
import { readReport } from '../../probe/report.js';
import { cgroupV1, controller, root } from '../../runner/host.js';
import { subject } from '../../runner/test.js';
import { fails, succeeds, type Trial } from '../../runner/trial.js';
import {
  around,
  execWhilePaused,
  listening,
  messageIn,
  passedOn,
  running,
  windowIn,
  written,
} from '../help.js';

/** Controller, and the directory below the container’s cgroup. */
const place = (container: Container, controller: string, name = 'below'): string =>
  cgroupFile(controller, container.cgroup, name);

const pidsIn = (folder: string): number[] =>
  textOf(join(folder, 'cgroup.procs')).trim().split('\n').filter(Boolean).map(Number);

/** Runs detached until it has told that it is there; answers its pid. */
async function detached(trial: Trial, container: Container, ...options: readonly string[]) {
  const file = trial.file('pid');
  const words = ['--detach', '--pid-file', file, ...options];
  const call = await succeeds(container.exec(words, '/probe', 'wait'));
  await until('it runs', () => call.running.stdout().includes('\n'));
  return Number(readFileSync(file, 'utf8'));
}

export const execFileTests = subject('engine-exec-file', (test) => {
  test(
    'detached',
    'A process of a file is left running by --detach, and its pid is in the pid file',
    { proves: ['commands/exec-process-with', 'commands/exec-detached'] },
    async (trial) => {
      const container = await running(trial);
      const pidFile = trial.file('pid');
      const file = container.processFile({ args: ['/probe', 'wait', 'x'] });
      const options = ['--process', file, '--detach', '--pid-file', pidFile];
      const call = await succeeds(container.exec(options));
      await until('it runs', () => call.running.stdout().includes('\n'));
      const pid = readFileSync(pidFile, 'utf8');
      match(pid, /^[1-9]\d*$/);
      equal(textOf(`/proc/${pid}/cmdline`), '/probe\0wait\0x\0');
    },
  );

  test(
    'terminal',
    'The terminal of a process of a file is sent to the console socket, with the size of the file',
    { proves: ['commands/exec-process-with', 'protocols/console-exec'] },
    async (trial) => {
      const container = await running(trial);
      const file = container.processFile({
        args: ['/probe', 'to', '/tmp/report', 'sized', 'append', '/dev/tty', 'from a file'],
        terminal: true,
        consoleSize: { height: 37, width: 111 },
      });
      const { results } = await listening(
        trial,
        (path) => ['receive', path, 'drain'],
        async (path) => {
          await succeeds(container.exec(['--detach', '--process', file, '--console-socket', path]));
          await until('it has ended', () => written(container, 'report').endsWith('\n'));
        },
      );
      deepEqual([results[0]?.descriptors, results[1]?.text], [1, 'from a file']);
      const report = readReport(written(container, 'report'));
      const window = windowIn(report);
      deepEqual([window?.rows, window?.columns], [37, 111]);
      deepEqual(
        report.fds.map(({ terminal }) => terminal),
        [1, 1, 1],
      );
    },
  );

  test(
    'preserved',
    'Descriptors are passed on to a process of a file',
    { proves: ['commands/exec-process-with', 'protocols/preserved'] },
    async (trial) => {
      const container = await running(trial);
      const file = container.processFile({ args: ['/probe'] });
      const words = container.execWords(['--process', file, '--preserve-fds', '1']);
      const { given, seen } = await passedOn(trial, words);
      deepEqual(seen, given);
    },
  );

  test(
    'options',
    'Options about the process do not come over a file: groups, capabilities, privileges, terminal',
    { proves: ['commands/exec-process'] },
    async (trial) => {
      const container = await running(trial);
      const file = container.processFile({
        args: ['/probe'],
        noNewPrivileges: false,
        capabilities: { bounding: [], effective: [], permitted: [] },
      });
      const options = ['--no-new-privs', '--cap', 'CAP_KILL', '-g', '12', '--process', file];
      const { status } = readReport((await succeeds(container.exec(options))).stdout);
      deepEqual(
        [status.NoNewPrivs, Number(`0x${status.CapPrm}`), status.Groups?.split(' ').includes('12')],
        ['0', 0, false],
      );
    },
  );

  test(
    'limits',
    'Limits and OOM score of a process are those of its file, not of the bundle',
    { proves: ['commands/exec-process'] },
    async (trial) => {
      const container = await running(trial, ({ process }) => {
        process.rlimits = [{ type: 'RLIMIT_MSGQUEUE', soft: 40, hard: 60 }];
        process.oomScoreAdj = 500;
      });
      rmSync(join(container.bundle, 'config.json'));
      const file = container.processFile({
        args: ['/probe', 'getrlimit', '12'],
        rlimits: [{ type: 'RLIMIT_MSGQUEUE', soft: 30, hard: 50 }],
        oomScoreAdj: 600,
      });
      const { results, files } = readReport(
        (await succeeds(container.exec(['--process', file]))).stdout,
      );
      deepEqual([results[0]?.soft, results[0]?.hard], ['30', '50']);
      equal(String(files.oom_score_adj).trim(), '600');
    },
  );

  test(
    'ignore-paused',
    'With --ignore-paused a process of a file waits in the paused container',
    { proves: ['commands/exec-process-with', 'commands/exec-paused'], needs: [root] },
    async (trial) => {
      const container = await running(trial);
      const file = container.processFile({ args: ['/probe', 'exit', '6'] });
      await succeeds(trial.runtime('pause', container.id));
      const call = trial.start(container.execWords(['--ignore-paused', '--process', file]));
      const inside = () => processesWith(`${container.cgroup}\n`).length > 1;
      await until('it has ended or is inside', () => call.child.exitCode !== null || inside());
      equal(call.child.exitCode, null, call.stderr());
      await succeeds(trial.runtime('resume', container.id));
      equal((await call.ended()).status, 6);
    },
  );

  test(
    'foreground-terminal',
    'exec --tty on a terminal passes it on with its size, and leaves it as it was',
    { proves: ['protocols/console-exec', 'protocols/console-foreground'] },
    async (trial) => {
      const container = await running(trial);
      const command = ['/probe', 'to', '/tmp/report', 'sized', 'append', '/dev/tty', 'shown'];
      const words = container.execWords(['-t'], ...command, 'exit', '5');
      const called = startCall(trial.folder, around(trial, ['terminal'], words));
      const { stdout, stderr } = await called.ended();
      const [{ status, restored } = {}] = readReport(stdout).results;
      deepEqual([status, restored], [5, 1]);
      match(stderr, /shown/);
      const report = readReport(written(container, 'report'));
      const window = windowIn(report);
      deepEqual([window?.rows, window?.columns], [33, 101]);
      deepEqual(
        report.fds.map(({ terminal }) => terminal),
        [1, 1, 1],
      );
    },
  );

  for (const [slug, options] of [
    ['no-console-socket', ['--detach', '--tty']],
    ['useless-console-socket', ['--detach', '--console-socket', '/nowhere']],
  ] as const)
    test(
      slug,
      `exec ${options.slice(0, 2).join(' ')} is refused: nobody would hold the other end`,
      { proves: ['protocols/console-refused'] },
      async (trial) => {
        const container = await running(trial);
        const { stderr, stdout } = await fails(container.exec(options, '/probe'));
        match(
          messageIn(stderr),
          /cannot (allocate tty if runc will detach without setting console socket|use console socket if runc will not detach or allocate tty)/,
        );
        equal(stdout, '');
      },
    );
});

export const execCgroupTests = subject('engine-exec-cgroup', (test) => {
  test(
    'file',
    'A process of a file is put into the cgroup of --cgroup',
    { proves: ['commands/exec-process-with', 'commands/exec-cgroup'], needs: [controller('pids')] },
    async (trial) => {
      const container = await running(trial);
      mkdirSync(place(container, 'pids'));
      const path = trial.host.cgroups === 'v2' ? 'below' : 'pids:below';
      const pidFile = trial.file('pid');
      const file = container.processFile({ args: ['/probe', 'wait'] });
      const options = ['--detach', '--pid-file', pidFile, '--process', file, '--cgroup', path];
      const call = await succeeds(container.exec(options));
      await until('it runs', () => call.running.stdout().includes('\n'));
      deepEqual(pidsIn(place(container, 'pids')), [Number(readFileSync(pidFile, 'utf8'))]);
    },
  );

  test(
    'controllers',
    '--cgroup names controllers with commas, and may be given for others again',
    {
      proves: ['commands/exec-cgroup', 'command-line/repeated'],
      needs: [cgroupV1, controller('pids'), controller('memory'), controller('freezer')],
    },
    async (trial) => {
      const container = await running(trial);
      mkdirSync(place(container, 'pids', 'one'));
      mkdirSync(place(container, 'memory', 'one'));
      mkdirSync(place(container, 'freezer', 'two'));
      const options = ['--cgroup', 'pids,memory:one', '--cgroup', 'freezer:/two'];
      const pid = await detached(trial, container, ...options);
      deepEqual(
        [
          pidsIn(place(container, 'pids', 'one')),
          pidsIn(place(container, 'memory', 'one')),
          pidsIn(place(container, 'freezer', 'two')),
          pidsIn(cgroupFile('devices', container.cgroup, '')),
        ],
        [[pid], [pid], [pid], [container.pid, pid]],
      );
    },
  );

  test(
    'all-controllers',
    '--cgroup without controllers is about all of them',
    { proves: ['commands/exec-cgroup'], needs: [controller('pids')] },
    async (trial) => {
      const container = await running(trial);
      const places = hierarchies()
        .map(({ mountpoint }) => join(mountpoint, container.cgroup))
        .filter((folder) => pidsIn(folder).includes(container.pid))
        .map((folder) => join(folder, 'below'));
      for (const folder of places) {
        mkdirSync(folder);
        // A new one has no processors and no memory.
        for (const name of ['cpuset.cpus', 'cpuset.mems'])
          if (existsSync(join(folder, name)))
            writeFileSync(join(folder, name), textOf(join(folder, '..', name)));
      }
      const pid = await detached(trial, container, '--cgroup', 'below');
      deepEqual(
        places.map((folder) => [folder, pidsIn(folder)]),
        places.map((folder) => [folder, [pid]]),
      );
    },
  );

  test(
    'outer',
    'A path that leads out of the container’s cgroup is refused: bad sub cgroup path',
    { proves: ['commands/exec-cgroup', 'protocols/execs'], needs: [root] },
    async (trial) => {
      const container = await running(trial);
      const { stderr } = await fails(container.exec(['--cgroup', '../..'], '/probe'));
      match(messageIn(stderr), /bad sub cgroup path/);
    },
  );

  test(
    'unknown',
    'A controller that there is not is refused: unknown controller',
    { proves: ['commands/exec-cgroup', 'protocols/execs'], needs: [root, cgroupV1] },
    async (trial) => {
      const container = await running(trial);
      const { stderr } = await fails(container.exec(['--cgroup', 'frob:below'], '/probe'));
      match(messageIn(stderr), /unknown controller/);
    },
  );

  test(
    'paused',
    'exec in a paused container says how it can be done all the same',
    { proves: ['commands/exec-refused', 'protocols/execs'], needs: [root] },
    async (trial) => {
      const container = await running(trial);
      const { stderr } = await execWhilePaused(trial, container);
      match(
        messageIn(stderr),
        /cannot exec in a paused container \(use --ignore-paused to override\)/,
      );
    },
  );
});
