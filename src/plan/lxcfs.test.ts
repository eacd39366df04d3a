import { describe, expect, it, test } from 'vitest';
import type { Mount, Spec } from '../generated/spec-types.js';
import { MOUNT_ATTR_RDONLY } from '../linux/constants.js';
import { base, facts, planOf, withMounts } from '../testing/plans.js';
import { lxcfsPlace } from './lxcfs.js';
import { planMounts } from './mount-list.js';

const asking = (value: string): Spec => ({ ...base, annotations: { 'run.runts.lxcfs': value } });

describe('the annotation for lxcfs', () => {
  it.each([
    ['true', '/var/lib/lxcfs'],
    ['/run/my/lxcfs', '/run/my/lxcfs'],
    ['false', null],
    ['', null],
  ])('%s means %s', (value, place) => {
    expect(lxcfsPlace(asking(value))).toBe(place);
  });

  it('may be missing', () => {
    expect(lxcfsPlace(base)).toBeNull();
    expect(planMounts(base, '/bundle', facts)).toHaveLength(base.mounts!.length);
  });

  it.each(['yes', 'var/lib/lxcfs', '1'])('cannot be %s', (value) => {
    expect(() => lxcfsPlace(asking(value))).toThrow(
      expect.objectContaining({
        code: 'invalid-config',
        at: '/annotations/run.runts.lxcfs',
        message: `"${value}" is neither true, false nor a path`,
      }),
    );
  });
});

const lxcfs = { place: '/l', files: ['cpuinfo', 'stat'] };
const proc: Mount = { destination: '/proc', type: 'proc' };
const planned = (...mounts: Mount[]) =>
  planMounts(withMounts(...mounts), '/bundle', { ...facts, lxcfs });

test('the files of lxcfs are bound over those of /proc, read-only, after all other mounts', () => {
  const mounts = planned(proc, { destination: '/m', type: 'tmpfs' });
  expect(mounts.slice(2)).toMatchObject([
    {
      at: '/annotations/run.runts.lxcfs',
      kind: 'bind',
      destination: '/proc/cpuinfo',
      source: '/l/proc/cpuinfo',
    },
    { kind: 'bind', destination: '/proc/stat', source: '/l/proc/stat' },
  ]);
  for (const { attributes } of mounts.slice(2))
    expect(attributes.set & MOUNT_ATTR_RDONLY).toBe(MOUNT_ATTR_RDONLY);
  expect(planOf(withMounts(proc), { lxcfs }).mounts).toHaveLength(3);
});

test('what the configuration itself mounts there stays', () => {
  const own = { destination: '/proc/./stat', type: 'bind', source: '/my/stat' };
  const places = planned(proc, own).map(({ destination, source }) => [destination, source]);
  expect(places).toEqual([
    ['/proc', 'proc'],
    ['/proc/stat', '/my/stat'],
    ['/proc/cpuinfo', '/l/proc/cpuinfo'],
  ]);
});

test('lxcfs needs a /proc to cover', () => {
  expect(planned({ destination: '/proc', type: 'bind', source: '/proc' })).toHaveLength(3);
  expect(() => planned({ destination: '/m', type: 'proc' })).toThrow(
    expect.objectContaining({
      at: '/annotations/run.runts.lxcfs',
      message: 'lxcfs needs a container with a mount at /proc',
    }),
  );
});
