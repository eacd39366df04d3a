/** Files below a directory of ours that nobody else can have written. */
import { RuntimeError } from '../errors/error.js';
import { O_DIRECTORY, O_RDONLY, RESOLVE_NO_SYMLINKS, S_IFREG } from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import { type Fd, owned } from './fd.js';
import { attempt, type Context } from './host.js';
import { openAt } from './io.js';
import { type FileStat, stat, statFile } from './stat.js';

/** Made if need be. Below `dir` no link is followed: what is written and removed must be ours. */
export function openPrivateFolder(context: Context, dir: Fd, path: string, name: string): Fd {
  attempt(context, [errno.EEXIST], 'mkdirat', dir.number, path, 0o700);
  const resolve = RESOLVE_NO_SYMLINKS;
  const folder = openAt(context, dir.number, path, O_RDONLY | O_DIRECTORY, { resolve });
  return owned(folder, ({ number }) => {
    const { permissions, uid } = stat(context, number);
    if (permissions !== 0o700 || uid !== context.host.sys.geteuid())
      throw new RuntimeError('host', `${name} is not ours alone`);
  });
}

/** Of an open file; null when somebody else can have written it. */
export function statPrivate(context: Context, file: number): FileStat | null {
  const found = statFile(context, file);
  const { type, permissions, uid } = found;
  return type === S_IFREG && permissions === 0o600 && uid === context.host.sys.geteuid()
    ? found
    : null;
}
