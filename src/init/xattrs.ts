import { attempt } from '../host/host.js';
import { errno } from '../linux/errno.js';
import type { InitContext } from './context.js';

/** Most that the kernel allows for the list of names and for a value, xattr(7). */
const MOST_BYTES = 65536;

/** Of the file system that holds the file, not of the file. */
const ofFileSystem = /^(trusted|user)\.overlay\./;

/** Not taken by a tmpfs: of another kind there (SELinux gives labels itself), or not for this user. */
const refusedThere = [errno.EOPNOTSUPP, errno.EPERM, errno.EINVAL];

/** Extended attributes of an open file or directory: capabilities, access lists, what users set. */
export function copyAttributes(context: InitContext, from: number, to: number): void {
  const none = attempt(context, [errno.EOPNOTSUPP], 'flistxattr', from, null, 0);
  if (none <= 0) return;
  const list = new Uint8Array(MOST_BYTES);
  const length = context.host.sys.flistxattr(from, list, list.length);
  const names = context.host.engine.decode(list.subarray(0, length)).split('\0');
  const value = new Uint8Array(MOST_BYTES);
  for (const name of names) {
    if (name === '' || ofFileSystem.test(name)) continue;
    const size = attempt(context, [errno.ENODATA], 'fgetxattr', from, name, value, value.length);
    if (size >= 0) attempt(context, refusedThere, 'fsetxattr', to, name, value, size, 0);
  }
}
