import { describe, expect, it } from 'vitest';
import { AT_FDCWD, NSFS_MAGIC, S_IFCHR, TMPFS_MAGIC } from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import { namespaceKinds } from '../linux/namespaces.js';
import { fakeHost } from '../testing/fake-host.js';
import { makeNode } from '../testing/fake-tree.js';
import { openAt } from './io.js';
import { namespaceKindOf } from './namespace.js';
import { fileSystemOf, stat, statIfThere } from './stat.js';

const device = makeNode({
  mode: S_IFCHR | 0o4620,
  uid: 5,
  gid: 0xffff_fffe,
  major: 10,
  minor: 0xfffff,
  attributes: 0x2000,
  magic: TMPFS_MAGIC,
});

const host = () => fakeHost({ files: { '/dev/x': device, '/a': '' } });

describe('what a file is', () => {
  it('is told in numbers', () => {
    expect(stat(host().context, AT_FDCWD, '/dev/x')).toEqual({
      type: S_IFCHR,
      permissions: 0o4620,
      uid: 5,
      gid: 0xffff_fffe,
      major: 10,
      minor: 0xfffff,
      attributes: 0x2000,
      inode: expect.any(Number),
      links: 2,
    });
  });

  it('is kept when the next one is looked at', () => {
    const { context } = host();
    const first = stat(context, AT_FDCWD, '/dev/x');
    stat(context, AT_FDCWD, '/a');
    expect(first.uid).toBe(5);
  });

  it('is nothing where there is none', () => {
    const { context } = host();
    expect(statIfThere(context, AT_FDCWD, '/none')).toBeNull();
    expect(() => stat(context, AT_FDCWD, '/none')).toThrow(
      expect.objectContaining({
        call: expect.objectContaining({ name: 'statx', errno: errno.ENOENT }),
      }),
    );
  });

  it('is asked without following links', () => {
    const { context, calls } = host();
    stat(context, AT_FDCWD, '/a');
    expect(calls.at(-1)?.args[2]).toBe(0x1100);
  });
});

it('tells the file system of a descriptor', () => {
  const { context } = host();
  using file = openAt(context, AT_FDCWD, '/dev/x', 0);
  expect(fileSystemOf(context, file.number)).toBe(TMPFS_MAGIC);
});

describe('a namespace', () => {
  it.each(Object.entries(namespaceKinds))('of type %s is known by its flag', (kind, { flag }) => {
    const node = makeNode({ magic: NSFS_MAGIC, namespace: flag });
    const { context } = fakeHost({ files: { '/ns': node } });
    using file = openAt(context, AT_FDCWD, '/ns', 0);
    expect(namespaceKindOf(context, file.number)).toBe(kind);
  });

  it('is not what lies on another file system, or has an unknown flag', () => {
    const files = {
      '/other': makeNode({ namespace: 0x20000 }),
      '/ns': makeNode({ magic: NSFS_MAGIC, namespace: 1 }),
    };
    const { context } = fakeHost({ files });
    for (const path of ['/other', '/ns']) {
      using file = openAt(context, AT_FDCWD, path, 0);
      expect(namespaceKindOf(context, file.number)).toBeNull();
    }
  });
});
