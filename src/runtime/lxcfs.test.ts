import { expect, it, test } from 'vitest';
import type { RuntimeError } from '../errors/error.js';
import { FUSE_SUPER_MAGIC } from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import { type FakeHostSetup, fakeHost } from '../testing/fake-host.js';
import { directoryNode } from '../testing/fake-tree.js';
import { base } from '../testing/plans.js';
import { probeLxcfs } from './lxcfs.js';

const fuse = directoryNode({ magic: FUSE_SUPER_MAGIC });
const asking = (value: string) => ({ ...base, annotations: { 'run.runts.lxcfs': value } });
const files = {
  '/var/lib/lxcfs': fuse,
  '/var/lib/lxcfs/proc': fuse,
  '/var/lib/lxcfs/proc/slabinfo': '',
  '/var/lib/lxcfs/proc/uptime': '',
  '/var/lib/lxcfs/proc/cpuinfo': '',
};

function errorOf(setup: FakeHostSetup, value = 'true'): RuntimeError {
  const { context, open } = fakeHost(setup);
  try {
    probeLxcfs(context, asking(value));
  } catch (thrown) {
    expect(open()).toEqual([]);
    return thrown as RuntimeError;
  }
  throw new Error('nothing was thrown');
}

test('nothing is looked at unless a configuration asks for it', () => {
  const { context, calls } = fakeHost({ files });
  expect(probeLxcfs(context, base)).toBeNull();
  expect(probeLxcfs(context, asking('false'))).toBeNull();
  expect(calls).toEqual([]);
});

test('the files that this lxcfs has are found, and none that has no use', () => {
  const { context, open } = fakeHost({ files });
  expect(probeLxcfs(context, asking('true'))).toEqual({
    place: '/var/lib/lxcfs',
    files: ['cpuinfo', 'uptime'],
  });
  expect(open()).toEqual([]);
});

it.each([
  ['there is nothing', {}, 'it has no directory proc'],
  [
    'a plain directory is there',
    { '/var/lib/lxcfs/proc/uptime': '' },
    'nothing of type FUSE is mounted there',
  ],
  [
    'something else is mounted there',
    { '/var/lib/lxcfs': fuse, '/var/lib/lxcfs/proc': fuse },
    'none of the files of /proc is there',
  ],
])('says so when %s', (_, files, why) => {
  expect(errorOf({ files })).toMatchObject({
    code: 'host',
    at: '/annotations/run.runts.lxcfs',
    message: `no lxcfs at /var/lib/lxcfs: ${why}`,
    hint: expect.stringContaining('start lxcfs'),
  });
});

test('says so when its program is gone', () => {
  const error = errorOf({ files, natives: { openat2: () => -errno.ENOTCONN } }, '/x');
  expect(error.message).toBe('no lxcfs at /x: it does not answer');
});
