import { RuntimeError } from '../errors/error.js';
import {
  AT_FDCWD,
  FSCONFIG_CMD_CREATE,
  FSMOUNT_CLOEXEC,
  FSOPEN_CLOEXEC,
  O_DIRECTORY,
  O_PATH,
  O_WRONLY,
  PROC_SUPER_MAGIC,
  RESOLVE_BENEATH,
  RESOLVE_NO_MAGICLINKS,
  RESOLVE_NO_SYMLINKS,
  RESOLVE_NO_XDEV,
} from '../linux/constants.js';
import { Fd, owned } from './fd.js';
import type { Context } from './host.js';
import { openAt } from './io.js';
import { fileSystemOf } from './stat.js';

/** Nothing that is mounted over a file of procfs, and no link in it, is followed (CVE-2025-52881). */
const strict = RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS;

/** The host's /proc, after a look that it is one. For processes in the host's namespaces. */
export function openHostProc(context: Context): Fd {
  return owned(openAt(context, AT_FDCWD, '/proc', O_PATH | O_DIRECTORY), ({ number }) => {
    if (fileSystemOf(context, number) !== PROC_SUPER_MAGIC)
      throw new RuntimeError('host', '/proc is not procfs', { hint: 'mount -t proc proc /proc' });
  });
}

/** A procfs of our own that is attached nowhere, for the caller's pid namespace. */
export function mountPrivateProc(context: Context): Fd {
  const { sys } = context.host;
  using fs = new Fd(context, sys.fsopen('proc', FSOPEN_CLOEXEC));
  sys.fsconfig(fs.number, FSCONFIG_CMD_CREATE, null, null, 0);
  return new Fd(context, sys.fsmount(fs.number, FSMOUNT_CLOEXEC, 0));
}

/** A directory of a procfs that was opened by the functions above, such as a process's `ns`. */
export const openProcDirectory = (context: Context, proc: Fd, path: string): Fd =>
  openAt(context, proc.number, path, O_PATH | O_DIRECTORY, { resolve: strict });

/** One write to a file of a procfs that was opened by the functions above. */
export function writeProc(context: Context, proc: Fd, path: string, value: string): void {
  using file = openAt(context, proc.number, path, O_WRONLY, { resolve: strict });
  const bytes = context.host.engine.encode(value);
  context.host.sys.write(file.number, bytes, bytes.length);
}
