import { accessSync, constants } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout. */
export const root = fileURLToPath(new URL('../../', import.meta.url)).replace(/\/$/, '');

/** What the build makes and the tests run. */
export const distRunts = join(root, 'dist/runts');

/** Not every PATH has the administrator's folders, and runc lives there. */
const always = ['/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** Where a program would be started from, or undefined. */
export function findProgram(name: string, path = process.env.PATH ?? ''): string | undefined {
  const folders = [...path.split(delimiter), ...always].filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** What survives a checkout: RUNTS_CACHE, else the place that the XDG base directories name. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  const { RUNTS_CACHE: own, XDG_CACHE_HOME: shared } = env;
  if (own) return own;
  return join(shared || join(homedir(), '.cache'), 'runts');
}
