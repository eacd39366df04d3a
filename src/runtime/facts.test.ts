/** The small readers and writers of the parent. */
import { describe, expect, it, test } from 'vitest';
import { RuntimeError } from '../errors/error.js';
import { errno } from '../linux/errno.js';
import { natives } from '../linux/natives.js';
import { fakeHost } from '../testing/fake-host.js';
import { directoryNode } from '../testing/fake-tree.js';
import { base } from '../testing/plans.js';
import { clockNow } from './clock.js';
import { failureOf } from './failure.js';
import { removePidFile, writePidFile } from './pid-file.js';
import { probe } from './probe.js';
import {
  connectToInit,
  isWaiting,
  isWaitingIn,
  listenForStart,
  removeStartSocket,
} from './socket.js';
import { Undo } from './undo.js';

describe('the clock', () => {
  const at = (seconds: bigint, nanoseconds: bigint) => {
    const clockGettime = (_: number, buffer: Uint8Array | null) => {
      buffer!.set(new Uint8Array(new BigInt64Array([seconds, nanoseconds]).buffer));
      return 0;
    };
    return clockNow(fakeHost({ natives: { clockGettime } }).context);
  };

  it.each([
    [0n, 0n, '1970-01-01T00:00:00.000000000Z'],
    [951_782_400n, 999_999_999n, '2000-02-29T00:00:00.999999999Z'],
    [1_700_000_000n, 7n, '2023-11-14T22:13:20.000000007Z'],
    // Beyond 32 bits, signed and unsigned.
    [2n ** 31n, 0n, '2038-01-19T03:14:08.000000000Z'],
    [2n ** 32n + 1n, 120_000_000n, '2106-02-07T06:28:17.120000000Z'],
  ])('of %i seconds and %i nanoseconds reads %s', (seconds, nanoseconds, text) => {
    expect(at(seconds, nanoseconds)).toBe(text);
  });
});

describe('a step of a batch that failed', () => {
  const row = (name: keyof typeof natives) => Object.keys(natives).indexOf(name);
  const failed = (step: string, number: number, of = row('execve')) =>
    failureOf({ type: 'failed', step, row: of, errno: number });

  it.each([
    [errno.ENOENT, 'command-not-found', 'no such file or directory'],
    [errno.ENOTDIR, 'command-not-found', 'not a directory'],
    [errno.ELOOP, 'command-not-found', 'too many levels of symbolic links'],
    [errno.ETXTBSY, 'command-not-found', 'text file busy'],
    [errno.E2BIG, 'command-not-found', 'argument list too long'],
    [errno.ENOMEM, 'command-not-found', 'cannot allocate memory'],
    [errno.EIO, 'command-not-found', 'EIO'],
    [errno.EACCES, 'command-not-executable', 'permission denied'],
    [errno.EPERM, 'command-not-executable', 'operation not permitted'],
    [errno.ENOEXEC, 'command-not-executable', 'exec format error'],
    [errno.EISDIR, 'command-not-executable', 'is a directory'],
  ])('to execute, with errno %i, is %s: %s', (number, code, words) => {
    const error = failed('exec: "/bin/x"', number);
    expect(error).toMatchObject({ code, message: `exec: "/bin/x": ${words}` });
    expect(error.steps).toEqual([
      'unable to start container process',
      'error during container init',
    ]);
  });

  it('otherwise names its call, so that there may be a hint', () => {
    expect(failed('set user 7', errno.EINVAL, row('setresuid'))).toMatchObject({
      code: 'syscall',
      call: { name: 'setresuid', args: [], errno: errno.EINVAL },
      steps: expect.arrayContaining(['set user 7']),
    });
  });

  it.each([-1, 4096, 0.5, Number.NaN])('of row %o is none of our calls', (number) => {
    expect(failed('batch', errno.EBADMSG, number)).toMatchObject({
      code: 'syscall',
      message: 'EBADMSG',
    });
  });

  it('is the only thing that init may say besides an error', () => {
    expect(failureOf({ type: 'ready' }).code).toBe('protocol');
  });
});

describe('facts', () => {
  const withEnvironment = (environment: readonly string[], open = 3) => {
    const fake = fakeHost({ environment });
    for (let fd = 3; fd < open; fd++) fake.machine.open(fake.machine.anonymous('inherited'));
    return fake.context;
  };

  it('tell what the caller is permitted', () => {
    const capget = (_: unknown, data: Uint8Array | null) => {
      const sets = [1, 0x8000_0001, 2, 3, 0x1ff, 4];
      data!.set(new Uint8Array(new Uint32Array(sets).buffer));
      return 0;
    };
    const { context } = fakeHost({ natives: { capget } });
    expect(probe(context, 0, base).capabilities).toEqual({ low: 0x8000_0001, high: 0x1ff });
  });

  it.each([
    [['LISTEN_FDS=2', 'LISTEN_PID=100'], 2],
    [['LISTEN_FDS=2', 'LISTEN_PID=99'], 0],
    [['LISTEN_FDS=2'], 0],
    [['LISTEN_FDS=x', 'LISTEN_PID=100'], 0],
    [['LISTEN_FDS=-1', 'LISTEN_PID=100'], 0],
    [['LISTEN_FDS=1.5', 'LISTEN_PID=100'], 0],
    [[], 0],
  ])('count the descriptors of systemd with %o as %i', (environment, count) => {
    expect(probe(withEnvironment(environment, 5), 0, base).listenFds).toBe(count);
  });

  it('tell an engine’s own descriptors from the caller’s (CVE-2024-21626)', () => {
    const { host, log } = withEnvironment([], 5);
    const engine = { ...host.engine, ownFds: () => [4] };
    const context = { host: { ...host, engine }, log };
    expect(() => probe(context, 1, base)).not.toThrow();
    expect(() => probe(context, 2, base)).toThrow('unable to stat preserved-fd 1 (of 2)');
  });

  it('say which descriptor that is to be inherited is closed', () => {
    expect(() => probe(withEnvironment([], 5), 2, base)).not.toThrow();
    expect(() => probe(withEnvironment([], 5), 3, base)).toThrow(
      'unable to stat preserved-fd 2 (of 3)',
    );
    const systemd = ['LISTEN_FDS=1', 'LISTEN_PID=100'];
    expect(() => probe(withEnvironment(systemd, 5), 2, base)).toThrow('preserved-fd 1 (of 2)');
    expect(() => probe(withEnvironment(systemd, 5), 2, base, false)).not.toThrow();
    const many = ['LISTEN_FDS=3', 'LISTEN_PID=100'];
    expect(() => probe(withEnvironment(many, 5), 0, base)).toThrow('descriptor 5 of LISTEN_FDS=3');
  });
});

describe('the socket at which init waits', () => {
  const host = (setup: Parameters<typeof fakeHost>[0] = {}) => {
    const fake = fakeHost({ ...setup, files: { '/run/c1': directoryNode() } });
    const directory = fake.machine.open({
      name: '/run/c1',
      path: '/run/c1',
      node: fake.machine.tree.nodes.get('/run/c1')!,
      offset: 0,
    });
    return { ...fake, directory };
  };

  it('has an address that is short however long the path of the state root is', () => {
    const { context, directory, calls } = host();
    listenForStart(context, directory);
    const address = calls.find(({ name }) => name === 'bind')?.args[1] as Uint8Array;
    const path = `/proc/self/fd/${directory}/start.sock\0`;
    expect(Buffer.from(address).toString('latin1')).toBe(`\x01\x00${path}`);
  });

  it('is known to wait until it is taken away', () => {
    const { context, directory, open } = host();
    expect(isWaiting(context, directory)).toBe(false);
    expect(connectToInit(context, directory)).toBeNull();
    using _listener = listenForStart(context, directory);
    expect(isWaiting(context, directory)).toBe(true);
    using connection = connectToInit(context, directory);
    expect(connection).not.toBeNull();
    removeStartSocket(context, directory);
    expect(isWaiting(context, directory)).toBe(false);
    expect(open()).toEqual(['/run/c1', 'socket', 'socket']);
  });

  it.each([
    [errno.ECONNREFUSED, false],
    [errno.EAGAIN, true],
    [errno.ENOENT, false],
  ])('that answers with errno %i waits: %o', (number, waits) => {
    const { context, directory } = host({ natives: { connect: () => -number } });
    expect(isWaiting(context, directory)).toBe(waits);
  });

  it('is looked for before anybody connects', () => {
    const { context, directory, calls, machine, open } = host();
    const root = machine.open({
      name: '/run',
      path: '/run',
      node: machine.tree.nodes.get('/run')!,
      offset: 0,
    });
    const before = calls.length;
    expect(isWaitingIn(context, root, 'c1')).toBe(false);
    expect(calls.slice(before).map(({ name }) => name)).toEqual(['faccessat2']);
    using _listener = listenForStart(context, directory);
    expect(isWaitingIn(context, root, 'c1')).toBe(true);
    expect(open()).toEqual(['/run/c1', '/run', 'socket']);
  });

  it('leaves nothing open when it cannot be made', () => {
    for (const name of ['bind', 'listen']) {
      const { context, directory, open } = host({ natives: { [name]: () => -errno.EADDRINUSE } });
      expect(() => listenForStart(context, directory)).toThrow();
      expect(open()).toEqual(['/run/c1']);
    }
  });
});

describe('reversals', () => {
  const undoing = (act: (undo: Undo) => void) => {
    const warnings: string[] = [];
    const { context } = fakeHost();
    const log = { ...context.log, warn: (text: string) => void warnings.push(text) };
    {
      using undo = new Undo({ ...context, log });
      act(undo);
    }
    return warnings;
  };

  it('run last first, each whatever the others do', () => {
    const done: string[] = [];
    const warnings = undoing((undo) => {
      undo.add(() => void done.push('first'));
      undo.add(() => {
        throw new RuntimeError('host', 'second fails');
      });
      undo.add(() => void done.push('third'));
    });
    expect(done).toEqual(['third', 'first']);
    expect(warnings).toEqual(['cannot undo: second fails']);
  });

  it('are forgotten when all went well', () => {
    const done: string[] = [];
    undoing((undo) => {
      undo.add(() => void done.push('undone'));
      undo.forget();
    });
    expect(done).toEqual([]);
  });
});

test('a pid file has digits alone, and may be gone when it is removed', () => {
  const { context, machine, open } = fakeHost({ files: { '/run/x': '' } });
  writePidFile(context, '/run/pid', 4711);
  expect(machine.tree.text('/run/pid')).toBe('4711');
  removePidFile(context, '/run/pid');
  removePidFile(context, '/run/pid');
  expect(machine.tree.nodes.has('/run/pid')).toBe(false);
  expect(() => writePidFile(context, '/none/pid', 1)).toThrow(
    expect.objectContaining({ steps: ['write the pid file /none/pid'] }),
  );
  expect(open()).toEqual([]);
});
