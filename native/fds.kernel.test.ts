import { closeSync, fstatSync, mkdtempSync, openSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { socketPair } from '../src/channel/channel.js';
import type { Fd } from '../src/host/fd.js';
import { F_GETFD, FD_CLOEXEC } from '../src/linux/constants.js';
import { errno } from '../src/linux/errno.js';
import { kernelContext } from '../src/testing/cgroup-scenario.js';

const context = kernelContext();
const { raw, sys } = context.host;
const folder = mkdtempSync(join(tmpdir(), 'runts-fds-'));
afterAll(() => rmSync(folder, { recursive: true }));

let one: Fd;
let other: Fd;
const opened: number[] = [];

beforeEach(() => {
  [one, other] = socketPair(context);
});

afterEach(() => {
  one[Symbol.dispose]();
  other[Symbol.dispose]();
  for (const fd of opened.splice(0)) closeSync(fd);
});

const openFile = (name: string): number => {
  const fd = openSync(join(folder, name), 'w');
  opened.push(fd);
  return fd;
};

const send = (text: string, fds: readonly number[] = []) =>
  sys.sendFds(
    one.number,
    Buffer.from(text),
    Buffer.byteLength(text),
    new Uint8Array(new Int32Array(fds).buffer),
    fds.length,
  );

interface Received {
  readonly result: number;
  readonly text: string;
  readonly fds: readonly number[];
}

function receive(length: number, count: number): Received {
  const data = new Uint8Array(length);
  const numbers = new Int32Array(1 + count);
  const result = raw.recvFds(other.number, data, length, new Uint8Array(numbers.buffer), count);
  const fds = [...numbers.subarray(1, 1 + numbers[0]!)];
  opened.push(...fds);
  return { result, text: Buffer.from(data.subarray(0, Math.max(result, 0))).toString(), fds };
}

const nameOf = (fd: number) => readlinkSync(`/proc/self/fd/${fd}`);
const openFds = () =>
  Array.from({ length: 256 }, (_, fd) => fd).filter((fd) => {
    try {
      fstatSync(fd);
      return true;
    } catch {
      return false;
    }
  });

describe('a message', () => {
  it('carries its text and no descriptors', () => {
    expect(send('hello')).toBe(5);
    expect(receive(100, 4)).toEqual({ result: 5, text: 'hello', fds: [] });
  });

  it('carries descriptors in their order, closed in programs that are started', () => {
    const files = ['a', 'b', 'c'].map(openFile);
    send('x', files);
    const { fds } = receive(100, 4);
    expect(fds.map(nameOf)).toEqual(files.map(nameOf));
    for (const fd of fds) expect(sys.fcntl(fd, F_GETFD, 0) & FD_CLOEXEC).toBe(FD_CLOEXEC);
  });

  it('carries as many as 64 of them', () => {
    const file = openFile('many');
    send(
      'x',
      Array.from({ length: 64 }, () => file),
    );
    expect(receive(1, 64).fds).toHaveLength(64);
    const numbers = new Uint8Array(4 * 65);
    expect(raw.sendFds(one.number, numbers, 1, numbers, 65)).toBe(-errno.EINVAL);
    expect(raw.recvFds(other.number, numbers, 1, new Uint8Array(4 * 66), 65)).toBe(-errno.EINVAL);
  });

  it('comes whole, one after the other', () => {
    send('one');
    send('two');
    expect([receive(100, 0).text, receive(100, 0).text]).toEqual(['one', 'two']);
  });
});

describe('a message that is cut', () => {
  it('in its text is refused, and its descriptors are closed', () => {
    const file = openFile('cut');
    const before = openFds();
    send('too long', [file]);
    expect(receive(3, 4)).toMatchObject({ result: -errno.EMSGSIZE, fds: [] });
    expect(openFds()).toEqual(before);
  });

  it('in its descriptors is refused, and those that came are closed', () => {
    const file = openFile('few');
    const before = openFds();
    send('x', [file, file, file]);
    expect(receive(100, 1)).toMatchObject({ result: -errno.EMSGSIZE, fds: [] });
    expect(openFds()).toEqual(before);
  });
});

describe('the end', () => {
  it('is a message of nothing', () => {
    one[Symbol.dispose]();
    expect(receive(100, 0).result).toBe(0);
  });

  it('is an error to whoever sends, and no signal', () => {
    other[Symbol.dispose]();
    expect(raw.sendFds(one.number, new Uint8Array(1), 1, null, 0)).toBe(-errno.EPIPE);
  });

  it('is a reset for who has left a message unread', () => {
    send('unread');
    sys.sendFds(other.number, Buffer.from('unread too'), 10, null, 0);
    other[Symbol.dispose]();
    const data = new Uint8Array(10);
    const got = raw.recvFds(one.number, data, 10, new Uint8Array(4), 0);
    expect([10, -errno.ECONNRESET]).toContain(got);
  });
});
