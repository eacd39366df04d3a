import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';

/** The folders that lead to a file, innermost first, without `top` itself. */
export function foldersAbove(file: string, top: string): readonly string[] {
  const folders: string[] = [];
  for (let at = dirname(file); at.length > top.length; at = dirname(at)) folders.push(at);
  return folders;
}

/** Makes those that do not exist and returns them. */
export function makeFolders(folders: readonly string[]): readonly string[] {
  const absent = [...folders].reverse().filter((folder) => !existsSync(folder));
  for (const folder of absent) mkdirSync(folder, { mode: 0o755 });
  return absent;
}

/** rename(2) leaves a running program its old file; writing to that would be ETXTBSY. */
export function copyIntoPlace(from: string, to: string, mode: number): void {
  replace(to, mode, (path) => copyFileSync(from, path));
}

export function writeIntoPlace(text: string, to: string, mode: number): void {
  replace(to, mode, (path) => writeFileSync(path, text));
}

function replace(to: string, mode: number, write: (path: string) => void): void {
  const aside = `${to}.new-${process.pid}`;
  try {
    write(aside);
    chmodSync(aside, mode);
    renameSync(aside, to);
  } finally {
    rmSync(aside, { force: true });
  }
}

export function readList(path: string): readonly string[] {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : [];
}

/** Returns whether it was there. */
export function removeFile(path: string): boolean {
  const wasThere = existsSync(path);
  rmSync(path, { force: true });
  return wasThere;
}

const stillInUse: readonly unknown[] = ['ENOTEMPTY', 'EEXIST', 'ENOENT'];

export function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch (error) {
    if (!stillInUse.includes((error as NodeJS.ErrnoException).code)) throw error;
  }
}
