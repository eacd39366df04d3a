import { describe, expect, it } from 'vitest';
import { RuntimeError } from '../errors/error.js';
import { AT_FDCWD, O_DIRECTORY, O_PATH } from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import { type NativeName, type NativeRow, natives } from '../linux/natives.js';
import { errorOf } from '../testing/error-of.js';
import { fakeHost } from '../testing/fake-host.js';
import { Fd, owned } from './fd.js';
import { attempt, checkNatives, createHost, tracedHost } from './host.js';
import { openHow } from './io.js';

describe('a checked native', () => {
  it.each(Object.entries(natives) as [NativeName, NativeRow][])(
    '%s passes on every argument, and throws what failed',
    (name, row) => {
      const seen: unknown[][] = [];
      const result = { value: 7 };
      const native = (...args: unknown[]) => {
        seen.push(args);
        return result.value;
      };
      const checked = checkNatives({ ...fakeHost().context.host.raw, [name]: native });
      const call = checked[name] as (...args: unknown[]) => number;
      const args = row.args.map((_, i) => i + 1);
      expect(call(...args)).toBe(7);
      result.value = -errno.EPERM;
      expect(errorOf(() => call(...args))).toMatchObject({
        code: 'syscall',
        message: '',
        call: { name: row.call ?? name, errno: errno.EPERM },
      });
      expect(seen).toEqual([args, args]);
    },
  );

  it('that failed shows its arguments as strace would', () => {
    const { sys } = fakeHost().context.host;
    const error = errorOf(() => sys.openat2(AT_FDCWD, '/no "where"', openHow(O_PATH, 0, 0), 24));
    expect(error.call).toEqual({
      name: 'openat2',
      args: ['AT_FDCWD', '"/no \\"where\\""', '[24 bytes]', '0x18'],
      errno: errno.ENOENT,
    });
  });
});

describe('an attempt', () => {
  it('answers what it succeeds in or is expected to fail with, and throws anything else', () => {
    const { context } = fakeHost({ natives: { kill: (pid) => 0 - pid } });
    const expected = [errno.ESRCH, errno.EPERM];
    expect(attempt(context, expected, 'kill', 0, 9)).toBe(0);
    expect(attempt(context, expected, 'kill', errno.ESRCH, 9)).toBe(-errno.ESRCH);
    const error = errorOf(() => attempt(context, expected, 'kill', errno.EINVAL, 9));
    expect(error.call).toEqual({ name: 'kill', args: ['22', '9'], errno: errno.EINVAL });
  });
});

describe('a traced host', () => {
  it('tells of each call and of its result, but not of writing what it tells', () => {
    const lines: string[] = [];
    const { engine } = fakeHost().context.host;
    const { raw, sys } = tracedHost(engine, (line) => void lines.push(line));
    raw.kill(1, 9);
    sys.getpid();
    sys.write(1, new Uint8Array(2), 2);
    expect(errorOf(() => sys.fchdir(99)).call?.errno).toBe(errno.EBADF);
    expect(lines).toEqual(['kill(1, 9) = ESRCH', 'getpid() = 100', 'fchdir(99) = EBADF']);
  });

  it('does what the other one does', () => {
    const { engine } = fakeHost().context.host;
    expect(createHost(engine)).toMatchObject({ engine, raw: engine.natives });
  });
});

describe('a descriptor', () => {
  const opened = () => {
    const fake = fakeHost({ files: { '/x': '' } });
    const how = openHow(O_PATH, 0, 0);
    return {
      fake,
      fd: new Fd(fake.context, fake.context.host.sys.openat2(AT_FDCWD, '/x', how, 24)),
    };
  };

  it('is closed once', () => {
    const { fake, fd } = opened();
    const closed: number[] = [];
    const { context } = fakeHost({ natives: { close: (number) => closed.push(number) } });
    const counted = new Fd(context, 5);
    counted[Symbol.dispose]();
    counted[Symbol.dispose]();
    expect(closed).toEqual([5]);
    expect(fake.open()).toEqual(['/x']);
    fd[Symbol.dispose]();
    expect(fake.open()).toEqual([]);
  });

  it('that was given away is left open', () => {
    const { fake, fd } = opened();
    expect(fd.release()).toBe(fd.number);
    fd[Symbol.dispose]();
    expect(fake.open()).toEqual(['/x']);
  });

  it('is closed when it cannot be made ready for its owner', () => {
    const { fake, fd } = opened();
    expect(owned(fd, () => {})).toBe(fd);
    expect(fake.open()).toEqual(['/x']);
    const fail = () => {
      throw new RuntimeError('host', 'no');
    };
    expect(() => owned(fd, fail)).toThrow('no');
    expect(fake.open()).toEqual([]);
  });
});

it('asks openat2 for what it was told', () => {
  const how = openHow(O_PATH | O_DIRECTORY, 0o600, 0x10);
  expect(Buffer.from(how).toString('hex')).toBe(
    '0000210000000000' + '8001000000000000' + '1000000000000000',
  );
});
