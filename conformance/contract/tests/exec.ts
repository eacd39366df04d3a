import { deepEqual, equal, match, notEqual, ok } from 'node:assert/strict';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { startCall } from '../../lib/call.js';
import type { Container } from '../../lib/container.js';
import { cgroupFile, processesWith, textOf } from '../../lib/machine.js';
import { until } from '../../lib/until.js';
import { type Report, readReport } from '../../probe/report.js';
import { manyIds, root } from '../../runner/host.js';
import { subject } from '../../runner/test.js';
import { fails, succeeds, type Trial } from '../../runner/trial.js';
import { around, created, execWhilePaused, running, executed as seen, stopped } from '../help.js';

const variables = ({ env }: Report): string[] => env.filter((each) => !each.startsWith('HOME='));

/** One whose process has something of everything. */
const particular = (trial: Trial): Promise<Container> =>
  running(trial, ({ process }, { rootfs }) => {
    mkdirSync(join(rootfs, 'work'));
    process.cwd = '/work';
    process.env = ['A=bundle', 'B=bundle'];
    process.oomScoreAdj = 555;
    process.rlimits = [{ type: 'RLIMIT_MSGQUEUE', soft: 40, hard: 50 }];
  });

export const execTests = subject('engine-exec', (test) => {
  test(
    'process-file',
    'A file tells all of the process, whatever else the options say',
    { proves: ['commands/exec-process'] },
    async (trial) => {
      const container = await particular(trial);
      rmSync(join(container.bundle, 'config.json'));
      const file = container.processFile({
        args: ['/probe', 'exit', '0'],
        cwd: '/tmp',
        env: ['C=file'],
      });
      const options = ['--cwd', '/etc', '--env', 'D=x', '--user', '12'];
      for (const flag of ['--process', '-p']) {
        const { stdout } = await succeeds(container.exec([...options, flag, file]));
        const report = readReport(stdout);
        deepEqual(
          [report.cwd, variables(report), report.status.Uid],
          ['/tmp', ['C=file'], '0 0 0 0'],
        );
        deepEqual(report.argv, ['/probe', 'exit', '0']);
      }
    },
  );

  test(
    'process-user',
    'User, groups and umask of a process are those of its file',
    { proves: ['commands/exec-process'], needs: [manyIds] },
    async (trial) => {
      const container = await running(trial);
      const user = { uid: 5, gid: 6, umask: 0o77, additionalGids: [8, 9] };
      const file = container.processFile({ args: ['/probe'], user });
      const { status } = readReport((await succeeds(container.exec(['-p', file]))).stdout);
      deepEqual(
        [status.Uid, status.Gid, status.Groups, status.Umask],
        ['5 5 5 5', '6 6 6 6', '8 9', '0077'],
      );
    },
  );

  test(
    'base',
    'Without options the process is that of the bundle, with the command’s arguments',
    { proves: ['commands/exec-options'] },
    async (trial) => {
      const report = await seen(await particular(trial), [], 'getrlimit', '12');
      deepEqual([report.cwd, variables(report)], ['/work', ['A=bundle', 'B=bundle']]);
      deepEqual([report.results[0]?.soft, report.results[0]?.hard], ['40', '50']);
      deepEqual(report.argv, ['/probe', 'getrlimit', '12']);
      equal(report.status.NoNewPrivs, '1');
    },
  );

  test(
    'cwd',
    '--cwd changes the working directory',
    { proves: ['commands/exec-options'] },
    async (trial) => {
      equal((await seen(await particular(trial), ['--cwd', '/tmp'])).cwd, '/tmp');
    },
  );

  test(
    'env',
    '--env comes over the variables of the bundle',
    { proves: ['commands/exec-options'] },
    async (trial) => {
      const container = await particular(trial);
      const last = new Map(
        variables(await seen(container, ['-e', 'A=option', '-e', 'C=option'])).map((each) => {
          const [name = '', value] = each.split('=');
          return [name, value] as const;
        }),
      );
      deepEqual(Object.fromEntries(last), { A: 'option', B: 'bundle', C: 'option' });
    },
  );

  for (const [words, uid, gid] of [
    [['--user', '1000'], '1000', '0'],
    [['-u', '1000:2000'], '1000', '2000'],
  ] as const)
    test(
      `user-${words[1].replace(':', '-')}`,
      `exec ${words.join(' ')} runs as ${uid}:${gid}`,
      { proves: ['commands/exec-users'], needs: [manyIds] },
      async (trial) => {
        const { status } = await seen(await running(trial), words);
        deepEqual([status.Uid?.split(' ')[0], status.Gid?.split(' ')[0]], [uid, gid]);
      },
    );

  test(
    'user-name',
    'A user’s name is refused',
    { proves: ['commands/exec-users'] },
    async (trial) => {
      const container = await running(trial, (_, { rootfs }) => {
        writeFileSync(join(rootfs, 'etc/passwd'), 'root:x:0:0::/:/probe\n');
      });
      const { stdout } = await fails(container.exec(['--user', 'root'], '/probe'));
      equal(stdout, '');
    },
  );

  test(
    'additional-gids',
    '--additional-gids adds groups, one each time',
    { proves: ['commands/exec-options'], needs: [manyIds] },
    async (trial) => {
      const container = await running(trial);
      const { status } = await seen(container, ['-g', '12', '-g', '13']);
      equal(status.Groups, '12 13');
    },
  );

  test(
    'capabilities',
    '--cap adds a capability to the bounding, effective and permitted sets',
    { proves: ['commands/exec-capabilities'] },
    async (trial) => {
      const container = await running(trial, ({ process }) => {
        process.capabilities = { bounding: [], effective: [], permitted: [] };
      });
      const sets = ({ status: { CapBnd, CapEff, CapPrm, CapInh, CapAmb } }: Report) =>
        [CapBnd, CapEff, CapPrm, CapInh, CapAmb].map((set) => Number(`0x${set}`));
      deepEqual(sets(await seen(container, [])), [0, 0, 0, 0, 0]);
      // CAP_KILL is number 5.
      const given = sets(await seen(container, ['--cap', 'CAP_KILL']));
      deepEqual(given, [32, 32, 32, 0, 0]);
    },
  );

  test(
    'created',
    'exec works before the start, and does not start the container',
    { proves: ['commands/exec-created'] },
    async (trial) => {
      const container = await created(trial);
      const { status, stderr } = await container.exec([], '/probe', 'exit', '3');
      equal(status, 3, stderr);
      equal(await container.status(), 'created');
      equal(container.output(), '');
    },
  );

  test(
    'refused',
    'exec is refused where there is no container, in one that has ended, and without a command',
    { proves: ['commands/exec-refused'] },
    async (trial) => {
      await fails(trial.runtime('exec', 'engine-nobody', '/probe'));
      const ended = await stopped(trial);
      equal((await fails(ended.exec([], '/probe'))).stdout, '');
      await fails((await running(trial)).exec([]));
    },
  );

  test(
    'paused',
    'exec is refused in a paused container',
    { proves: ['commands/exec-refused'], needs: [root] },
    async (trial) => {
      const container = await running(trial);
      equal((await execWhilePaused(trial, container)).status, 255);
    },
  );

  test(
    'ignore-paused',
    'With --ignore-paused a process waits in the paused container until that goes on',
    { proves: ['commands/exec-paused'], needs: [root] },
    async (trial) => {
      const container = await running(trial);
      await succeeds(trial.runtime('pause', container.id));
      const call = trial.start(container.execWords(['--ignore-paused'], '/probe', 'exit', '6'));
      const inside = () => processesWith(`${container.cgroup}\n`).length > 1;
      await until('it has ended or is inside', () => call.child.exitCode !== null || inside());
      equal(call.child.exitCode, null, call.stderr());
      equal(call.stdout(), '');
      await succeeds(trial.runtime('resume', container.id));
      equal((await call.ended()).status, 6);
    },
  );

  test(
    'detached',
    'exec --detach ends while the process runs, whose pid is in the pid file',
    { proves: ['commands/exec-detached'] },
    async (trial) => {
      const container = await running(trial);
      const file = trial.file('pid');
      const call = await succeeds(
        container.exec(['--detach', '--pid-file', file], '/probe', 'wait'),
      );
      await until('it runs', () => call.running.stdout().includes('\n'));
      const pid = readFileSync(file, 'utf8');
      match(pid, /^\d+$/);
      equal(textOf(`/proc/${pid}/cmdline`), '/probe\0wait\0');
      notEqual(Number(pid), container.pid);
    },
  );

  test(
    'no-pid-file',
    'A process that could not run has no pid file',
    { proves: ['commands/exec-detached'] },
    async (trial) => {
      const container = await running(trial);
      const file = trial.file('pid');
      await fails(container.exec(['--detach', '--pid-file', file], '/nowhere'));
      ok(!existsSync(file));
    },
  );

  test(
    'namespaces',
    'The process is in all namespaces of the container and sees its root',
    { proves: ['commands/exec-place'] },
    async (trial) => {
      const container = await running(trial);
      const first = readReport(container.output());
      const report = await seen(container, [], 'list', '/');
      deepEqual(report.namespaces, first.namespaces);
      deepEqual(report.results[0]?.names, ['dev', 'etc', 'probe', 'proc', 'sys', 'tmp']);
      equal(report.hostname, 'inside');
      notEqual(report.pid, 1);
    },
  );

  test(
    'cgroups',
    'The process is in the cgroups of the container',
    { proves: ['commands/exec-place'], needs: [root] },
    async (trial) => {
      const container = await running(trial);
      const call = await succeeds(container.exec(['--detach'], '/probe', 'wait'));
      await until('it runs', () => call.running.stdout().includes('\n'));
      const procs = textOf(cgroupFile('pids', container.cgroup, 'cgroup.procs'))
        .trim()
        .split('\n');
      equal(procs.length, 2);
    },
  );

  test(
    'sub-cgroup',
    '--cgroup puts the process into a cgroup below the container’s',
    { proves: ['commands/exec-cgroup'], needs: [root] },
    async (trial) => {
      const container = await running(trial);
      const below = cgroupFile('pids', container.cgroup, 'below');
      mkdirSync(below);
      const options = ['--detach', '--cgroup', 'pids:below'];
      const all = trial.host.cgroups === 'v2' ? ['--detach', '--cgroup', 'below'] : options;
      const call = await succeeds(container.exec(all, '/probe', 'wait'));
      await until('it runs', () => call.running.stdout().includes('\n'));
      equal(textOf(join(below, 'cgroup.procs')).trim().split('\n').filter(Boolean).length, 1);
    },
  );

  test(
    'outer-cgroup',
    '--cgroup of a path that leads out of the container’s cgroup is refused',
    { proves: ['commands/exec-cgroup'], needs: [root] },
    async (trial) => {
      const container = await running(trial);
      await fails(container.exec(['--cgroup', '../..'], '/probe'));
    },
  );

  test(
    'streams',
    'Input to its end, output and error output of the process are those of exec',
    { proves: ['commands/exec-streams'] },
    async (trial) => {
      const container = await running(trial);
      writeFileSync(trial.file('input'), 'given');
      const stdin = openSync(trial.file('input'), 'r');
      const { stdout, stderr } = await trial
        .with({ stdin }, ...container.execWords([], '/probe', 'stdin'))
        .finally(() => closeSync(stdin));
      deepEqual([readReport(stdout).results[0]?.text, stderr], ['given', '']);
    },
  );

  test(
    'listen-fds',
    'exec passes on neither descriptors of a service manager nor variables about them',
    { proves: ['commands/exec-listen-fds'] },
    async (trial) => {
      const container = await running(trial);
      const file = openSync(trial.file('socket'), 'w');
      const words = around(trial, ['activate', '1'], container.execWords([], '/probe'));
      const { stdout } = await startCall(trial.folder, words, { extraFds: [file] })
        .ended()
        .finally(() => closeSync(file));
      const { fds, env } = readReport(stdout);
      deepEqual(
        fds.map(({ fd }) => fd),
        [0, 1, 2],
      );
      deepEqual(
        env.filter((each) => each.startsWith('LISTEN')),
        [],
      );
    },
  );
});
