import { describe, expect, it } from 'vitest';
import { AT_FDCWD, DT_DIR, DT_REG, O_PATH, O_RDONLY, O_WRONLY } from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import { type FakeHostSetup, fakeHost } from '../testing/fake-host.js';
import { directoryNode, linkNode } from '../testing/fake-tree.js';
import {
  listDirectoryAt,
  openAt,
  openIfThere,
  readAll,
  readFile,
  readLinkAt,
  readRecordAt,
  readTextAt,
  workingDirectory,
  writeAll,
  writeAtomically,
  writeValueAt,
} from './io.js';

const files = { '/d/a': 'text', '/d/sub/x': '', '/d/link': linkNode('to/\udcff') };

const host = (setup: FakeHostSetup = {}) => fakeHost({ files, ...setup });

describe('what goes while it is looked at is not there', () => {
  const going = host({ natives: { openat2: () => -errno.ENODEV } });

  it('of a file of a cgroup, which cannot be opened any more', () => {
    expect(openIfThere(going.context, AT_FDCWD, '/d/a', O_RDONLY)).toBe(null);
    expect(readRecordAt(going.context, AT_FDCWD, '/d/a')).toBe(null);
  });

  it('of a directory, which has no entries any more', () => {
    const { context, open } = host({ natives: { getdents64: () => -errno.ENOENT } });
    expect(listDirectoryAt(context, AT_FDCWD, '/d')).toEqual([]);
    expect(open()).toEqual([]);
  });
});

describe('reading', () => {
  it.each([0, 1, 4095, 65535, 65536, 65537, 300_000])('takes all of %i bytes', (length) => {
    const bytes = Uint8Array.from({ length }, (_, i) => i % 251);
    const { context, machine, open } = host();
    machine.tree.put('/big', Buffer.from(bytes).toString('latin1'));
    machine.tree.nodes.get('/big')!.bytes = bytes;
    expect(readFile(context, '/big')).toEqual(bytes);
    expect(open()).toEqual([]);
  });

  it('goes on after a short read', () => {
    const { context } = host();
    const parts = ['ab', 'c', ''];
    const natives = {
      read: (_: number, buffer: Uint8Array | null) => {
        const part = Buffer.from(parts.shift() ?? '');
        buffer!.set(part);
        return part.length;
      },
    };
    expect(context.host.engine.decode(readAll(host({ natives }).context, 3))).toBe('abc');
  });

  it('answers bytes of its own: the next reading does not change them', () => {
    const { context, machine } = host();
    machine.tree.put('/one', '1');
    machine.tree.put('/two', '2');
    const one = readFile(context, '/one');
    readFile(context, '/two');
    expect(context.host.engine.decode(one)).toBe('1');
  });

  it('closes what it has opened when it fails', () => {
    const { context, open } = host({ natives: { read: () => -errno.EIO } });
    expect(() => readTextAt(context, AT_FDCWD, '/d/a')).toThrow();
    expect(open()).toEqual([]);
  });
});

describe('opening', () => {
  it('of what is not there is null, or an error, as the caller wants', () => {
    const { context } = host();
    expect(openIfThere(context, AT_FDCWD, '/d/none', O_RDONLY)).toBeNull();
    expect(() => openAt(context, AT_FDCWD, '/d/none', O_RDONLY)).toThrow();
  });

  it('that fails in another way is an error', () => {
    const { context } = host({ natives: { openat2: () => -errno.ELOOP } });
    expect(() => openIfThere(context, AT_FDCWD, '/d/a', O_PATH)).toThrow(
      expect.objectContaining({ call: expect.objectContaining({ errno: errno.ELOOP }) }),
    );
  });

  it('never leaves a descriptor to a program that is started', () => {
    const { context, calls } = host();
    openAt(context, AT_FDCWD, '/d/a', O_WRONLY);
    openIfThere(context, AT_FDCWD, '/d/a', O_WRONLY);
    for (const { args } of calls)
      expect(new Uint32Array((args[2] as Uint8Array).buffer)[0]).toBe(O_WRONLY | 0x80000);
  });
});

describe('writing', () => {
  it('goes on after a short write', () => {
    const written: string[] = [];
    const natives = {
      write: (_: number, data: Uint8Array | null) => {
        written.push(Buffer.from(data!).toString());
        return Math.min(2, data!.length);
      },
    };
    writeAll(host({ natives }).context, 3, Buffer.from('abcde'));
    expect(written).toEqual(['abcde', 'cde', 'e']);
  });

  it('of a value is one call', () => {
    const { context, machine, trace } = host();
    writeValueAt(context, AT_FDCWD, '/d/a', 'max');
    expect(machine.tree.text('/d/a')).toBe('max');
    expect(trace().at(-1)).toBe('write(</d/a>, "max")');
  });

  it('of a whole file replaces the one before, and leaves no other name', () => {
    const fake = host();
    using directory = openAt(fake.context, AT_FDCWD, '/d', O_PATH);
    writeAtomically(fake.context, directory.number, 'a', Buffer.from('new'), 0o600);
    expect(fake.machine.tree.text('/d/a')).toBe('new');
    expect(fake.machine.tree.nodes.get('/d/a')?.mode).toBe(0o100600);
    expect(fake.machine.tree.nodes.has('/d/.a')).toBe(false);
  });

  it.each(['write', 'renameat2'] as const)('that fails in %s leaves the one before', (name) => {
    const fake = host({ natives: { [name]: () => -errno.ENOSPC } });
    using directory = openAt(fake.context, AT_FDCWD, '/d', O_PATH);
    expect(() =>
      writeAtomically(fake.context, directory.number, 'a', Buffer.from('new'), 0o600),
    ).toThrow();
    expect(fake.machine.tree.text('/d/a')).toBe('text');
    expect(fake.machine.tree.nodes.has('/d/.a')).toBe(false);
  });
});

it('lists a directory without itself and its parent', () => {
  expect(listDirectoryAt(host().context, AT_FDCWD, '/d')).toEqual([
    { name: 'a', type: DT_REG },
    { name: 'sub', type: DT_DIR },
    { name: 'link', type: DT_REG },
  ]);
});

it('reads links and the working directory with all their bytes', () => {
  const { context, machine } = host();
  machine.tree.nodes.get('/d/link')!.bytes = new Uint8Array([0x74, 0xff]);
  expect(readLinkAt(context, AT_FDCWD, '/d/link')).toBe('t\udcff');
  machine.tree.put('/some/where', directoryNode());
  machine.cwd = '/some/where';
  expect(workingDirectory(context)).toBe('/some/where');
});
