import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, openSync, symlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { startCall } from '../lib/call.js';
import { inUserNamespace } from '../lib/ids.js';
import { suite } from '../lib/suite.js';
import { consoleSocket, keyboard, onPty, onTerminal, shown } from '../lib/terminals.js';
import { until } from '../lib/until.js';

const numberOf = (stat: string) => Number(stat.split(' ')[6]);

suite('a terminal', ({ it }) => {
  it('comes through the console socket in one message, with one descriptor and a name', async (box) => {
    const container = box.container(
      onTerminal(
        'tty; stty size; ls -ln /dev/console; ls -1 /dev/pts; cat /proc/$$/stat',
        (config) => {
          config.process.consoleSize = { height: 33, width: 101 };
          config.process.user = { uid: 1000, gid: 1000 };
        },
      ),
    );
    const [message, tty, size, console, ...rest] = (await shown(box, container)).split('\n');
    expect(message).toBe('/dev/pts/0 1 0');
    expect([tty, size]).toEqual(['/dev/pts/0', '33 101']);
    expect(console).toMatch(/^crw--w---- +1 1000 +5 +136, +0 .* \/dev\/console$/);
    expect(rest.slice(0, 2)).toEqual(['0', 'ptmx']);
    // Device 136:0 controls the session, whose leader the process is.
    expect(numberOf(rest[2]!)).toBe(136 << 8);
  });

  it('is all that the process has open, and /dev/console is the same', async (box) => {
    const script = 'ls -1 /proc/$$/fd; echo through the console >/dev/console; cat </dev/null';
    const output = await shown(box, box.container(onTerminal(script)));
    // 10 is the shell's own, for the terminal.
    expect(output).toMatch(/^\S+ 1 0\n0\n1\n(10\n)?2\nthrough the console\n$/);
  });

  it('of a container that runs detached goes to the console socket as well', async (box) => {
    const container = box.container(onTerminal('tty; echo over'));
    const { path, receiver } = await consoleSocket(box);
    const { status, stdout, stderr } = await container.runtime(
      'run',
      ...['--detach', '--console-socket', path],
    );
    expect([status, stdout, stderr]).toEqual([0, '', '']);
    const ended = await receiver.ended();
    expect(ended.stdout.replaceAll('\r', '')).toMatch(/\/dev\/pts\/0 1 0\n\/dev\/pts\/0\nover\n$/);
  });

  it('is not there without being asked for, nor is /dev/console', async (box) => {
    expect(await box.inside('tty; ls /dev/pts; test -e /dev/console || echo none')).toBe(
      'not a tty\nptmx\nnone\n',
    );
  });

  it('works in a user namespace', async (box) => {
    const script = 'tty; stat -c %u:%g /dev/console';
    const container = box.container((config, paths) => {
      inUserNamespace(box)(config, paths);
      onTerminal(script)(config, paths);
    });
    expect(await shown(box, container)).toBe('/dev/pts/0 1 0\n/dev/pts/0\n0:5\n');
  });

  it('needs somebody who holds its other end, in the words of runc', async (box) => {
    const plain = box.container();
    const wanted = box.container(onTerminal('true'));
    const without = /cannot allocate tty if runc will detach without setting console socket/;
    const useless = /cannot use console socket if runc will not detach or allocate tty/;
    const socket = ['--console-socket', '/s'];
    for (const [container, verb, flags, message] of [
      [wanted, 'create', [], without],
      [wanted, 'run', ['--detach'], without],
      [plain, 'create', socket, useless],
      [wanted, 'run', socket, useless],
    ] as const) {
      const { status, stderr } = await container.runtime(verb, ...flags);
      expect([status, stderr]).toEqual([1, expect.stringMatching(message)]);
    }
    await box.expectNothingLeft();
  });

  it('whose receiver is not there, or goes away, undoes create', async (box) => {
    const container = box.container(onTerminal('true'));
    const missing = await container.create('--console-socket', '/nowhere/socket');
    expect([missing.status, missing.stderr]).toEqual([1, expect.stringContaining('ENOENT')]);
    const { path, receiver } = await consoleSocket(box, 'close');
    const { status, stderr } = await container.create('--console-socket', path);
    expect([status, stderr]).toEqual([1, expect.stringMatching(/console socket: .*(EPIPE|RESET)/)]);
    await receiver.ended();
    await box.expectNothingLeft();
  });

  it('needs a devpts in the container', async (box) => {
    const container = box.container(
      onTerminal('true', (config) => {
        config.mounts = config.mounts.filter(({ destination }) => destination !== '/dev/pts');
      }),
    );
    const { path, receiver } = await consoleSocket(box);
    const { status, stderr } = await container.create('--console-socket', path);
    expect([status, stderr]).toEqual([1, expect.stringContaining('no devpts is mounted')]);
    await receiver.ended();
    await box.expectNothingLeft();
  });

  it('cannot be redirected by links of the image (CVE-2025-52565, CVE-2026-41579)', async (box) => {
    const container = box.container(
      onTerminal('true', (config, { rootfs }) => {
        config.mounts = config.mounts.filter(({ destination }) => destination !== '/dev');
        symlinkSync('/proc/sysrq-trigger', join(rootfs, 'dev/console'));
      }),
    );
    const { path, receiver } = await consoleSocket(box);
    const { status, stderr } = await container.create('--console-socket', path);
    expect([status, stderr]).toEqual([
      1,
      expect.stringContaining('something else stands at /dev/console already'),
    ]);
    await receiver.ended();
    await box.expectNothingLeft();
  });

  it('is given to a further process by exec', async (box) => {
    const container = box.container(({ process }) => {
      process.args = ['sleep', '1000'];
    });
    await container.started();
    const { path, receiver } = await consoleSocket(box);
    const detached = ['exec', '--detach', '--tty', '--console-socket', path, container.id];
    const { status, stderr } = await box.runtime(...detached, 'sh', '-c', 'tty; cat /proc/$$/stat');
    expect([status, stderr]).toEqual([0, '']);
    const [, message, tty, stat] = (await receiver.ended()).stdout.replaceAll('\r', '').split('\n');
    expect([message, tty]).toEqual(['/dev/pts/0 1 0', '/dev/pts/0']);
    expect(numberOf(stat!)).toBe(136 << 8);
    const none = await box.runtime('exec', '--detach', '--tty', container.id, 'true');
    expect(none.stderr).toContain('cannot allocate tty if runc will detach');
    const answer = await box.runtime('exec', '--tty=false', container.id, 'tty');
    expect(answer.stdout).toBe('not a tty\n');
  });
});

suite('a terminal in the foreground', ({ it, engine }) => {
  it('is ours in raw mode, with its size, which is as before afterwards', async (box) => {
    const keys = keyboard(box);
    // A trap ends `read` too.
    const script =
      'stty size; trap "stty size" WINCH; until read a; do :; done; echo first; ' +
      'until read b; do :; done; echo "got $a $b"; exit 7';
    const container = box.container(onTerminal(script));
    const running = onPty(box, container.words('run'), keys.fd);
    await until('the size is shown', () => running.stdout().includes('24 80'));
    keys.type('one\n');
    await until('it is read', () => running.stdout().includes('first'));
    running.child.kill('SIGUSR1');
    await until('the new size is shown', () => running.stdout().includes('50 132'));
    keys.type('two\n');
    const { stdout } = await running.ended();
    keys.close();
    // Each key is shown once: by the container's terminal, not by ours.
    expect(stdout.match(/one/g)).toHaveLength(2);
    expect(stdout).toMatch(/got one two\r\n/);
    expect(stdout).toContain('\nstatus 7, terminal as before\n');
  });

  it('brings the interrupt key to the container', async (box) => {
    const keys = keyboard(box);
    const container = box.container(
      onTerminal('trap "echo interrupted; exit 3" INT; echo ready; while :; do sleep 1; done'),
    );
    const running = onPty(box, container.words('run'), keys.fd);
    await until('it is ready', () => running.stdout().includes('ready'));
    keys.type('\x03');
    const { stdout } = await running.ended();
    keys.close();
    expect(stdout).toMatch(/interrupted\r\n\nstatus 3, terminal as before\n$/);
  });

  it('is as before after a kill, and after an error', async (box) => {
    const keys = keyboard(box);
    const container = box.container(onTerminal('echo ready; sleep 1000'));
    const running = onPty(box, container.words('run'), keys.fd);
    await until('it is ready', () => running.stdout().includes('ready'));
    await container.kill('KILL');
    expect((await running.ended()).stdout).toContain('\nstatus 137, terminal as before\n');
    const broken = box.container(
      onTerminal('true', ({ process }) => {
        process.args = ['/bin/nope'];
      }),
    );
    const { stdout } = await onPty(box, broken.words('run'), keys.fd).ended();
    keys.close();
    expect(stdout).toContain('\nstatus 1, terminal as before\n');
  });

  it('is for exec as well', async (box) => {
    const container = box.container(({ process }) => {
      process.args = ['sleep', '1000'];
    });
    await container.started();
    const { stdout } = await onPty(box, [
      'exec',
      '-t',
      container.id,
      'sh',
      '-c',
      'tty; exit 4',
    ]).ended();
    expect(stdout).toBe('/dev/pts/0\r\n\nstatus 4, terminal as before\n');
  });

  it('takes what comes through a pipe, and its end', async (box) => {
    const container = box.container(onTerminal('stty -echo; cat; echo over'));
    const keys = join(box.folder, 'typed');
    execFileSync('sh', ['-c', `printf 'a line\\nno line' >${keys}`]);
    const stdin = openSync(keys, 'r');
    const { status, stdout, stderr } = await box.with({ stdin }, ...container.words('run'));
    closeSync(stdin);
    expect([status, stderr]).toEqual([0, '']);
    // What was typed before `stty` is shown by the terminal.
    expect(stdout).toMatch(/a line\nno lineover\n$/);
  });

  it('loses nothing of 100 MB, also when the reader is slow', async (box) => {
    const megabytes = engine.quick ? 100 : 20;
    const block = Buffer.alloc(
      1_000_000,
      '0123456789abcdef of a pattern that has no period of 4096\n',
    );
    const digest = createHash('sha256');
    const container = box.container(
      onTerminal('dd if=/much bs=65536 2>/dev/null', (_, { rootfs }) => {
        const file = openSync(join(rootfs, 'much'), 'w');
        for (let i = 0; i < megabytes; i++) {
          block.write(`block ${i}`);
          digest.update(block);
          writeSync(file, block);
        }
        closeSync(file);
      }),
    );
    const command = [...engine.command, '--root', box.root, ...container.words('run')];
    const reader = '(for i in 1 2 3 4 5 6 7 8; do head -c 100000; sleep 0.1; done; cat)';
    const script = `"$@" </dev/null | ${reader} | sha256sum`;
    const { stdout } = await startCall(box.folder, [
      'bash',
      '-c',
      script,
      'sh',
      ...command,
    ]).ended();
    expect(stdout).toBe(`${digest.digest('hex')}  -\n`);
  });

  it('is hung up when nobody reads any more', async (box) => {
    const container = box.container(onTerminal('yes'));
    const command = [...engine.command, '--root', box.root, ...container.words('run')];
    const script = '"$@" </dev/null | head -c 5 >&2; echo "$PIPESTATUS"';
    const ended = await startCall(box.folder, ['bash', '-c', script, 'sh', ...command]).ended();
    expect(ended.stderr).toContain('y\ny\n');
    expect(ended.stdout).toMatch(/^[1-9]\d*\n$/);
  });
});
