import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Complaint } from './complaint.js';
import { fileDigest, treeDigest } from './digest.js';
import { type QuickjsLock, readLock } from './lock.js';
import { cacheFolder, root } from './paths.js';
import { progress } from './progress.js';
import { fetchTarball } from './quickjs-fetch.js';

/**
 * The folder with QuickJS's verified sources: QUICKJS_SRC (the tarball, or what it unpacks to),
 * else the cache, else fetched into the cache.
 */
export function quickjsSource(
  env: NodeJS.ProcessEnv = process.env,
  lock: QuickjsLock = readLock(),
): string {
  const given = env.QUICKJS_SRC && resolve(root, env.QUICKJS_SRC);
  if (given && isFolder(given)) return verifiedTree(given, lock);
  const cache = cacheFolder(env);
  const cached = join(cache, `quickjs-${lock.version}-${lock.tarball.sha256.slice(0, 8)}`);
  if (given) verifyTarball(given, lock);
  if (!isIntact(cached, lock)) fillCache(cache, cached, lock, given || undefined);
  return cached;
}

function isFolder(path: string): boolean {
  if (!existsSync(path)) throw new Complaint(`QUICKJS_SRC: ${path} does not exist`);
  return statSync(path).isDirectory();
}

function isIntact(folder: string, lock: QuickjsLock): boolean {
  return existsSync(folder) && treeDigest(folder) === lock.treeSha256;
}

function verifiedTree(folder: string, lock: QuickjsLock): string {
  const found = treeDigest(folder);
  if (found === lock.treeSha256) return folder;
  throw wrongSum(`the files of ${folder}`, lock.treeSha256, found);
}

export function verifyTarball(path: string, { tarball }: QuickjsLock): void {
  const found = fileDigest(path);
  if (found !== tarball.sha256) throw wrongSum(path, tarball.sha256, found);
}

function wrongSum(what: string, wanted: string, found: string): Complaint {
  return new Complaint(
    `Wrong checksum of ${what}, nothing is built from it:`,
    `  SHA-256 found:  ${found}`,
    `  SHA-256 wanted: ${wanted} (native/quickjs.lock)`,
  );
}

/** Filled aside and renamed: a build that runs at the same time sees all of it or nothing. */
function fillCache(cache: string, cached: string, lock: QuickjsLock, given?: string): void {
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(cache, 'quickjs-work-'));
  // A listener keeps an interrupt from ending this program before `finally` has cleaned up:
  // the interrupted child fails, and its failure ends the build.
  const hold = () => {};
  process.on('SIGINT', hold);
  try {
    const tarball = given ?? fetchTarball(work, lock);
    verifyTarball(tarball, lock);
    const unpacked = join(work, 'unpacked');
    mkdirSync(unpacked);
    progress('Unpacking QuickJS');
    execFileSync('tar', ['-xJf', tarball, '--strip-components=1', '-C', unpacked]);
    moveIntoPlace(verifiedTree(unpacked, lock), cached, lock);
  } finally {
    process.off('SIGINT', hold);
    rmSync(work, { recursive: true, force: true });
  }
}

function moveIntoPlace(unpacked: string, cached: string, lock: QuickjsLock): void {
  try {
    renameSync(unpacked, cached);
  } catch (error) {
    // rename(2) refuses a folder that is not empty: another build was first, or it is damaged.
    if (isIntact(cached, lock)) return;
    if (!existsSync(cached)) throw error;
    renameSync(cached, `${unpacked}-damaged`);
    renameSync(unpacked, cached);
  }
}
