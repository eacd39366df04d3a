import { expect, test } from 'vitest';
import type { IdMapping, LinuxNamespace, Mount, Spec } from '../generated/spec-types.js';
import { cgroupOwner } from './owner.js';

const uidMappings: IdMapping[] = [
  { containerID: 0, hostID: 700_000, size: 1000 },
  { containerID: 1000, hostID: 5000, size: 1 },
  { containerID: 2000, hostID: 900_000, size: 10 },
];

const view: Mount = { destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup' };

interface Change {
  readonly namespaces?: LinuxNamespace[];
  readonly mappings?: IdMapping[];
  readonly mounts?: Mount[];
  readonly uid?: number;
}

/** A container that owns its cgroup, changed. */
const spec = ({
  namespaces = [{ type: 'user' }, { type: 'cgroup' }],
  mappings = uidMappings,
  mounts = [view],
  uid = 0,
}: Change = {}): Spec => ({
  ociVersion: '1.2.0',
  mounts,
  process: { cwd: '/', user: { uid, gid: 0 } },
  linux: { namespaces, uidMappings: mappings },
});

const mounted = (...options: string[]) => ({ mounts: [{ ...view, options }] });

test.each<[string, Change, number | null]>([
  ['everything that it takes', {}, 700_000],
  [
    'a user namespace that is joined',
    { namespaces: [{ type: 'user', path: '/x' }, { type: 'cgroup' }] },
    700_000,
  ],
  [
    'a cgroup namespace with an empty path',
    { namespaces: [{ type: 'user' }, { type: 'cgroup', path: '' }] },
    700_000,
  ],
  ['type cgroup2', { mounts: [{ ...view, type: 'cgroup2' }] }, 700_000],
  ['rw', mounted('rw', 'nosuid'), 700_000],
  ['ro, then rw', mounted('ro', 'rw'), 700_000],
  ['ro', mounted('nosuid', 'ro'), null],
  ['rw, then ro', mounted('rw', 'ro'), null],
  ['rro', mounted('rw', 'rro'), null],
  ['no user namespace', { namespaces: [{ type: 'cgroup' }] }, null],
  ['no cgroup namespace', { namespaces: [{ type: 'user' }] }, null],
  [
    'a cgroup namespace of others',
    { namespaces: [{ type: 'user' }, { type: 'cgroup', path: '/x' }] },
    null,
  ],
  ['no mappings', { mappings: [] }, null],
  ['no view of cgroups', { mounts: [] }, null],
  ['a view elsewhere', { mounts: [{ ...view, destination: '/cgroup' }] }, null],
  ['a bind mount as view', { mounts: [{ ...view, type: 'bind', options: ['rw'] }] }, null],
  ['a view without a type', { mounts: [{ destination: view.destination }] }, null],
  ['a user of the first range', { uid: 999 }, 700_999],
  ['a user of a range of one', { uid: 1000 }, 5000],
  ['a user between ranges', { uid: 1001 }, null],
  ['a user of the last range', { uid: 2009 }, 900_009],
  ['a user beyond it', { uid: 2010 }, null],
])('with %s', (_, change, owner) => {
  expect(cgroupOwner(spec(change))).toBe(owner);
});

test('a process without a user is root', () => {
  const { process: _, ...rest } = spec();
  expect(cgroupOwner(rest)).toBe(700_000);
});

test('a configuration without anything of Linux has no owner', () => {
  expect(cgroupOwner({ ociVersion: '1.2.0' })).toBeNull();
});

/** Numbers that look like chance and are the same in every run. */
function dice(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

test('an owner is at the distance from the beginning of a range outside at which it is inside', () => {
  const next = dice(7);
  for (let round = 0; round < 300; round++) {
    let inside = 0;
    const mappings = Array.from({ length: 1 + next(5) }, () => {
      inside += next(50);
      const size = 1 + next(100);
      const mapping = { containerID: inside, hostID: next(2 ** 31), size };
      inside += size;
      return mapping;
    });
    const uid = next(inside + 20);
    // Each id by itself, as slowly as can be.
    const table = new Map(
      mappings.flatMap(({ containerID, hostID, size }) =>
        Array.from({ length: size }, (_, i) => [containerID + i, hostID + i] as const),
      ),
    );
    expect(cgroupOwner(spec({ mappings, uid })), JSON.stringify([mappings, uid])).toBe(
      table.get(uid) ?? null,
    );
  }
});
