/**
 * What `list` has printed of containers that run, kept below the state root for the next list: one
 * file to read instead of one for each. A row holds for as long as procfs tells that the same
 * process lives and is not frozen, and the container's directory is there; all else is looked at.
 * What is found there is never needed, and no failure of it is one of `list`.
 */

import { isFrozenBy } from '../cgroup/act.js';
import { asRuntimeError } from '../errors/error.js';
import { renderError } from '../errors/render.js';
import { commit, version } from '../generated/build-info.js';
import { openIfThere, readRecordAt, readSized, writeAtomically } from '../host/io.js';
import { openPrivateFolder, statPrivate } from '../host/private.js';
import { isDead } from '../host/process.js';
import {
  LOCK_EX,
  LOCK_NB,
  O_NOFOLLOW,
  O_NONBLOCK,
  O_RDONLY,
  RESOLVE_NO_SYMLINKS,
} from '../linux/constants.js';
import { CACHE } from '../state/names.js';
import { parseStat, untilStartTime } from '../state/status.js';
import type { RuntimeContext } from './context.js';
import type { Listed, LookAround } from './look-around.js';

const FOLDER = `${CACHE}/list`;
/** So many new rows, and such a share of all, make up for writing the file. */
const WORTHWHILE = 16;
const SHARE = 8;
const LARGEST = 8 << 20;

/** None of the texts can hold a NUL. First comes what holds for all: key, count, layout, owners. */
const SEPARATOR = '\0';
const HEAD = 4;
/** Then, of each row, sorted by id: */
const ID = 0;
/** the file of procfs, from its root; */
const STAT = 1;
/** how it began, up to the start time: field by field the same means the same state too; */
const TOLD = 2;
/** what other rows may share: the shape and the file that tells whether it is frozen; */
const KIND = 3;
/** and what was printed. */
const ROW = 4;
const STRIDE = 5;

interface Kind {
  readonly shape: string;
  /** Empty where its state tells. */
  readonly freezer: string;
}

/** Neither a path nor a shape holds this one. */
const BETWEEN = '\n/';

const kindText = ({ shape, freezer }: Kind): string => `${shape}${BETWEEN}${freezer}`;

function kindOf(text: string): Kind {
  const at = text.indexOf(BETWEEN);
  return { shape: text.slice(0, at), freezer: text.slice(at + BETWEEN.length) };
}

export interface KnownRows {
  readonly layout: string;
  /** What the file holds. */
  readonly texts: readonly string[];
  /** Where in it rows begin that still hold. */
  readonly holding: readonly number[];
  /** Those rows. */
  readonly rows: readonly string[];
  readonly shapes: ReadonlySet<string>;
  /** Ids of all other containers. */
  readonly others: ReadonlySet<string>;
}

export interface FreshRows {
  /** By id. */
  readonly listed: readonly Listed[];
  readonly shapes: readonly string[];
  readonly rows: readonly string[];
}

export const noRows = (others: ReadonlySet<string>): KnownRows => ({
  ...{ layout: '', texts: [], holding: [], rows: [], shapes: new Set(), others },
});

export const idsOf = ({ texts, holding }: KnownRows): string[] =>
  holding.map((at) => texts[at + ID]!);

/** Pids and start times are of one boot and one pid namespace; rows are of one release. */
function keyOf({ context, proc }: LookAround): string | null {
  const boot = readRecordAt(context, proc.number, 'sys/kernel/random/boot_id');
  return boot === null ? null : `1 ${version} ${commit} ${boot.trim()}`;
}

function attemptTo<T>({ log }: RuntimeContext, what: string, act: () => T): T | null {
  try {
    return act();
  } catch (thrown) {
    const error = asRuntimeError(thrown);
    if (error.code === 'bug') throw thrown;
    log.debug(`list: cannot ${what}: ${renderError(error)}`);
    return null;
  }
}

function readTexts({ context, root }: LookAround, name: string): string[] | null {
  const path = `${FOLDER}/${name}`;
  const flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK;
  using file = openIfThere(context, root.number, path, flags, RESOLVE_NO_SYMLINKS);
  if (file === null) return null;
  const own = statPrivate(context, file.number);
  if (own === null || own.size > LARGEST) return null;
  return context.host.engine.decode(readSized(context, file.number, own.size)).split(SEPARATOR);
}

function isUsable(around: LookAround, texts: readonly string[]): boolean {
  const [key, count, , owners = ''] = texts;
  return (
    key === keyOf(around) &&
    texts.length === HEAD + Number(count) * STRIDE &&
    owners.split('\n').every((line) => {
      const [uid = '', name] = line.split(':');
      return around.nameOf(uid) === name;
    })
  );
}

/** Whether it is the same process and not frozen, though something else is told of it. */
function goesOn(texts: string[], at: number, text: string, freezer: string): boolean {
  const now = parseStat(text);
  if (now.startTime !== parseStat(texts[at + TOLD]!).startTime || isDead(now)) return false;
  if (freezer === '' && now.state === 'D') return false;
  texts[at + TOLD] = untilStartTime(now);
  return true;
}

/** Hundreds of times in a `list`: what is not needed each time stands elsewhere. */
function holds(
  context: RuntimeContext,
  proc: number,
  texts: string[],
  at: number,
  freezer: string,
): boolean {
  const text = readRecordAt(context, proc, texts[at + STAT]!);
  if (text === null) return false;
  if (!text.startsWith(texts[at + TOLD]!) && !goesOn(texts, at, text, freezer)) return false;
  return freezer === '' || !isFrozenBy(context, freezer);
}

function knownIn(around: LookAround, texts: string[], others: Set<string>): KnownRows {
  const { context, proc } = around;
  const holding: number[] = [];
  const rows: string[] = [];
  const shapes = new Set<string>();
  let last = '';
  let kind = kindOf(last);
  for (let at = HEAD; at < texts.length; at += STRIDE) {
    const id = texts[at + ID]!;
    if (!others.delete(id)) continue;
    if (texts[at + KIND] !== last) {
      last = texts[at + KIND]!;
      kind = kindOf(last);
    }
    if (holds(context, proc.number, texts, at, kind.freezer)) {
      holding.push(at);
      rows.push(texts[at + ROW]!);
      shapes.add(kind.shape);
    } else others.add(id);
  }
  return { layout: texts[2]!, texts, holding, rows, shapes, others };
}

/** Which rows of the last time hold for these containers. */
export function readIndex(around: LookAround, name: string, ids: ReadonlySet<string>): KnownRows {
  if (ids.size < WORTHWHILE) return noRows(ids);
  const known = attemptTo(around.context, 'read the rows of the last time', () => {
    const texts = readTexts(around, name);
    return texts !== null && isUsable(around, texts) ? knownIn(around, texts, new Set(ids)) : null;
  });
  return known ?? noRows(ids);
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
