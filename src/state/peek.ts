/** Reading without the lock: state.json is replaced as a whole. */
import { doesNotExist } from '../errors/catalog.js';
import type { Context } from '../host/host.js';
import { openIfThere, readAll, readFirstLineAt } from '../host/io.js';
import { AT_FDCWD, O_NOFOLLOW, O_RDONLY, RESOLVE_NO_SYMLINKS } from '../linux/constants.js';
import { decodeHead, decodeRecord } from './encoding.js';
import type { ContainerHead, ContainerRecord } from './record.js';

export const STATE = 'state.json';

/** Whether `create` has finished it or not; null when there is no record. */
export function readRecord(
  context: Context,
  dir: number,
  path: string,
  id: string,
): ContainerRecord | null {
  using file = openIfThere(context, dir, path, O_RDONLY | O_NOFOLLOW);
  if (file === null) return null;
  return decodeRecord(context.host.engine.decode(readAll(context, file.number)), id);
}

const created = (record: ContainerRecord | null): ContainerRecord | null =>
  record?.phase === 'created' ? record : null;

const existing = (record: ContainerRecord | null, id: string): ContainerRecord => {
  if (record === null) throw doesNotExist(id);
  return record;
};

/** Null when there is no container. */
export function peekIfThere(context: Context, root: string, id: string): ContainerRecord | null {
  return created(readRecord(context, AT_FDCWD, `${root}/${id}/${STATE}`, id));
}

export function peek(context: Context, root: string, id: string): ContainerRecord {
  return existing(peekIfThere(context, root, id), id);
}

/** By a descriptor of its directory. */
export function peekIn(context: Context, directory: number, id: string): ContainerRecord {
  return existing(created(readRecord(context, directory, STATE, id)), id);
}

const inRoot = { flags: O_RDONLY | O_NOFOLLOW, resolve: RESOLVE_NO_SYMLINKS };

/** Only what a status needs, from an open state root; null when there is no container. */
export function peekHead(context: Context, root: number, id: string): ContainerHead | null {
  const line = readFirstLineAt(context, root, `${id}/${STATE}`, inRoot);
  const head = line === null ? null : decodeHead(line, id);
  return head?.phase === 'created' ? head : null;
}
