import { expect, test } from 'vitest';
import type { LinuxNamespace } from '../generated/spec-types.js';
import {
  CLONE_NEWCGROUP,
  CLONE_NEWIPC,
  CLONE_NEWNET,
  CLONE_NEWPID,
  CLONE_NEWTIME,
  CLONE_NEWUSER,
  CLONE_NEWUTS,
} from '../linux/constants.js';
import { withLinux } from '../testing/plans.js';
import { mapText, planNamespaces } from './enter.js';

const plan = (...namespaces: LinuxNamespace[]) => planNamespaces(withLinux({ namespaces }));

test.each([
  ['pid', CLONE_NEWPID],
  ['network', CLONE_NEWNET],
  ['ipc', CLONE_NEWIPC],
  ['uts', CLONE_NEWUTS],
] as const)('a new %s namespace is made by clone', (type, flag) => {
  expect(plan({ type })).toMatchObject({ clone: flag, unshare: 0, joins: [], mount: false });
});

test('a new cgroup namespace waits until the child is in its cgroups', () => {
  expect(plan({ type: 'cgroup' })).toMatchObject({ clone: 0, unshare: CLONE_NEWCGROUP });
});

test('a new mount namespace waits until everything has been loaded', () => {
  expect(plan({ type: 'mount' })).toMatchObject({ clone: 0, unshare: 0, mount: true });
});

test('flags are numbers without a sign', () => {
  const all = (['pid', 'network', 'ipc', 'uts'] as const).map((type) => ({ type }));
  expect(plan(...all).clone).toBe(0x6c000000);
});

test('a namespace with a path is joined and never made, in the order of the configuration', () => {
  const joined = plan(
    { type: 'uts' },
    { type: 'network', path: '/run/netns/x' },
    { type: 'cgroup', path: '/proc/1/ns/cgroup' },
    { type: 'mount', path: '/proc/1/ns/mnt' },
    { type: 'pid', path: '/proc/1/ns/pid' },
  );
  expect(joined).toEqual({
    clone: CLONE_NEWUTS,
    stage: 0,
    unshare: 0,
    joins: [
      { kind: 'network', path: '/run/netns/x', at: '/linux/namespaces/1/path' },
      { kind: 'cgroup', path: '/proc/1/ns/cgroup', at: '/linux/namespaces/2/path' },
      { kind: 'mount', path: '/proc/1/ns/mnt', at: '/linux/namespaces/3/path' },
      { kind: 'pid', path: '/proc/1/ns/pid', at: '/linux/namespaces/4/path' },
    ],
    mount: false,
    loopback: false,
    user: null,
    timeOffsets: '',
  });
});

test('an empty path is as good as none', () => {
  expect(plan({ type: 'uts', path: '' })).toMatchObject({ clone: CLONE_NEWUTS, joins: [] });
});

test('only a network namespace that is new has its loopback raised', () => {
  expect(plan({ type: 'network' }).loopback).toBe(true);
  expect(plan({ type: 'network', path: '/run/netns/x' }).loopback).toBe(false);
});

const ids = [
  { containerID: 0, hostID: 100_000, size: 1000 },
  { containerID: 1000, hostID: 5000, size: 1 },
];

test('a new user namespace is made by a stage, so that all others belong to its root', () => {
  const linux = { uidMappings: ids, gidMappings: [ids[0]!] };
  const namespaces = [{ type: 'user' as const }, { type: 'pid' as const }];
  expect(planNamespaces(withLinux({ ...linux, namespaces }))).toMatchObject({
    stage: CLONE_NEWUSER,
    clone: CLONE_NEWPID,
    user: { kind: 'new', uids: ids, gids: [ids[0]] },
  });
});

test('a new time namespace is made by a stage, since only children are in it', () => {
  const timeOffsets = { monotonic: { secs: -5 }, boottime: { secs: 7, nanosecs: 9 } };
  const namespaces = [{ type: 'time' as const }, { type: 'uts' as const }];
  expect(planNamespaces(withLinux({ namespaces, timeOffsets }))).toMatchObject({
    stage: CLONE_NEWTIME,
    clone: CLONE_NEWUTS,
    timeOffsets: 'monotonic -5 0\nboottime 7 9\n',
  });
});

test.each(['user', 'pid'] as const)('a %s namespace is joined by a stage', (type) => {
  expect(plan({ type, path: '/proc/1/ns/x' }, { type: 'ipc' })).toMatchObject({
    stage: 0,
    clone: CLONE_NEWIPC,
  });
});

test('other namespaces are joined without a stage', () => {
  expect(plan({ type: 'network', path: '/run/netns/x' }).stage).toBeNull();
});

test('mappings become the lines that the kernel reads', () => {
  expect(mapText(ids)).toBe('0 100000 1000\n1000 5000 1\n');
});
