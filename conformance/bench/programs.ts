import { execFileSync } from 'node:child_process';
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from '../../native/setup/paths.js';

const flags = ['-static', '-O2', '-Wall', '-Wextra', '-Werror', '-D_GNU_SOURCE'];
const outputFolder = join(root, 'build/bench');

/** Compiles a C file of this folder unless that has been done since it changed. */
export function compileProgram(name: string): string {
  const source = fileURLToPath(new URL(`${name}.c`, import.meta.url));
  const output = join(outputFolder, name);
  mkdirSync(outputFolder, { recursive: true });
  if (changedAt(output) < changedAt(source)) execFileSync('cc', [...flags, source, '-o', output]);
  return output;
}

function changedAt(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
