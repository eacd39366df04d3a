import { attempt, type Context } from '../host/host.js';
import { openIfThere, readRecordAt } from '../host/io.js';
import { AT_FDCWD, O_WRONLY } from '../linux/constants.js';
import { errno } from '../linux/errno.js';

/** {@link readRecordAt} of an absolute path. */
export const readRecord = (context: Context, path: string): string | null =>
  readRecordAt(context, AT_FDCWD, path);

/** What a write to an open file of a cgroup says that has gone; cgroup.kill and cgroup.freeze say ENOENT. */
const GONE = [errno.ENODEV, errno.ENOENT];

/** Writes a value to a file; false where there is no such file, or its cgroup is just going. */
export function writeIfThere(context: Context, path: string, value: string): boolean {
  using file = openIfThere(context, AT_FDCWD, path, O_WRONLY);
  if (file === null) return false;
  const bytes = context.host.engine.encode(value);
  return attempt(context, GONE, 'write', file.number, bytes, bytes.length) >= 0;
}

export const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/';
