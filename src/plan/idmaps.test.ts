import { describe, expect, it, test } from 'vitest';
import type { IdMappings, Mount, Spec } from '../generated/spec-types.js';
import { errorOf } from '../testing/error-of.js';
import { withLinux } from '../testing/plans.js';
import { type UserNamespace, userNamespaceOf } from './idmaps.js';
import { planMount } from './mounts.js';

const range = (containerID: number, hostID: number, size: number) => ({
  containerID,
  hostID,
  size,
});

const own: IdMappings = [range(0, 1000, 10), range(10, 5000, 100)];
const users: UserNamespace = { path: '', uids: own, gids: [range(0, 7000, 50)] };

const plan = (
  options: string[],
  change: Partial<Mount> = {},
  within: UserNamespace | null = null,
) =>
  planMount({ destination: '/m', source: '/s', type: 'none', options, ...change }, 2, '/b', within);

const refusal = (...args: Parameters<typeof plan>) => errorOf(() => plan(...args));

const fields = { uidMappings: [range(0, 1, 2), range(5, 6, 7)], gidMappings: [range(3, 4, 5)] };

describe('an ID-mapped mount', () => {
  it.each([
    [['bind', 'idmap'], false],
    [['bind'], false],
    [['rbind', 'ridmap'], true],
    [['rbind', 'idmap', 'ridmap'], true],
  ])('of the options %j has the mappings of its fields', (options, recursive) => {
    expect(plan(options, fields).idmap).toEqual({
      path: '',
      uids: '0 1 2\n5 6 7\n',
      gids: '3 4 5\n',
      recursive,
    });
  });

  it('has those of an option, as crun takes them', () => {
    expect(plan(['bind', 'idmap=uids=0-1-10#10-11-10;gids=0-100-10']).idmap).toEqual({
      path: '',
      uids: '0 1 10\n10 11 10\n',
      gids: '0 100 10\n',
      recursive: false,
    });
    expect(plan(['rbind', 'ridmap=gids=0-1-1;uids=0-2-1']).idmap?.recursive).toBe(true);
  });

  it('has them relative to where the user namespace maps the first number', () => {
    expect(
      plan(['bind', 'idmap=uids=@0-20-5#@12-3-1;gids=@1-3-10#0-1-1'], {}, users).idmap,
    ).toEqual({
      path: '',
      uids: '0 1020 5\n12 4993 1\n',
      gids: '1 7003 10\n0 1 1\n',
      recursive: false,
    });
  });

  it('has those of the container’s user namespace when it names none', () => {
    expect(plan(['bind', 'idmap'], {}, users).idmap).toEqual({
      path: '',
      uids: '0 1000 10\n10 5000 100\n',
      gids: '0 7000 50\n',
      recursive: false,
    });
    const joined = { path: '/run/ns', uids: [], gids: [] };
    expect(plan(['rbind', 'ridmap'], {}, joined).idmap).toEqual({
      path: '/run/ns',
      uids: '',
      gids: '',
      recursive: true,
    });
  });

  it('may be a new file system', () => {
    expect(plan(['idmap'], { ...fields, type: 'tmpfs' })).toMatchObject({
      kind: 'filesystem',
      idmap: { uids: '0 1 2\n5 6 7\n' },
    });
  });

  it.each([
    [['bind', 'idmap'], {}, '/options/1', 'needs uidMappings and gidMappings, or a user namespace'],
    [['idmap=', 'bind'], {}, '/options/0', 'neither uids= nor gids='],
    [['bind', 'idmap=uids=0-1-1;gids'], {}, '/options/1', 'neither uids= nor gids='],
    [['bind', 'idmap=gids=0-1-1'], {}, '/options/1', 'needs uids and gids'],
    [['bind', 'idmap=uids=;gids=0-1-1'], {}, '/options/1', 'no range of ids'],
    [['bind', 'idmap=uids=0-1-1-1;gids=0-1-1'], {}, '/options/1', '"0-1-1-1" is no range'],
    [['bind', 'idmap=uids=0-1-0;gids=0-1-1'], {}, '/options/1', '"0-1-0" is no range'],
    [['bind', 'idmap=uids=-1-1-1;gids=0-1-1'], {}, '/options/1', '"-1-1-1" is no range'],
    [['bind', 'idmap=uids=@0-1-1;gids=0-1-1'], {}, '/options/1', 'does not map the ids of @0-1-1'],
    [['bind', 'idmap=uids=0-1-1;gids=0-1-1'], fields, '/options/1', 'has one ID mapping'],
    [['remount', 'ridmap'], fields, '/options/1', 'ridmap is for bind mounts'],
    [['remount'], fields, '/uidMappings', 'idmap is for bind mounts'],
    [['ro'], { ...fields, type: 'cgroup' }, '/uidMappings', 'idmap is for bind mounts'],
  ])('of %j with %o is refused at %s', (options, change, at, words) => {
    const error = refusal(options, change);
    expect(error).toMatchObject({ code: 'invalid-config', at: `/mounts/2${at}` });
    expect(error.message).toContain(words);
  });
});

it('is refused when the caller has no privileges over the host', () => {
  const mount = { destination: '/m', source: '/s', type: 'bind', ...fields };
  expect(() => planMount(mount, 2, '/b', users, false)).toThrow(
    expect.objectContaining({
      code: 'not-supported',
      at: '/mounts/2',
      message: 'ID-mapped mounts take privileges over the host',
    }),
  );
});

describe('the source of a bind mount', () => {
  it('is opened by the parent when the container has a user namespace', () => {
    expect(plan(['bind'], {}, users).handed).toBe(true);
    expect(plan(['bind'])).not.toHaveProperty('handed');
    expect(plan([], { type: 'tmpfs' }, users)).not.toHaveProperty('handed');
  });
});

describe('the words of crun about links', () => {
  it.each([
    ['copy-symlink', 'copySymlink'],
    ['src-nofollow', 'sourceNoFollow'],
    ['dest-nofollow', 'destinationNoFollow'],
  ])('%s is for bind mounts', (word, field) => {
    expect(plan(['bind', word])).toHaveProperty(field, true);
    expect(plan(['bind'])).not.toHaveProperty(field);
    expect(refusal([word], { type: 'tmpfs' })).toMatchObject({
      at: '/mounts/2/options/0',
      message: `${word} is for bind mounts`,
    });
  });
});

test('the user namespace of a configuration is one that it lists', () => {
  const spec = (linux: Spec['linux']) => userNamespaceOf(withLinux(linux ?? {}));
  expect(spec({ namespaces: [{ type: 'pid' }], uidMappings: own })).toBeNull();
  expect(spec({ namespaces: [{ type: 'user' }], uidMappings: own, gidMappings: [] })).toEqual({
    path: '',
    uids: own,
    gids: [],
  });
  expect(spec({ namespaces: [{ type: 'user', path: '/x' }] })).toEqual({
    path: '/x',
    uids: [],
    gids: [],
  });
});
