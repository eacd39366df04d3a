import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ancestors, cgroupPath, components } from './path.js';

describe('where a cgroup goes', () => {
  it.each([
    // cgroupsPath, own, kind, result
    ['/a/b', '/own', 'v1', '/a/b'],
    ['/a/b', '/own', 'v2', '/a/b'],
    ['a/b', '/own/x', 'v1', '/own/x/a/b'],
    ['a/b', '/own/x', 'v2', '/own/a/b'],
    ['a', '/', 'v1', '/a'],
    ['a', '/', 'v2', '/a'],
    ['', '/own/x', 'v1', '/own/x/id'],
    ['', '/own/x', 'v2', '/own/id'],
    [undefined, '/own', 'v1', '/own/id'],
    [undefined, '/', 'v2', '/id'],
    ['/a//./b/', '/', 'v1', '/a/b'],
    ['/../../etc', '/', 'v1', '/etc'],
    ['../../../etc', '/own/x', 'v1', '/own/x/etc'],
    ['a/../../b', '/own', 'v1', '/own/b'],
    ['a:b:c', '/', 'v1', '/a:b:c'],
    ['a', '/../../outside', 'v1', '/outside/a'],
    ['/é', '/', 'v2', '/é'],
  ] as const)('cgroupsPath %j from %j on %s is %s', (path, own, kind, expected) => {
    expect(cgroupPath(path, 'id', own, kind)).toBe(expected);
  });

  it.each(['/', '.', '..', '/..', 'a/..', '//'])('%j names no cgroup and is refused', (path) => {
    expect(() => cgroupPath(path, 'id', '/', 'v1')).toThrow(/names no cgroup/);
  });

  it.each(['/a\0b', '/a\nb', 'a/\n'])('%j is refused: the kernel writes paths as lines', (path) => {
    expect(() => cgroupPath(path, 'id', '/', 'v2')).toThrow(/NUL or a newline/);
  });

  const path = fc
    .array(fc.constantFrom('a', 'bc', '..', '.', '', '...', 'x:y'), { maxLength: 12 })
    .map((parts) => parts.join('/'));

  it('cleaning leaves no component that could climb, and cleaning twice changes nothing', () => {
    fc.assert(
      fc.property(path, (text) => {
        const cleaned = components(text);
        expect(cleaned.every((part) => part !== '' && part !== '.' && part !== '..')).toBe(true);
        expect(components(cleaned.join('/'))).toEqual(cleaned);
      }),
    );
  });

  it('a relative path stays below where it starts, whatever it holds', () => {
    fc.assert(
      fc.property(path, path, (own, wanted) => {
        fc.pre(components(wanted).length > 0 && !wanted.startsWith('/'));
        const start = cgroupPath('here', 'id', own, 'v1').replace(/here$/, '');
        expect(cgroupPath(wanted, 'id', own, 'v1').startsWith(start)).toBe(true);
      }),
    );
  });
});

describe('ancestors', () => {
  it('go from the mount point to the parent', () => {
    expect(ancestors('/sys/fs/cgroup', '/sys/fs/cgroup/a/b/c')).toEqual([
      '/sys/fs/cgroup',
      '/sys/fs/cgroup/a',
      '/sys/fs/cgroup/a/b',
    ]);
    expect(ancestors('/sys/fs/cgroup', '/sys/fs/cgroup/a')).toEqual(['/sys/fs/cgroup']);
  });
});
