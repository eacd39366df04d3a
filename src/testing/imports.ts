import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const src = fileURLToPath(new URL('..', import.meta.url));

export interface Import {
  /** Path below src/. */
  readonly from: string;
  /** Path below src/, or a package's name. */
  readonly to: string;
  /** `import type`: nothing of it is there at run time. */
  readonly typeOnly: boolean;
}

const isShipped = (file: string) => !file.includes('.test.') && !file.startsWith('testing/');

/** Everything in src/ that is part of a program, generated code aside. */
export const sourceFiles = (): string[] =>
  readdirSync(src, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && isShipped(file) && !file.startsWith('generated/'))
    .sort();

export const readSource = (file: string): string => readFileSync(join(src, file), 'utf8');

const statement =
  /^(?:import|export)\s+(type\s)?(?:[^'";]*?\sfrom\s+)?'([^']+)'|\bimport\(\s*'([^']+)'/gm;

/** The module specifier as the file that it names: `./a.js` in `x/` is `x/a.ts`. */
function resolved(from: string, specifier: string): string {
  if (!specifier.startsWith('.')) return specifier;
  const path = normalize(join(dirname(from), specifier));
  // A module that its package keeps to itself has to be named by its path.
  const [, inPackage] = /\bnode_modules\/(.+)$/.exec(path) ?? [];
  return inPackage ?? path.replace(/\.js$/, '.ts');
}

export const importsOf = (file: string, text = readSource(file)): Import[] =>
  [...text.matchAll(statement)].map(([, type, still, late]) => ({
    from: file,
    to: resolved(file, still ?? late ?? ''),
    typeOnly: type !== undefined,
  }));
