import { existsSync, mkdirSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { Complaint } from '../setup/complaint.js';
import { installedFiles, manifestFile } from './files.js';
import {
  copyIntoPlace,
  foldersAbove,
  makeFolders,
  readList,
  removeFile,
  removeIfEmpty,
  writeIntoPlace,
} from './place.js';

export interface Target {
  /** Where the build left its files. */
  readonly dist: string;
  /** Where they will be found at run time. */
  readonly prefix: string;
  /** A root to stage them in, for those who make packages; else `/`. */
  readonly destdir: string;
}

/** Returns the paths that are in place now. */
export function install({ dist, prefix, destdir }: Target): readonly string[] {
  const base = baseOf(prefix, destdir);
  const unbuilt = installedFiles.filter(({ from }) => !existsSync(join(dist, from)));
  if (unbuilt.length > 0) {
    const names = unbuilt.map(({ from }) => `dist/${from}`).join(', ');
    throw new Complaint(`Not built yet: ${names}. Run npm run build first.`);
  }
  const manifest = join(base, manifestFile);
  const made = [...readList(manifest)];
  mkdirSync(destdir, { recursive: true });
  for (const { to } of [{ to: manifestFile }, ...installedFiles]) {
    made.push(...makeFolders(foldersAbove(join(base, to), destdir)));
  }
  writeIntoPlace(`${JSON.stringify(made, null, 2)}\n`, manifest, 0o644);
  for (const { from, to, mode } of installedFiles) {
    copyIntoPlace(join(dist, from), join(base, to), mode);
  }
  return installedFiles.map(({ to }) => join(base, to));
}

/** Returns the paths that were removed: our files, and folders of ours that are empty now. */
export function uninstall({ prefix, destdir }: Omit<Target, 'dist'>): readonly string[] {
  const base = baseOf(prefix, destdir);
  const made = new Set(readList(join(base, manifestFile)));
  const paths = [...installedFiles.map(({ to }) => to), manifestFile].map((to) => join(base, to));
  const removed = paths.filter(removeFile);
  const folders = new Set(paths.flatMap((path) => foldersAbove(path, destdir)));
  const innermostFirst = [...folders].sort((a, b) => b.length - a.length);
  for (const folder of innermostFirst.filter((path) => made.has(path))) removeIfEmpty(folder);
  return removed;
}

function baseOf(prefix: string, destdir: string): string {
  if (!isAbsolute(prefix)) throw new Complaint(`--prefix ${prefix}: give an absolute path.`);
  return join(destdir, prefix);
}
