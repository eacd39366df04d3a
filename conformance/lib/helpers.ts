import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { kept } from './kept.js';

/** A program of this folder, compiled when it is first used; static, so that a container can run it. */
export function helper(name: string): string {
  const source = fileURLToPath(new URL(`./${name}.c`, import.meta.url));
  return kept(name, source, (program) => {
    execFileSync('cc', ['-static', '-Wall', '-Wextra', '-Werror', '-O1', '-o', program, source]);
  });
}
