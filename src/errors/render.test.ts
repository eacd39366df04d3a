import { expect, test } from 'vitest';
import { errno } from '../linux/errno.js';
import { errorOf } from '../testing/error-of.js';
import { during, RuntimeError, toData } from './error.js';
import { hintFor } from './hints.js';
import { renderCall, renderError } from './render.js';

const call = { name: 'fsconfig', args: ['5', '1', '"size"', '"64q"', '0'], errno: errno.EINVAL };

test('an error names steps, place, call, errno and advice, in this order', () => {
  const fail = () => {
    throw new RuntimeError('syscall', 'cannot configure tmpfs', { at: '/mounts/3', call });
  };
  const thrown = errorOf(() => during('create web', () => during('mount /dev/shm', fail)));
  expect(renderError(toData(thrown))).toBe(
    'create web: mount /dev/shm: /mounts/3: cannot configure tmpfs: ' +
      'fsconfig(5, 1, "size", "64q", 0): EINVAL, invalid argument ' +
      '(hint: an option of the mount is unknown or malformed; sizes end in k, m or g)',
  );
});

test('a failed call without words of its own shows the name of its errno alone', () => {
  expect(renderCall({ name: 'openat2', args: ['3', '"a"'], errno: errno.ENOENT })).toBe(
    'openat2(3, "a"): ENOENT',
  );
});

test('advice given with the error wins over the table', () => {
  const error = new RuntimeError('syscall', '', { call, hint: 'use k' });
  expect(renderError(error)).toMatch(/ \(hint: use k\)$/);
});

test('advice is looked up by call and errno', () => {
  expect(hintFor({ name: 'clone3', args: [], errno: errno.ENOSPC })).toMatch('max_*_namespaces');
  expect(hintFor({ name: 'clone3', args: [], errno: errno.EIO })).toBeUndefined();
  expect(hintFor({ name: 'toString', args: [], errno: errno.EIO })).toBeUndefined();
});
