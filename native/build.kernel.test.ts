import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PT_DYNAMIC, PT_INTERP, readElf, SHT_SYMTAB } from '../src/testing/elf.js';
import { distRunts, root } from './setup/paths.js';

const LARGEST = 3_000_000;
const PATIENCE = 600_000;
const left = ['node_modules', 'dist', 'build', '.git', 'src/generated'];

const folder = mkdtempSync(join(tmpdir(), 'runts-build-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A checkout of its own, in which nothing has been built. */
function copy(name: string): string {
  const path = join(folder, name);
  const filter = (source: string) => !left.includes(relative(root, source));
  cpSync(root, path, { recursive: true, filter });
  symlinkSync(join(root, 'node_modules'), join(path, 'node_modules'));
  return path;
}

function buildIn(path: string): void {
  const script = "import('./native/build.ts').then(({ build }) => build({ quiet: true }))";
  const args = ['--import', import.meta.resolve('tsx'), '--eval', script];
  execFileSync(process.execPath, args, { cwd: path, stdio: ['ignore', 'ignore', 'inherit'] });
}

const digest = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');

const products = [
  'dist/runts',
  'dist/node/natives.so',
  'dist/node/main.js',
  'dist/node/library.js',
  'dist/conformance/main.js',
  'dist/conformance/probe',
  'dist/runts.8',
  'dist/completion/runts.bash',
];

describe('two builds from the same sources', () => {
  const paths: string[] = [];

  beforeAll(() => {
    // The lengths of the paths differ too.
    for (const name of ['one', 'another-one']) {
      paths.push(copy(name));
      buildIn(paths.at(-1)!);
    }
  }, PATIENCE);

  it.each(products)('make the same %s, byte for byte, wherever they are made', (product) => {
    const [one, other] = paths.map((path) => digest(join(path, product)));
    expect(one).toBe(other);
  });

  it('leave no trace of where they were made', () => {
    for (const path of paths)
      for (const product of products)
        expect(readFileSync(join(path, product)).includes(folder), product).toBe(false);
  });
});

describe('the executable', () => {
  it('needs no loader and no shared library', () => {
    const { segments } = readElf(distRunts);
    expect(segments).not.toContain(PT_INTERP);
    expect(segments).not.toContain(PT_DYNAMIC);
  });

  it('has no symbols', () => {
    expect(readElf(distRunts).sections).not.toContain(SHT_SYMTAB);
  });

  it('has at most 3 MB, and may be executed', () => {
    const { size, mode } = statSync(distRunts);
    expect(size).toBeLessThanOrEqual(LARGEST);
    expect(mode & 0o111).toBe(0o111);
  });

  it('holds libseccomp, and says so', () => {
    const version = execFileSync(distRunts, ['--version'], { encoding: 'utf8' });
    expect(version).toMatch(/libseccomp: \d+\.\d+\.\d+/);
  });
});
