/** What has been looked at, among what is known; and keeping it for the next `list`. */
import { writeAtomically } from '../host/io.js';
import { openPrivateFolder } from '../host/private.js';
import { LOCK_EX, LOCK_NB } from '../linux/constants.js';
import { CACHE } from '../state/names.js';
import { untilStartTime } from '../state/status.js';
import {
  attemptTo,
  FOLDER,
  ID,
  type KnownRows,
  keyOf,
  kindText,
  LARGEST,
  SEPARATOR,
  STRIDE,
  WORTHWHILE,
} from './list-index.js';
import type { Listed, LookAround } from './look-around.js';

/** Besides, new rows have to be such a share of the others. */
const SHARE = 8;

export interface FreshRows {
  /** By id. */
  readonly listed: readonly Listed[];
  readonly shapes: readonly string[];
  readonly rows: readonly string[];
}

/** How many of the known ones come before an id. */
function countBefore({ texts, holding }: KnownRows, id: string): number {
  let low = 0;
  let high = holding.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (texts[holding[middle]! + ID]! < id) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Something of each known one and something of each fresh one, by id. */
function merge<T>(
  known: KnownRows,
  old: readonly T[],
  listed: readonly Listed[],
  fresh: readonly T[],
): T[] {
  const all: T[] = [];
  let from = 0;
  listed.forEach(({ look }, i) => {
    const to = countBefore(known, look.id);
    for (; from < to; from++) all.push(old[from]!);
    all.push(fresh[i]!);
  });
  return [...all, ...old.slice(from)];
}

export const mergeRows = (known: KnownRows, { listed, rows }: FreshRows): readonly string[] =>
  listed.length === 0 ? known.rows : merge(known, known.rows, listed, rows);

/** As they stand in the file; null of one that has to be looked at each time. */
type Entry = readonly string[];

function entryOf(around: LookAround, { look }: Listed, shape: string, row: string): Entry | null {
  const { id, head, status, init } = look;
  if (status !== 'running' || init === null || init.state === 'D') return null;
  const freezer = around.mayBeFrozen(init, head.freezer) ? (head.freezer ?? '') : '';
  return [id, `${head.pid}/stat`, untilStartTime(init), kindText({ shape, freezer }), row];
}

function encode(around: LookAround, layout: string, entries: readonly Entry[]) {
  const key = keyOf(around);
  if (key === null) return null;
  const owners = [...around.owners].map(([uid, name]) => `${uid}:${name}`).join('\n');
  const head = [key, String(entries.length), layout, owners];
  return around.context.host.engine.encode([...head, ...entries.flat()].join(SEPARATOR));
}

function write({ context, root }: LookAround, name: string, bytes: Uint8Array): void {
  const folderAt = (path: string) =>
    openPrivateFolder(context, root, path, `${context.root}/${path}`);
  using _cache = folderAt(CACHE);
  using folder = folderAt(FOLDER);
  if (context.host.raw.flock(folder.number, LOCK_EX | LOCK_NB) < 0) return;
  writeAtomically(context, folder.number, name, bytes, 0o600);
}

/** Keeps the rows for the next time if there are enough new ones. */
export function writeIndex(
  around: LookAround,
  name: string,
  known: KnownRows,
  layout: string,
  { listed, shapes, rows }: FreshRows,
): void {
  const { texts, holding } = known;
  const fresh = listed.map((each, i) => entryOf(around, each, shapes[i] ?? '', rows[i]!));
  const count = fresh.filter((entry) => entry !== null).length;
  if (count < WORTHWHILE || count * SHARE < holding.length) return;
  attemptTo(around.context, 'keep the rows for the next time', () => {
    const old = holding.map((at) => texts.slice(at, at + STRIDE));
    const entries = merge<Entry | null>(known, old, listed, fresh).filter(
      (entry) => entry !== null,
    );
    const bytes = encode(around, layout, entries);
    if (bytes !== null && bytes.length <= LARGEST) write(around, name, bytes);
  });
}
