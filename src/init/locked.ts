import { asRuntimeError } from '../errors/error.js';
import type { Context } from '../host/host.js';
import { MOUNT_ATTR__ATIME } from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import { changeMount, type MountChange } from './attach.js';

/**
 * Of a mount that came from the host: in a user namespace whoever mounted it there has the last word
 * about `ro`, `nosuid` and the like (mount_namespaces(7), "Restrictions on mount namespaces"). What
 * is locked stays, as with other runtimes; engines ask for `rw` without thinking of it.
 */
export function changeUnlocked(context: Context, mount: number, change: MountChange): void {
  try {
    changeMount(context, mount, change);
  } catch (thrown) {
    const { set = 0, clear = 0, ...rest } = change;
    const locked = (clear | (set & MOUNT_ATTR__ATIME)) !== 0;
    if (!locked || asRuntimeError(thrown).call?.errno !== errno.EPERM) throw thrown;
    changeMount(context, mount, { ...rest, set: set & ~MOUNT_ATTR__ATIME });
  }
}
