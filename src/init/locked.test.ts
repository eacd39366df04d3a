import { expect, test } from 'vitest';
import { RuntimeError } from '../errors/error.js';
import type { Context } from '../host/host.js';
import { MOUNT_ATTR_NOATIME, MOUNT_ATTR_NODEV, MOUNT_ATTR_RDONLY } from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import type { Natives } from '../linux/natives.js';
import { changeUnlocked } from './locked.js';

/** A kernel that answers `mount_setattr` with these errors, one after another, then with success. */
function kernel(...errors: readonly number[]) {
  const calls: [set: number, clear: number][] = [];
  const mountSetattr: Natives['mountSetattr'] = (...args) => {
    const numbers = new Uint32Array(args[3]!.slice().buffer);
    calls.push([numbers[0]!, numbers[2]!]);
    const error = errors[calls.length - 1];
    if (error === undefined) return 0;
    throw new RuntimeError('syscall', '', {
      call: { name: 'mount_setattr', args: [], errno: error },
    });
  };
  return { calls, context: { host: { sys: { mountSetattr } } } as unknown as Context };
}

const change = { set: MOUNT_ATTR_NODEV, clear: MOUNT_ATTR_RDONLY };

test('what nobody has locked is changed at once', () => {
  const { calls, context } = kernel();
  changeUnlocked(context, 5, change);
  expect(calls).toEqual([[MOUNT_ATTR_NODEV, MOUNT_ATTR_RDONLY]]);
});

test('what is locked is not cleared, and the rest is set', () => {
  const { calls, context } = kernel(errno.EPERM);
  changeUnlocked(context, 5, { ...change, set: MOUNT_ATTR_NODEV | MOUNT_ATTR_NOATIME });
  expect(calls[1]).toEqual([MOUNT_ATTR_NODEV, 0]);
});

test.each([
  ['another error', change, errno.EINVAL],
  ['an EPERM that has another reason', { set: MOUNT_ATTR_NODEV }, errno.EPERM],
])('%s is told', (_, asked, error) => {
  const { calls, context } = kernel(error);
  expect(() => changeUnlocked(context, 5, asked)).toThrow(RuntimeError);
  expect(calls).toHaveLength(1);
});
