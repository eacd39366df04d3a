import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './paths.js';

/** native/quickjs.lock: the one version of the engine that builds may use. */
export interface QuickjsLock {
  readonly name: string;
  readonly version: string;
  readonly debian: { readonly suite: string; readonly version: string };
  readonly tarball: { readonly file: string; readonly size: number; readonly sha256: string };
  /** treeDigest() of what the tarball unpacks to. */
  readonly treeSha256: string;
}

export function readLock(): QuickjsLock {
  return JSON.parse(readFileSync(join(root, 'native/quickjs.lock'), 'utf8'));
}
