import { describe, expect, it, test } from 'vitest';
import { POLLIN, PROC_SUPER_MAGIC, SIGKILL } from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import { type FakeHostSetup, fakeHost } from '../testing/fake-host.js';
import { directoryNode } from '../testing/fake-tree.js';
import { openHostProc, writeProc } from './proc.js';
import {
  exitCodeOf,
  isAlive,
  killAndWait,
  openProcess,
  processStat,
  waitReadable,
} from './process.js';

function host(setup: FakeHostSetup = {}) {
  const proc = { '/proc': directoryNode({ magic: PROC_SUPER_MAGIC }) };
  const fake = fakeHost({ ...setup, files: { ...proc, ...setup.files } });
  fake.machine.addProcess(7, '4711');
  return { ...fake, proc: openHostProc(fake.context) };
}

describe('a process', () => {
  it('is read of as proc_pid_stat(5) has it', () => {
    const { context, proc } = host();
    expect(processStat(context, proc, 7)).toMatchObject({ state: 'S', startTime: '4711' });
    expect(processStat(context, proc, 8)).toBeNull();
  });

  it('that goes while it is looked at is gone', () => {
    const { context, proc, open } = host({ natives: { read: () => -errno.ESRCH } });
    expect(processStat(context, proc, 7)).toBeNull();
    expect(isAlive(context, proc, 7, '4711')).toBe(false);
    expect(open()).toEqual(['/proc']);
  });

  it.each([
    ['it lives', () => {}, '4711', true],
    ['its pid has gone to another one', () => {}, '4710', false],
    [
      'it waits to be reaped',
      ({ machine }: ReturnType<typeof host>) => machine.end(7, 0),
      '4711',
      false,
    ],
    ['it is gone', ({ machine }: ReturnType<typeof host>) => machine.forget(7), '4711', false],
  ] as const)('%s', (_, change, startTime, alive) => {
    const fake = host();
    change(fake);
    expect(isAlive(fake.context, fake.proc, 7, startTime)).toBe(alive);
    using fd = openProcess(fake.context, fake.proc, 7, startTime);
    expect(fd !== null).toBe(alive);
    expect(fake.open()).toEqual(alive ? ['/proc', 'process 7'] : ['/proc']);
  });

  it('of pid 0 is none: so records say of one that was never started', () => {
    const { context, proc, calls } = host();
    const before = calls.length;
    expect(isAlive(context, proc, 0, '')).toBe(false);
    expect(openProcess(context, proc, 0, '')).toBeNull();
    expect(calls.length).toBe(before);
  });

  it('is looked at again once its descriptor is open', () => {
    const { context, proc, trace } = host();
    openProcess(context, proc, 7, '4711');
    expect(trace().slice(-3)[0]).toBe('pidfd_open(7, 0) = <process 7>');
  });

  it('that cannot be looked at leaves nothing open', () => {
    const { context, proc, open } = host({ natives: { read: () => -errno.EIO } });
    expect(() => openProcess(context, proc, 7, '4711')).toThrow();
    expect(open()).toEqual(['/proc']);
  });
});

describe('waiting', () => {
  it('answers which descriptors have something, in whatever way they have it', () => {
    const ready = (revents: number) => {
      const natives = {
        ppoll: (fds: Uint8Array | null) => {
          new Int32Array(fds!.buffer)[3]! |= revents << 16;
          return 1;
        },
      };
      return waitReadable(host({ natives }).context, [5, 6], null);
    };
    expect(ready(POLLIN)).toEqual([6]);
    expect(ready(0x10)).toEqual([6]);
  });

  it.each([
    [null, null],
    [0, [0n, 0n]],
    [1500, [1n, 500_000_000n]],
  ])('for %o milliseconds', (ms, expected) => {
    let timeout: Uint8Array | null = null;
    const natives = {
      ppoll: (_: unknown, __: unknown, given: Uint8Array | null) => {
        timeout = given;
        return 0;
      },
    };
    expect(waitReadable(host({ natives }).context, [5], ms)).toEqual([]);
    const found = timeout as Uint8Array | null;
    expect(found && [...new BigInt64Array(found.buffer)]).toEqual(expected);
  });

  it('is over with a signal, and broken by any other failure', () => {
    const { context } = host({ natives: { ppoll: () => -errno.EINTR } });
    expect(waitReadable(context, [5], null)).toEqual([]);
    const broken = host({ natives: { ppoll: () => -errno.EINVAL } }).context;
    expect(() => waitReadable(broken, [5], null)).toThrow();
  });

  it('for the end of what was killed tells whether it came', () => {
    const fake = host();
    using init = openProcess(fake.context, fake.proc, 7, '4711')!;
    expect(killAndWait(fake.context, init, 10)).toBe(true);
    expect(fake.machine.signals).toEqual([[7, SIGKILL]]);
    const frozen = host({ natives: { pidfdSendSignal: () => 0 } });
    using other = openProcess(frozen.context, frozen.proc, 7, '4711')!;
    expect(killAndWait(frozen.context, other, 10)).toBe(false);
  });
});

test.each([
  [0, 0],
  [7 << 8, 7],
  [255 << 8, 255],
  [9, 137],
  [15, 143],
  // With a core dump.
  [11 | 0x80, 139],
])('the wait status %i is the exit code %i', (status, code) => {
  expect(exitCodeOf(status)).toBe(code);
});

describe('/proc', () => {
  it('must be one', () => {
    const { context, open } = fakeHost({ files: { '/proc': directoryNode() } });
    expect(() => openHostProc(context)).toThrow(
      expect.objectContaining({ code: 'host', message: '/proc is not procfs' }),
    );
    expect(open()).toEqual([]);
  });

  it('is written to without following anything', () => {
    const { context, proc, trace } = host({ files: { '/proc/sys/x': '' } });
    writeProc(context, proc, 'sys/x', '1');
    expect(trace().slice(-2)).toEqual([
      'openat2(</proc> "sys/x", WRONLY, BENEATH|NO_MAGICLINKS|NO_SYMLINKS|NO_XDEV) = </proc/sys/x>',
      'write(</proc/sys/x>, "1")',
    ]);
  });
});
