import { attempt, type Context } from '../host/host.js';
import { openIfThere, readTextAt } from '../host/io.js';
import { AT_FDCWD, O_RDONLY, O_WRONLY } from '../linux/constants.js';
import { errno } from '../linux/errno.js';

/**
 * Text of a file that the kernel makes as one record, or null where there is none, or its cgroup has
 * gone since it was opened. Such a file
 * comes whole with one read(2) into a buffer that it does not fill.
 */
export function readRecord(context: Context, path: string): string | null {
  using file = openIfThere(context, AT_FDCWD, path, O_RDONLY);
  if (file === null) return null;
  const buffer = new Uint8Array(4096);
  const length = attempt(context, [errno.ENODEV], 'read', file.number, buffer, buffer.length);
  if (length < 0) return null;
  return length < buffer.length
    ? context.host.engine.decode(buffer.subarray(0, length))
    : readTextAt(context, AT_FDCWD, path);
}

/** Writes a value to a file; false where there is no such file, or its cgroup is just going. */
export function writeIfThere(context: Context, path: string, value: string): boolean {
  using file = openIfThere(context, AT_FDCWD, path, O_WRONLY);
  if (file === null) return false;
  const bytes = context.host.engine.encode(value);
  return attempt(context, [errno.ENODEV], 'write', file.number, bytes, bytes.length) >= 0;
}

export const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/';
