import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fileDigest, treeDigest } from './digest.js';
import type { QuickjsLock } from './lock.js';
import { readLock } from './lock.js';
import { quickjsSource } from './quickjs.js';

/** A stand-in for QuickJS: two files in a tarball, and the lock that pins it. */
function makeTarball(work: string): { tarball: string; tree: string; lock: QuickjsLock } {
  const tree = join(work, 'quickjs-1');
  mkdirSync(join(tree, 'doc'), { recursive: true });
  writeFileSync(join(tree, 'quickjs.c'), 'int main;');
  writeFileSync(join(tree, 'doc/manual'), 'none');
  const tarball = join(work, 'quickjs.tar.xz');
  execFileSync('tar', ['-cJf', tarball, '-C', work, 'quickjs-1']);
  const { size } = statSync(tarball);
  const lock = {
    ...readLock(),
    version: '1',
    tarball: { file: 'quickjs.tar.xz', size, sha256: fileDigest(tarball) },
    treeSha256: treeDigest(tree),
  };
  return { tarball, tree, lock };
}

describe('the sources of QuickJS', () => {
  let work = '';
  let made: ReturnType<typeof makeTarball>;

  beforeEach(() => {
    work = mkdtempSync(join(tmpdir(), 'runts-quickjs-'));
    made = makeTarball(work);
  });

  afterEach(() => rmSync(work, { recursive: true, force: true }));

  const cache = () => join(work, 'cache');
  const source = (path?: string) =>
    quickjsSource({ RUNTS_CACHE: cache(), ...(path && { QUICKJS_SRC: path }) }, made.lock);

  test('are unpacked from the tarball that QUICKJS_SRC names, once, and nothing else is left', () => {
    const folder = source(made.tarball);
    expect(readFileSync(join(folder, 'quickjs.c'), 'utf8')).toBe('int main;');
    expect(readdirSync(cache())).toEqual([`quickjs-1-${made.lock.tarball.sha256.slice(0, 8)}`]);
    const { ino } = statSync(folder);
    expect(statSync(source()).ino).toBe(ino);
  });

  test('are used where they lie when QUICKJS_SRC names what the tarball unpacks to', () => {
    expect(source(made.tree)).toBe(made.tree);
    expect(existsSync(cache())).toBe(false);
  });

  test('are refused with both sums when the tarball is another one', () => {
    const other = join(work, 'other.tar.xz');
    writeFileSync(other, 'something else');
    expect(() => source(other)).toThrow(fileDigest(other));
    expect(() => source(other)).toThrow(made.lock.tarball.sha256);
    expect(existsSync(cache())).toBe(false);
  });

  test('are refused when a file of the folder was changed, added or linked', () => {
    const changes = [
      () => writeFileSync(join(made.tree, 'quickjs.c'), 'int Main;'),
      () => writeFileSync(join(made.tree, 'more.c'), ''),
      () => symlinkSync('quickjs.c', join(made.tree, 'link.c')),
    ];
    for (const change of changes) {
      change();
      expect(() => source(made.tree)).toThrow(made.lock.treeSha256);
      rmSync(work, { recursive: true });
      mkdirSync(work);
      made = makeTarball(work);
    }
  });

  test('are unpacked anew when the cached ones were damaged', () => {
    const folder = source(made.tarball);
    writeFileSync(join(folder, 'quickjs.c'), 'damaged');
    expect(readFileSync(join(source(made.tarball), 'quickjs.c'), 'utf8')).toBe('int main;');
    expect(readdirSync(cache())).toHaveLength(1);
  });

  test('are not looked for elsewhere when QUICKJS_SRC names nothing', () => {
    expect(() => source(join(work, 'absent'))).toThrow('does not exist');
  });

  test('have a sum that coreutils can check', () => {
    const pipeline =
      'find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -c 1-64';
    const sum = execFileSync('sh', ['-c', pipeline], { cwd: made.tree, encoding: 'utf8' });
    expect(treeDigest(made.tree)).toBe(sum.trim());
  });
});
