import { expect, test } from 'vitest';
import type { LinuxDevice, Mount } from '../generated/spec-types.js';
import { S_IFBLK, S_IFCHR, S_IFIFO } from '../linux/constants.js';
import { base, withLinux } from '../testing/plans.js';
import { planDevices } from './devices.js';
import { planMount } from './mounts.js';

const plan = (devices: LinuxDevice[], mounts: Mount[] = []) =>
  planDevices(
    withLinux({ devices }),
    mounts.map((mount, i) => planMount(mount, i, '/bundle')),
  );

const boundDev: Mount = { destination: '/dev/', type: 'bind', source: '/dev' };

test.each([
  ['c', S_IFCHR],
  ['u', S_IFCHR],
  ['b', S_IFBLK],
  ['p', S_IFIFO],
] as const)('a device of type %s is made as the kernel has it', (type, mode) => {
  const [made] = plan([{ path: '/dev/x', type, major: 10, minor: 229 }]).nodes.slice(-1);
  expect(made).toEqual({
    at: '/linux/devices/0',
    path: '/dev/x',
    mode: mode | 0o666,
    major: 10,
    minor: 229,
    uid: 0,
    gid: 0,
  });
});

test('mode, owner and place are those of the configuration', () => {
  const device: LinuxDevice = {
    path: '/dev//a/../fuse',
    type: 'c',
    major: 10n,
    minor: 229n,
    fileMode: 0o100640,
    uid: 5,
    gid: 6,
  };
  expect(plan([device]).nodes.at(-1)).toMatchObject({
    path: '/dev/fuse',
    mode: S_IFCHR | 0o640,
    major: 10,
    minor: 229,
    uid: 5,
    gid: 6,
  });
});

test('a device at the path of a default one takes its place', () => {
  const { nodes } = plan([{ path: '/dev/./null', type: 'c', major: 1, minor: 3, fileMode: 0o600 }]);
  expect(nodes.map(({ path }) => path)).toEqual([
    '/dev/zero',
    '/dev/full',
    '/dev/random',
    '/dev/urandom',
    '/dev/tty',
    '/dev/null',
  ]);
  expect(nodes.at(-1)?.mode).toBe(S_IFCHR | 0o600);
});

test('nothing is made in a /dev that is bound from the host', () => {
  const devices: LinuxDevice[] = [
    { path: '/dev/x', type: 'c', major: 1, minor: 3 },
    { path: '/srv/x', type: 'p' },
  ];
  const { nodes, links } = plan(devices, [boundDev]);
  expect(nodes.map(({ path }) => path)).toEqual(['/srv/x']);
  expect(links).toEqual([]);
});

test('the links of the specification and ptmx are made, core only where there is one', () => {
  const { links } = planDevices(base, []);
  expect(links.map(({ path }) => path.slice('/dev/'.length))).toEqual([
    'fd',
    'stdin',
    'stdout',
    'stderr',
    'ptmx',
    'core',
  ]);
  expect(links.filter(({ optional }) => optional)).toEqual([
    { path: '/dev/core', target: '/proc/kcore', optional: true },
  ]);
});
