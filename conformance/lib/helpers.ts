import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

let folder: string | undefined;
const built = new Map<string, string>();

function folderOfHelpers(): string {
  if (folder !== undefined) return folder;
  const path = mkdtempSync(join(tmpdir(), 'runts-helpers-'));
  process.on('exit', () => rmSync(path, { recursive: true, force: true }));
  folder = path;
  return path;
}

/** A program of this folder, compiled when it is first used; static, so that a container can run it. */
export function helper(name: string): string {
  const there = built.get(name);
  if (there !== undefined) return there;
  const source = fileURLToPath(new URL(`./${name}.c`, import.meta.url));
  const program = join(folderOfHelpers(), name);
  execFileSync('cc', ['-static', '-Wall', '-Wextra', '-Werror', '-O1', '-o', program, source]);
  built.set(name, program);
  return program;
}
