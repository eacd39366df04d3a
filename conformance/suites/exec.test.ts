import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { startCall } from '../lib/call.js';
import type { Container } from '../lib/container.js';
import { helper } from '../lib/helpers.js';
import { cgroupsOf, hostMounts, isAlive, processesWith, textOf } from '../lib/machine.js';
import { sendSignal } from '../lib/send-signal.js';
import { sleeping } from '../lib/sleeping.js';
import { suite } from '../lib/suite.js';
import { until } from '../lib/until.js';

/** Processes in the cgroups of a container, init left out. */
const others = (container: Container): number[] =>
  processesWith(`${container.cgroup}\n`).filter((pid) => pid !== container.pid);

suite('exec', ({ it, engine }) => {
  it('runs a command in a container and answers with its exit code', async (box) => {
    const container = await sleeping(box);
    for (const code of engine.quick ? [0, 1, 42, 255] : [0, 42]) {
      const finished = await container.exec([], 'sh', '-c', `echo out; echo err >&2; exit ${code}`);
      expect(finished).toMatchObject({ status: code, stdout: 'out\n', stderr: 'err\n' });
    }
    expect(await container.exec([], 'sh', '-c', 'kill -TERM $$')).toMatchObject({ status: 143 });
    expect(await container.status()).toBe('running');
  });

  it('takes what follows the id as it is, and passes standard input on', async (box) => {
    const container = await sleeping(box);
    const { stdout } = await container.exec([], 'cat', '/proc/self/cmdline', '--', '', '-e', ' a ');
    expect(stdout).toContain('cat\0/proc/self/cmdline\0--\0\0-e\0 a \0');
    const running = startCall(box.folder, [
      ...['sh', '-c', 'echo given | "$@"', 'sh', ...engine.command, '--root', box.root],
      ...container.execWords([], 'cat'),
    ]);
    expect(await running.ended()).toMatchObject({ status: 0, stdout: 'given\n' });
  });

  it('works in a container that is created and does not start it', async (box) => {
    const container = box.container(({ process }) => {
      process.args = ['sh', '-c', 'echo started; sleep 1000'];
    });
    await container.created();
    expect(await container.says('echo works')).toBe('works');
    expect(await container.status()).toBe('created');
    expect(container.output()).toBe('');
    await container.start();
    await container.wrote('started\n');
  });

  it('is refused in a stopped container, and where there is none', async (box) => {
    const container = await sleeping(box);
    await container.kill('KILL');
    await container.ended();
    const stopped = await container.exec([], 'true');
    expect(stopped.stderr).toContain('cannot exec in a stopped container');
    const missing = await box.runtime('exec', 'nobody', 'true');
    expect(missing.stderr).toContain('container does not exist');
    expect([stopped.status, missing.status]).toEqual([255, 255]);
  });

  it('is refused in a paused container, or waits until it goes on', async (box) => {
    const container = await sleeping(box);
    expect(await box.runtime('pause', container.id)).toMatchObject({ status: 0 });
    const { status, stderr } = await container.exec([], 'true');
    expect([status, stderr]).toEqual([
      255,
      expect.stringContaining(
        'cannot exec in a paused container (use --ignore-paused to override)',
      ),
    ]);
    const running = box.start(container.execWords(['--ignore-paused'], 'echo', 'works'));
    await until('it is in the container', () => others(container).length > 0);
    expect(running.stdout()).toBe('');
    await box.runtime('resume', container.id);
    expect(await running.ended()).toMatchObject({ status: 0, stdout: 'works\n' });
  });

  it('answers with 255 when it cannot do what it is told, and says why', async (box) => {
    const container = await sleeping(box, (_config, { rootfs }) => {
      writeFileSync(join(rootfs, 'bad'), '#!/nobody\n', { mode: 0o755 });
      writeFileSync(join(rootfs, 'text'), 'text', { mode: 0o644 });
    });
    const cases: readonly (readonly [options: string[], command: string[], says: string])[] = [
      [[], [], 'exec args cannot be empty'],
      [[], ['missing'], 'exec: \\"missing\\": executable file not found in $PATH'],
      [[], ['/missing'], 'exec: \\"/missing\\": stat /missing: no such file or directory'],
      [[], ['/etc'], 'exec: \\"/etc\\": is a directory'],
      [[], ['/text'], 'exec: \\"/text\\": permission denied'],
      [[], ['/bad'], 'exec: \\"/bad\\": no such file or directory'],
      [['--cwd', '/missing'], ['true'], 'chdir to cwd (\\"/missing\\") set in config.json failed'],
      [['--cwd', 'relative'], ['true'], 'Cwd must be an absolute path'],
      [['--env', 'BAD'], ['true'], '/process/env'],
      [['--console-socket', '/s'], ['true'], 'cannot use console socket if runc will not detach'],
      [['--preserve-fds', '9'], ['true'], 'unable to stat preserved-fd'],
      [['--process', '/missing'], [], 'process file /missing'],
      [['--pid-file', '/missing/pid'], ['true'], '/missing'],
      [['--cgroup', '../..'], ['true'], 'bad sub cgroup path: ../..'],
      [['--cgroup', 'nothing:/x'], ['true'], 'unknown controller nothing'],
      [['--cgroup', '/missing'], ['true'], '/missing'],
    ];
    for (const [options, command, says] of engine.quick ? cases : cases.slice(0, 3)) {
      const { status, stdout, stderr } = await container.exec(options, ...command);
      expect([options, command, status, stdout]).toEqual([options, command, 255, '']);
      expect(stderr).toContain(says);
      expect(stderr).not.toMatch(/TypeError|bug/);
    }
    expect(others(container)).toEqual([]);
  });

  it('takes no names and no odd numbers for users (CVE-2026-30892)', async (box) => {
    const container = await sleeping(box);
    const words = ['root', '1x', '-1', '0x0', '', ':', '1:', '1:2:3', '4294967295', '99999999999'];
    for (const user of engine.quick ? words : words.slice(0, 2)) {
      const { status, stdout, stderr } = await container.exec([`--user=${user}`], 'id');
      expect([user, status, stdout, stderr]).toEqual([user, 255, '', expect.anything()]);
      expect(stderr).not.toBe('');
    }
    const { stderr } = await container.exec(['--user', 'root'], 'id');
    expect(stderr).toContain('bad uid: strconv.Atoi: parsing \\"root\\": invalid syntax');
  });

  it('forwards the signals that it gets', async (box) => {
    const container = await sleeping(box);
    const script =
      'for s in HUP INT USR1 USR2 WINCH CONT; do trap "echo $s" $s; done; trap "exit 9" TERM; ' +
      'echo ready; while true; do sleep 1000 & wait; done';
    const running = box.start(container.execWords([], 'sh', '-c', script));
    await until('it runs', () => running.stdout() === 'ready\n');
    // About a terminal that the process does not have: httpd would take it as an order to end.
    running.child.kill('SIGWINCH');
    for (const name of ['HUP', 'INT', 'USR1', 'USR2', 'CONT'] as const) {
      running.child.kill(`SIG${name}`);
      await until(`${name} arrives`, () => running.stdout().includes(`${name}\n`));
    }
    running.child.kill('SIGTERM');
    expect(await running.ended()).toMatchObject({ status: 9, stderr: '' });
    expect(running.stdout()).not.toContain('WINCH');
  });

  it('ends with the container when that is killed', async (box) => {
    const container = await sleeping(box);
    const running = box.start(container.execWords([], 'sh', '-c', 'echo ready; sleep 1000'));
    await until('it runs', () => running.stdout() === 'ready\n');
    await container.kill('KILL');
    expect(await running.ended()).toMatchObject({ status: 137 });
  });

  it('leaves a detached process to the subreaper of its caller', async (box) => {
    for (const namespaced of [true, false]) {
      const container = await sleeping(box, ({ linux }) => {
        if (!namespaced) linux.namespaces = linux.namespaces.filter(({ type }) => type !== 'pid');
      });
      const pidFile = join(container.bundle, 'exec-pid');
      const words = container.execWords(
        ['--detach', '--pid-file', pidFile],
        ...['sh', '-c', 'echo ready; while ! [ -e /go ]; do usleep 1000; done; exit 7'],
      );
      const program = [helper('subreaper'), ...engine.command, '--root', box.root, ...words];
      const running = startCall(box.folder, program);
      await until('the runtime has ended', () => running.stdout().includes(' exited 0\n'));
      const text = readFileSync(pidFile, 'utf8');
      expect(text).toMatch(/^\d+$/);
      await until('it runs', () => running.stdout().includes('ready\n'));
      const child = new RegExp(`^PPid:\\t${running.child.pid}$`, 'm');
      expect(textOf(`/proc/${text}/status`)).toMatch(child);
      expect(others(container)).toContain(Number(text));
      writeFileSync(join(container.rootfs, 'go'), '');
      const { stdout } = await running.ended();
      expect(stdout).toContain(`${text} exited 7\n`);
    }
  });

  it('writes the pid file before a foreground command runs', async (box) => {
    const container = await sleeping(box);
    const pidFile = join(container.bundle, 'exec-pid');
    const running = box.start(
      container.execWords(['--pid-file', pidFile], 'sh', '-c', 'echo ready; sleep 1000'),
    );
    await until('it runs', () => running.stdout() === 'ready\n');
    sendSignal(Number(readFileSync(pidFile, 'utf8')), 'SIGINT');
    expect(await running.ended()).toMatchObject({ status: 130 });
  });

  it('writes no pid file for what does not run', async (box) => {
    const container = await sleeping(box);
    const pidFile = join(container.bundle, 'exec-pid');
    for (const command of ['missing', '/etc/passwd']) {
      expect((await container.exec(['-d', '--pid-file', pidFile], command)).status).toBe(255);
      expect(existsSync(pidFile)).toBe(false);
    }
  });

  it('reads the whole process from a file, whatever else it is told', async (box) => {
    const container = await sleeping(box);
    const file = container.processFile({
      args: ['sh', '-c', 'pwd; id; env | sort; umask; ulimit -n; cat /proc/self/oom_score_adj'],
      cwd: '/tmp',
      env: ['PATH=/bin', 'A=1'],
      user: { uid: 5, gid: 6, umask: 0o77, additionalGids: [8, 9] },
      rlimits: [{ type: 'RLIMIT_NOFILE', soft: 20, hard: 18446744073709551615n }].map((limit) => ({
        ...limit,
        hard: 30,
      })),
      oomScoreAdj: 77,
    });
    const options = ['--cwd', '/etc', '--env', 'B=2', '--user', '1', '--cap', 'CAP_KILL'];
    rmSync(join(container.bundle, 'config.json'));
    const { stdout, status } = await container.exec([...options, '--process', file], 'false');
    expect(status).toBe(0);
    expect(stdout.split('\n')).toEqual([
      '/tmp',
      'uid=5 gid=6 groups=8,9',
      ...['A=1', 'HOME=/', 'PATH=/bin', 'PWD=/tmp', 'SHLVL=1'],
      ...['0077', '20', '77', ''],
    ]);
  });

  it('says what is wrong with a file, where in it, and which file it is', async (box) => {
    const container = await sleeping(box);
    const file = join(container.bundle, 'wrong.json');
    const cases: readonly (readonly [text: string, says: RegExp])[] = [
      ['nonsense', /not valid JSON: line 1, column 1/],
      ['', /not valid JSON/],
      ['{"args":["true"],"cwd":"/"},"hooks":{}', /column 27: expected the end|column 28/],
      ['[]', /\/process: /],
      ['{"cwd":"/"}', /\/process\/args/],
      ['{"args":["true"],"cwd":1}', /\/process\/cwd/],
      ['{"args":["true"],"cwd":"/","rlimits":[{"type":"X"}]}', /\/process\/rlimits/],
      ['{"args":["true"],"cwd":"/","terminal":1}', /\/process\/terminal/],
      ['{"args":["a\\u0000b"],"cwd":"/"}', /\/process\/args\/0.*NUL/],
    ];
    for (const [text, says] of engine.quick ? cases : cases.slice(0, 1)) {
      writeFileSync(file, text);
      const { status, stderr } = await container.exec(['--process', file]);
      expect([text, status]).toEqual([text, 255]);
      expect(stderr).toContain(`process file ${file}: `);
      expect(stderr).toMatch(says);
    }
  });

  it('starts from the process of the bundle, and the command line comes over it', async (box) => {
    const container = await sleeping(box, ({ process }, { rootfs }) => {
      mkdirSync(join(rootfs, 'work'));
      process.cwd = '/work';
      process.env = ['PATH=/bin', 'A=bundle', 'B=bundle'];
      process.user = { uid: 3, gid: 4, umask: 0o27, additionalGids: [11] };
      // What JSON.parse rounds.
      process.rlimits = [
        { type: 'RLIMIT_NOFILE', soft: 40, hard: 50 },
        { type: 'RLIMIT_CORE', soft: 0, hard: 18446744073709551615n },
      ];
      process.oomScoreAdj = 55;
    });
    const script = 'pwd; id; echo $A $B $C; umask; ulimit -n; cat /proc/self/oom_score_adj';
    expect((await container.says(script)).split('\n')).toEqual([
      ...['/work', 'uid=3 gid=4 groups=11', 'bundle bundle', '0027', '40', '55'],
    ]);
    const options = [
      ...['--cwd', '/tmp', '-e', 'A=one', '--env', 'A=two', '--env=C=three'],
      ...['-u', '7:8', '-g', '12', '--additional-gids', '13'],
    ];
    expect((await container.says(script, ...options)).split('\n')).toEqual([
      ...['/tmp', 'uid=7 gid=8 groups=11,12,13', 'two bundle three', '0027', '40', '55'],
    ]);
    expect(await container.says('id', '--user', '9')).toBe('uid=9 gid=4 groups=11');
  });

  it('has HOME from the container’s passwd, and a umask that is usual', async (box) => {
    const container = await sleeping(box, (_config, { rootfs }) => {
      writeFileSync(join(rootfs, 'etc/passwd'), 'x:x:1000:1::/home/x:/bin/sh\n');
    });
    expect(await container.says('echo $HOME; umask', '-u', '1000')).toBe('/home/x\n0022');
    expect(await container.says('echo $HOME', '-u', '1001')).toBe('/');
    expect(await container.says('echo $HOME', '-u', '1000', '-e', 'HOME=/h')).toBe('/h');
  });

  it('inherits no environment and no descriptors but those that are asked for', async (box) => {
    const container = await sleeping(box);
    const file = join(container.rootfs, 'file');
    writeFileSync(file, 'text');
    const script =
      'exec 3<"$0" 4<"$0" 5<"$0"; export LISTEN_FDS=1 LISTEN_PID=$$ LISTEN_FDNAMES=x; exec "$@"';
    const running = startCall(
      box.folder,
      [
        ...['sh', '-c', script, file, ...engine.command],
        ...['--root', box.root, ...container.execWords(['--preserve-fds', '2'])],
        ...['sh', '-c', 'ls -l /proc/$$/fd; env'],
      ],
      { env: { SECRET: 'x' } },
    );
    const { stdout, status } = await running.ended();
    expect(status).toBe(0);
    expect(stdout.match(/\d+ -> .*$/gm)?.map((line) => line.split(' ')[0])).toEqual([
      ...['0', '1', '2', '3', '4'],
    ]);
    expect(stdout).toMatch(/4 -> .*\/file$/m);
    expect(stdout).not.toMatch(/SECRET|LISTEN/);
  });

  /** Fewer where each takes long. */
  const calls = engine.quick ? Number(process.env.RUNTS_EXECS ?? 200) : 5;

  it('leaves nothing of itself however often it is called', async (box) => {
    const container = await sleeping(box);
    const look = () => ({
      files: readdirSync(container.state),
      states: readdirSync(box.root).sort(),
      fds: readdirSync(`/proc/${container.pid}/fd`),
      cgroups: cgroupsOf(container.cgroup).flatMap((path) =>
        readdirSync(path, { withFileTypes: true })
          .filter((entry) => entry.isDirectory())
          .map(({ name }) => join(path, name)),
      ),
      mounts: hostMounts().filter(({ path }) => path.startsWith(box.folder)).length,
      others: others(container),
    });
    // What the first one leaves for the others to find.
    await container.exec([], 'true');
    const before = look();
    const loop =
      'id=$1 calls=$2; shift 2; i=0 done=0 missing=0; while [ $i -lt $calls ]; do case $((i % 5)) in ' +
      '0) "$@" exec $id nosuchcommand 2>/dev/null; [ $? = 255 ] && missing=$((missing + 1));; ' +
      '1|3) "$@" exec -d $id true && done=$((done + 1));; ' +
      '*) "$@" exec $id true && done=$((done + 1));; esac; i=$((i + 1)); done; echo $done $missing';
    const words = ['sh', '-c', loop, 'sh', container.id, String(calls)];
    const command = [...words, ...engine.command, '--root', box.root];
    const { stdout } = await startCall(box.folder, command).ended();
    expect(stdout).toBe(`${(calls * 4) / 5} ${calls / 5}\n`);
    await until('all have ended', () => others(container).length === 0);
    expect(look()).toEqual(before);
  }, 240_000);

  it('is reported when the container dies meanwhile, and stays in it', async (box) => {
    for (const namespaced of engine.quick ? [true, false] : [true]) {
      const container = await sleeping(box, ({ linux }) => {
        if (!namespaced) linux.namespaces = linux.namespaces.filter(({ type }) => type !== 'pid');
      });
      const calls = Array.from({ length: engine.quick ? 12 : 2 }, () =>
        box.start(container.execWords([], 'sleep', '1000')),
      );
      await until('one of them is in', () => others(container).length > 0);
      await container.kill('KILL');
      await container.ended();
      await container.delete('--force');
      for (const { status, stderr } of await Promise.all(calls.map((each) => each.ended()))) {
        expect([137, 255]).toContain(status);
        if (status === 255) expect(stderr).toMatch(/level=error/);
        expect(stderr).not.toMatch(/TypeError|bug/);
      }
      await box.expectNothingLeft();
    }
  });

  it('dies with a caller that is killed before the command runs', async (box) => {
    const container = await sleeping(box);
    await box.runtime('pause', container.id);
    const running = box.start(container.execWords(['--ignore-paused'], 'sleep', '1000'));
    await until('it is in the container', () => others(container).length > 0);
    running.child.kill('SIGKILL');
    await once(running.child, 'exit').catch(() => {});
    await box.runtime('resume', container.id);
    await until('nobody is left of it', () => others(container).filter(isAlive).length === 0);
    expect(await container.status()).toBe('running');
  });
});
