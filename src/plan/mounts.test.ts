import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { RuntimeError } from '../errors/error.js';
import type { Mount } from '../generated/spec-types.js';
import {
  MOUNT_ATTR__ATIME,
  MOUNT_ATTR_NOATIME,
  MOUNT_ATTR_NODEV,
  MOUNT_ATTR_NOEXEC,
  MOUNT_ATTR_NOSUID,
  MOUNT_ATTR_RDONLY,
  MOUNT_ATTR_STRICTATIME,
  MS_PRIVATE,
  MS_SHARED,
  MS_SLAVE,
} from '../linux/constants.js';
import { mountWords } from '../linux/mount-options.js';
import { errorOf } from '../testing/error-of.js';
import { planMount } from './mounts.js';
import type { MountPlan } from './plan.js';

const plan = (mount: Partial<Mount>, index = 0): MountPlan =>
  planMount({ destination: '/m', type: 'tmpfs', ...mount }, index, '/bundle');

const withOptions = (options: string, type = 'ext4') => plan({ type, options: options.split(' ') });

const refusal = (mount: Partial<Mount>) => errorOf(() => plan(mount, 3));

const RO = MOUNT_ATTR_RDONLY;
const NOSUID = MOUNT_ATTR_NOSUID;
const ATIME = MOUNT_ATTR__ATIME;

describe('attributes', () => {
  it.each([
    ['', 0, 0],
    ['defaults', 0, 0],
    ['ro', RO, 0],
    ['ro rw', 0, RO],
    ['rw ro', RO, 0],
    ['nosuid nodev noexec', NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC, 0],
    ['nosuid suid', 0, NOSUID],
    ['noatime', MOUNT_ATTR_NOATIME, ATIME],
    ['noatime relatime', 0, ATIME],
    ['noatime strictatime', MOUNT_ATTR_STRICTATIME, ATIME],
    ['strictatime noatime', MOUNT_ATTR_NOATIME, ATIME],
    ['silent loud iversion noiversion', 0, 0],
  ])('of "%s" set %i and clear %i', (options, set, clear) => {
    expect(withOptions(options).attributes).toEqual({ set, clear });
    expect(withOptions(options).recursive).toEqual({ set: 0, clear: 0 });
  });

  it('of words with an r in front hold for everything below', () => {
    const { attributes, recursive } = withOptions('nodev rro rnosuid rsuid rnoatime');
    expect(attributes).toEqual({ set: MOUNT_ATTR_NODEV, clear: 0 });
    expect(recursive).toEqual({ set: RO | MOUNT_ATTR_NOATIME, clear: NOSUID | ATIME });
  });

  it('never both set and clear a bit', () => {
    const meant = Object.keys(mountWords).filter((word) => mountWords[word]?.set !== undefined);
    const words = fc.array(fc.constantFrom(...meant));
    fc.assert(
      fc.property(words, (options) => {
        const { attributes, recursive } = plan({ source: '/s', options });
        for (const { set, clear } of [attributes, recursive]) expect(set & clear & ~ATIME).toBe(0);
      }),
    );
  });
});

test('propagation is changed in the order of the words', () => {
  expect(withOptions('rslave shared rprivate').propagation).toEqual([
    { type: MS_SLAVE, recursive: true },
    { type: MS_SHARED, recursive: false },
    { type: MS_PRIVATE, recursive: true },
  ]);
});

test('a word without meaning of its own is for the file system', () => {
  const { config } = withOptions('size=64m  huge=within_size noswap context="a,b=c" sync nomand');
  expect(config).toEqual([
    ['size', '64m'],
    ['huge', 'within_size'],
    ['noswap', null],
    ['context', '"a,b=c"'],
    ['sync', null],
    ['nomand', null],
  ]);
});

test('a word that every object has means nothing special', () => {
  expect(withOptions('toString constructor __proto__=1').config).toEqual([
    ['toString', null],
    ['constructor', null],
    ['__proto__', '1'],
  ]);
});

describe('kinds', () => {
  it.each([
    [{ type: 'proc' }, 'filesystem', 'proc', false],
    [{ type: 'bind', source: '/s' }, 'bind', 'bind', false],
    [{ type: 'none', source: '/s', options: ['rbind', 'rw'] }, 'bind', 'bind', true],
    [{ type: 'bind', source: '/s', options: ['rbind'] }, 'bind', 'bind', true],
    [{ source: '/s', options: ['rbind', 'bind'] }, 'bind', 'bind', false],
    [{ type: 'cgroup' }, 'cgroup', 'cgroup', false],
    [{ type: 'cgroup2' }, 'cgroup', 'cgroup2', false],
    [{ type: 'cgroup', source: '/s', options: ['bind'] }, 'bind', 'bind', false],
    [{ source: '/s', options: ['bind', 'remount', 'ro'] }, 'remount', 'tmpfs', false],
  ] as const)('of %o are %s', (mount, kind, type, tree) => {
    const { options = [], ...rest } = mount as Partial<Mount>;
    expect(plan({ ...rest, options: [...options] })).toMatchObject({ kind, type, tree });
  });
});

describe('places', () => {
  it.each([
    ['/dev/shm', '/dev/shm'],
    ['dev/shm', '/dev/shm'],
    ['/a//b/./c/../d/', '/a/b/d'],
    ['/../../etc', '/etc'],
  ])('a destination %s is %s', (destination, clean) => {
    expect(plan({ destination }).destination).toBe(clean);
  });

  it('finds relative sources of bind mounts in the bundle, and leaves all others alone', () => {
    const bind = (source: string) => plan({ type: 'bind', source }).source;
    expect(bind('data')).toBe('/bundle/data');
    expect(bind('../x')).toBe('/x');
    expect(bind('/host/../odd')).toBe('/host/../odd');
    expect(plan({ source: 'shm' }).source).toBe('shm');
    expect(plan({}).source).toBe('tmpfs');
  });
});

describe('what things are made in', () => {
  it('turns read-only last: /dev and every tmpfs', () => {
    expect(plan({ options: ['ro', 'nodev'] })).toMatchObject({
      attributes: { set: MOUNT_ATTR_NODEV },
      late: RO,
    });
    expect(plan({ options: ['rro', 'rnodev'] })).toMatchObject({
      recursive: { set: MOUNT_ATTR_NODEV },
      late: RO,
    });
    expect(plan({ destination: '/dev', type: 'devtmpfs', options: ['ro'] }).late).toBe(RO);
    expect(plan({ type: 'sysfs', options: ['ro'] })).toMatchObject({
      attributes: { set: RO },
      late: 0,
    });
  });

  it('is read-only at once when it is bound: nothing is made in what belongs to the host', () => {
    const bound = plan({ destination: '/dev', type: 'bind', source: '/dev', options: ['ro'] });
    expect(bound).toMatchObject({ attributes: { set: RO }, late: 0 });
  });

  it('has the mode of the directory below it, unless a tmpfs is told another', () => {
    expect(plan({}).inheritMode).toBe(true);
    expect(plan({ options: ['mode=700'] }).inheritMode).toBe(false);
    expect(plan({ type: 'proc' }).inheritMode).toBe(false);
  });
});

it('copies up what a tmpfs covers when it is told to', () => {
  expect(plan({ options: ['tmpcopyup', 'size=1m'] })).toMatchObject({ copyUp: true });
  expect(plan({ options: ['size=1m'] })).not.toHaveProperty('copyUp');
});

describe('refused', () => {
  const refusals: readonly (readonly [string, Partial<Mount>, string, string, string])[] = [
    ['the root', { destination: '/' }, 'invalid-config', '/destination', 'cannot cover the root'],
    ['the root by a detour', { destination: '/a/..' }, 'invalid-config', '/destination', 'root'],
    [
      'a path in /proc',
      { destination: '/proc/sys' },
      'invalid-config',
      '/destination',
      'inside /proc',
    ],
    [
      'a path in /proc by a detour',
      { destination: '/x/../proc/./self' },
      'invalid-config',
      '/destination',
      '"/proc/self" cannot be mounted because it is inside /proc',
    ],
    ['a tmpfs at /proc', { destination: '/proc' }, 'invalid-config', '/destination', 'type proc'],
    ['a file system without type', { type: '' }, 'invalid-config', '', 'needs a type'],
    ['a bind mount of nothing', { type: 'bind' }, 'invalid-config', '', 'needs a source'],
    [
      'a bind mount with options of a file system',
      { type: 'bind', source: '/s', options: ['ro', 'size=1', 'foo'] },
      'invalid-config',
      '/options',
      'filesystem-specific options applied: "size=1,foo"',
    ],
    [
      'copying up into what is no tmpfs',
      { type: 'ext4', options: ['ro', 'tmpcopyup'] },
      'invalid-config',
      '/options/1',
      'tmpcopyup is for mounts of type tmpfs',
    ],
    [
      'copying up into a bind mount',
      { type: 'tmpfs', source: '/s', options: ['rbind', 'tmpcopyup'] },
      'invalid-config',
      '/options/1',
      'tmpcopyup',
    ],
    [
      'a remount of a bind mount with options of a file system',
      { options: ['remount', 'bind', 'ro', 'size=1m'] },
      'invalid-config',
      '/options',
      'bind mounts cannot have any filesystem-specific options',
    ],
  ];

  it.each(refusals)('is %s', (_, mount, code, at, words) => {
    const error = refusal(mount);
    expect(error).toMatchObject({ code, at: `/mounts/3${at}` });
    expect(error.message).toContain(words);
  });

  it('is not what lxcfs puts into /proc', () => {
    for (const name of ['cpuinfo', 'meminfo', 'stat', 'uptime', 'sys/kernel/ns_last_pid'])
      expect(plan({ destination: `/proc/${name}`, type: 'bind', source: '/s' }).kind).toBe('bind');
  });
});

test('whatever the options are, a mount is planned or refused, and its plan is plain JSON', () => {
  const extensions = ['idmap=uids=0-1-2;gids=0-1-2', 'ridmap=x'];
  const known = fc.constantFrom(...Object.keys(mountWords), ...extensions, 'size=1', '');
  const options = fc.array(fc.oneof(known, fc.string()), { maxLength: 6 });
  const type = fc.constantFrom('tmpfs', 'proc', 'bind', 'none', 'cgroup', '');
  const destination = fc.oneof(fc.constantFrom('/a', '/proc', '/dev', '/'), fc.string());
  const mount = fc.record({ destination, type, source: fc.string(), options });
  fc.assert(
    fc.property(mount, (any) => {
      try {
        const planned = planMount(any, 0, '/bundle');
        expect(JSON.parse(JSON.stringify(planned))).toEqual(planned);
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(RuntimeError);
        expect((thrown as RuntimeError).at).toMatch(/^\/mounts\/0/);
      }
    }),
  );
});
