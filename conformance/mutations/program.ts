import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { kept } from '../lib/kept.js';

const beside = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Where `npm run build` puts it, beside the bundle that this is part of then. */
const shipped = beside('./mutant.mjs');
const source = beside('./mutant.ts');

/** The file of the wrapper that was changed last. */
function newest(): string {
  const folder = beside('.');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const paths = files.filter((name) => name.endsWith('.ts')).map((name) => join(folder, name));
  const age = (path: string) => statSync(path).mtimeMs;
  return paths.reduce((one, other) => (age(other) > age(one) ? other : one), source);
}

function bundle(outfile: string): void {
  const esbuild = createRequire(import.meta.url).resolve('esbuild/bin/esbuild');
  const options = ['--bundle', '--platform=node', '--format=esm', '--target=node20'];
  execFileSync(esbuild, [source, ...options, '--log-level=warning', `--outfile=${outfile}`]);
}

/** The wrapper as one file; bundled when it is first used, if it was not shipped. */
export const mutant = (): string =>
  existsSync(source) ? kept('mutant.mjs', newest(), bundle) : shipped;
