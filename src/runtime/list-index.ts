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
import { openIfThere, readRecordAt, readSized } from '../host/io.js';
import { statPrivate } from '../host/private.js';
import { isDead } from '../host/process.js';
import { O_NOFOLLOW, O_NONBLOCK, O_RDONLY, RESOLVE_NO_SYMLINKS } from '../linux/constants.js';
import { CACHE } from '../state/names.js';
import { parseStat, untilStartTime } from '../state/status.js';
import type { RuntimeContext } from './context.js';
import type { LookAround } from './look-around.js';

export const FOLDER = `${CACHE}/list`;
/** So many new rows make up for writing the file. */
export const WORTHWHILE = 16;
export const LARGEST = 8 << 20;

/** None of the texts can hold a NUL. First comes what holds for all: key, count, layout, owners. */
export const SEPARATOR = '\0';
const HEAD = 4;
/** Then, of each row, sorted by id: */
export const ID = 0;
/** the file of procfs, from its root; */
const STAT = 1;
/** how it began, up to the start time: field by field the same means the same state too; */
const TOLD = 2;
/** what other rows may share: the shape and the file that tells whether it is frozen; */
const KIND = 3;
/** and what was printed. */
const ROW = 4;
export const STRIDE = 5;

interface Kind {
  /** Holds no end of a line. */
  readonly shape: string;
  /** Empty where its state tells. */
  readonly freezer: string;
}

export const kindText = ({ shape, freezer }: Kind): string => `${shape}\n${freezer}`;

function kindOf(text: string): Kind {
  const at = text.indexOf('\n');
  return { shape: text.slice(0, at), freezer: text.slice(at + 1) };
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

export const noRows = (others: ReadonlySet<string>): KnownRows => ({
  ...{ layout: '', texts: [], holding: [], rows: [], shapes: new Set(), others },
});

export const idsOf = ({ texts, holding }: KnownRows): string[] =>
  holding.map((at) => texts[at + ID]!);

/** Pids and start times are of one boot, rows of one release. */
export function keyOf({ context, proc }: LookAround): string | null {
  const boot = readRecordAt(context, proc.number, 'sys/kernel/random/boot_id');
  return boot === null ? null : `1 ${version} ${commit} ${boot.trim()}`;
}

export function attemptTo<T>({ log }: RuntimeContext, what: string, act: () => T): T | null {
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
  try {
    const text = readRecordAt(context, proc, texts[at + STAT]!);
    if (text === null) return false;
    if (!text.startsWith(texts[at + TOLD]!) && !goesOn(texts, at, text, freezer)) return false;
    return freezer === '' || !isFrozenBy(context, freezer);
  } catch (thrown) {
    // Whoever looks at it in full tells of that.
    if (asRuntimeError(thrown).code === 'bug') throw thrown;
    return false;
  }
}

function knownIn(around: LookAround, texts: string[], others: Set<string>): KnownRows {
  const { context, proc } = around;
  const holding: number[] = [];
  const rows: string[] = [];
  const shapes = new Set<string>();
  let last = '';
  let kind = kindOf(last);
  let isNew = true;
  for (let at = HEAD; at < texts.length; at += STRIDE) {
    const id = texts[at + ID]!;
    if (!others.delete(id)) continue;
    if (texts[at + KIND] !== last) {
      last = texts[at + KIND]!;
      kind = kindOf(last);
      isNew = true;
    }
    if (holds(context, proc.number, texts, at, kind.freezer)) {
      holding.push(at);
      rows.push(texts[at + ROW]!);
      if (isNew) shapes.add(kind.shape);
      isNew = false;
    } else others.add(id);
  }
  return { layout: texts[2]!, texts, holding, rows, shapes, others };
}

/** Which rows of the last time hold for these containers; takes their ids out of the set. */
export function readIndex(around: LookAround, name: string, ids: Set<string>): KnownRows {
  if (ids.size < WORTHWHILE) return noRows(ids);
  const texts = attemptTo(around.context, 'read the rows of the last time', () => {
    const found = readTexts(around, name);
    return found !== null && isUsable(around, found) ? found : null;
  });
  return texts === null ? noRows(ids) : knownIn(around, texts, ids);
}
