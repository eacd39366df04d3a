import { describe, expect, it } from 'vitest';
import { AT_FDCWD, O_DIRECTORY, O_RDONLY, PROC_SUPER_MAGIC } from '../linux/constants.js';
import { type FakeHost, fakeHost } from '../testing/fake-host.js';
import { directoryNode } from '../testing/fake-tree.js';
import { isHeldAbove } from './ancestors.js';
import { openAt } from './io.js';
import { openHostProc } from './proc.js';
import { stat } from './stat.js';

const statOf = (pid: number, parent: number) => `${pid} (a) b) S ${parent} 0 0\n`;

/** We are 30, whose parent is 20, whose parent is 10, the first. */
const host = (): FakeHost =>
  fakeHost({
    files: {
      '/proc': directoryNode({ magic: PROC_SUPER_MAGIC }),
      '/proc/self/stat': statOf(30, 20),
      '/proc/20/stat': statOf(20, 10),
      '/proc/10/stat': statOf(10, 0),
      '/run/a': directoryNode(),
    },
  });

/** With the list of locks, which is told the inode that matters. */
function ask(fake: FakeHost, locks: (inode: number) => string): boolean {
  const { machine, context } = fake;
  machine.tree.put('/proc/locks', locks(stat(context, AT_FDCWD, '/run/a').inode));
  using proc = openHostProc(context);
  using directory = openAt(context, AT_FDCWD, '/run/a', O_RDONLY | O_DIRECTORY);
  return isHeldAbove(context, proc, directory.number);
}

const flock = (pid: number) => (inode: number) =>
  `1: OFDLCK ADVISORY  READ -1 fe:00:${inode} 0 0\n2: FLOCK  ADVISORY  WRITE ${pid} fe:00:${inode} 0 EOF\n`;

describe('a lock that is held above', () => {
  it.each([
    ['our parent', flock(20), true],
    ['its parent', flock(10), true],
    ['somebody else', flock(40), false],
    ['us', flock(30), false],
    ['nobody', () => '', false],
    ['who only waits for it', (n: number) => flock(20)(n).replaceAll(': F', ': -> F'), false],
    ['who has locked another file', (n: number) => flock(20)(n * 10 + 1), false],
    ['who has another kind of lock', (n: number) => flock(20)(n).replace('FLOCK', 'POSIX'), false],
    ['one of several', (n: number) => flock(5)(n + 1) + flock(40)(n) + flock(10)(n), true],
  ])('is that of %s', (_, locks, expected) => {
    const fake = host();
    expect(ask(fake, locks)).toBe(expected);
    expect(fake.open()).toEqual([]);
  });

  it('is none where a parent has ended meanwhile', () => {
    const fake = host();
    fake.machine.tree.remove('/proc/20/stat');
    expect(ask(fake, flock(10))).toBe(false);
  });
});
