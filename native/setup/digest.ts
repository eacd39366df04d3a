import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

export function fileDigest(path: string): string {
  return sha256(readFileSync(path));
}

function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}

/**
 * One sum over names and contents, which coreutils can check too:
 * find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum
 */
export function treeDigest(folder: string): string {
  const lines = filesBelow(folder).map((name) => `${fileDigest(join(folder, name))}  ./${name}\n`);
  return sha256(lines.join(''));
}

/** Anything but files and folders is listed as well, so that an added link changes the sum. */
function filesBelow(folder: string): readonly string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort(byBytes);
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
