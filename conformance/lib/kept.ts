import { chmodSync, existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../build/conformance', import.meta.url));

/** A file that is made from another one, once, and kept for later runs. */
export function kept(name: string, source: string, make: (path: string) => void): string {
  const path = join(folder, name);
  if (existsSync(path) && statSync(path).mtimeMs > statSync(source).mtimeMs) return path;
  mkdirSync(folder, { recursive: true });
  // Another run may be making it at the same time.
  const unfinished = `${path}.${process.pid}`;
  make(unfinished);
  chmodSync(unfinished, 0o755);
  renameSync(unfinished, path);
  return path;
}
