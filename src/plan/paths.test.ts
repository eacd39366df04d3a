import fc from 'fast-check';
import { expect, test } from 'vitest';
import { base, planOf, withLinux } from '../testing/plans.js';
import { cleanPath, nameOf, parentOf } from './path.js';
import { planPaths } from './paths.js';
import { planRoot } from './root.js';

test.each([
  ['/', '/'],
  ['', '/'],
  ['//', '/'],
  ['/.', '/'],
  ['/..', '/'],
  ['/a/./b//c/', '/a/b/c'],
  ['/a/../../b', '/b'],
  ['a', '/a'],
  ['/...', '/...'],
])('the path %s is %s', (path, clean) => {
  expect(cleanPath(path)).toBe(clean);
});

test('a clean path is absolute, stays the same when it is cleaned again, and has no way up', () => {
  const part = fc.constantFrom('', '.', '..', 'a', 'b.c', '...', '\udcff');
  fc.assert(
    fc.property(fc.array(part), (parts) => {
      const clean = cleanPath(parts.join('/'));
      expect(clean.startsWith('/')).toBe(true);
      expect(cleanPath(clean)).toBe(clean);
      expect(clean.split('/').filter((each) => each === '..' || each === '.')).toEqual([]);
    }),
  );
});

test('a path is its parent and its name', () => {
  expect([parentOf('/a/b'), nameOf('/a/b')]).toEqual(['/a', 'b']);
  expect([parentOf('/a'), nameOf('/a')]).toEqual(['/', 'a']);
});

test('masked and read-only paths are clean, and each stands there once', () => {
  const paths = planPaths(
    withLinux({ maskedPaths: ['/a', '/b/../a', '/a/', '/c'], readonlyPaths: ['/x', '/x'] }),
  );
  expect(paths).toMatchObject({ masked: ['/a', '/c'], readonly: ['/x'] });
});

test.each([
  ['net.ipv4.ip_forward', 'net/ipv4/ip_forward', '/linux/sysctl/net.ipv4.ip_forward'],
  [
    'net.ipv4.conf.eth0/1.mtu',
    'net/ipv4/conf/eth0.1/mtu',
    '/linux/sysctl/net.ipv4.conf.eth0~11.mtu',
  ],
  [
    'net/ipv4/conf/eth0.1/mtu',
    'net/ipv4/conf/eth0.1/mtu',
    '/linux/sysctl/net~1ipv4~1conf~1eth0.1~1mtu',
  ],
  ['net.x~y', 'net/x~y', '/linux/sysctl/net.x~0y'],
])('the kernel parameter %s is the file %s', (name, file, at) => {
  const { sysctls } = planPaths(withLinux({ sysctl: { [name]: '1' } }));
  expect(sysctls).toEqual([{ file, value: '1', at }]);
});

test('a relative root is below the bundle', () => {
  const path = (root: string) => planRoot({ ...base, root: { path: root } }, '/b', true).path;
  expect(path('rootfs')).toBe('/b/rootfs');
  expect(path('../other/')).toBe('/other');
  expect(path('/srv//x/.')).toBe('/srv/x');
});

test.each([
  ['', { type: 1 << 18, recursive: true }],
  ['rprivate', { type: 1 << 18, recursive: true }],
  ['private', { type: 1 << 18, recursive: false }],
  ['rslave', { type: 1 << 19, recursive: true }],
  ['shared', { type: 1 << 20, recursive: false }],
  ['unbindable', { type: 1 << 17, recursive: false }],
])('rootfsPropagation "%s" is told to the kernel', (rootfsPropagation, propagation) => {
  const spec = withLinux({ rootfsPropagation: rootfsPropagation as 'private' });
  expect(planRoot(spec, '/b', true).propagation).toEqual(propagation);
});

test('cgroups are shown under their own root only in a namespace of their own', () => {
  const namespaces = [{ type: 'mount' as const }, { type: 'cgroup' as const }];
  expect(planOf(withLinux({ namespaces })).cgroups.namespaced).toBe(true);
  expect(planOf(base).cgroups.namespaced).toBe(false);
});
