import { AT_FDCWD, O_PATH, O_RDONLY, SELINUX_MAGIC } from '../linux/constants.js';
import type { Context } from './host.js';
import { openIfThere, readAll, readTextAt } from './io.js';
import { fileSystemOf } from './stat.js';

/** The parameter is there with the module, and says N when another one has been chosen at boot. */
export function isApparmorEnabled(context: Context): boolean {
  using file = openIfThere(context, AT_FDCWD, '/sys/module/apparmor/parameters/enabled', O_RDONLY);
  if (file === null) return false;
  return context.host.engine.decode(readAll(context, file.number)).startsWith('Y');
}

/** selinux(8): its file system is mounted, and a policy has been loaded. */
export function isSelinuxEnabled(context: Context): boolean {
  using mount = openIfThere(context, AT_FDCWD, '/sys/fs/selinux', O_PATH);
  if (mount === null || fileSystemOf(context, mount.number) !== SELINUX_MAGIC) return false;
  // Until there is a policy, everything is labelled like this.
  return readTextAt(context, AT_FDCWD, '/proc/self/attr/current').replace(/\0$/, '') !== 'kernel';
}
