import type { Context } from '../host/host.js';
import { workingDirectory } from '../host/io.js';
import { cleanPath } from '../plan/path.js';

/** The path from the root directory, tidied where that cannot change what it names. */
export function absolute(context: Context, path: string): string {
  const joined = path.startsWith('/') ? path : `${workingDirectory(context)}/${path}`;
  // What `..` leads to after a symbolic link is for the kernel to say.
  return joined.split('/').includes('..') ? joined : cleanPath(joined);
}
