import { RuntimeError } from '../errors/error.js';
import type { Fd } from '../host/fd.js';
import { openIfThere } from '../host/io.js';
import { openHostProc } from '../host/proc.js';
import { AT_FDCWD, O_DIRECTORY, O_RDONLY } from '../linux/constants.js';
import { idsIn } from '../state/store.js';
import type { ContainerState, RuntimeContext } from './context.js';
import { idsOf, type KnownRows, noRows, readIndex } from './list-index.js';
import { mergeRows, writeIndex } from './list-keep.js';
import { type Listed, LookAround } from './look-around.js';
import { type RowFormat, type Rows, rowsOf } from './rows.js';

function openRoot(context: RuntimeContext): Fd | null {
  const root = openIfThere(context, AT_FDCWD, context.root, O_RDONLY | O_DIRECTORY);
  if (root === null && context.rootGiven)
    throw new RuntimeError('host', `open ${context.root}: no such file or directory`);
  return root;
}

/** Every container of the root. One that cannot be read is reported and left out. */
export function listContainers(context: RuntimeContext): ContainerState[] {
  using root = openRoot(context);
  const ids = root === null ? new Set<string>() : idsIn(context, root.number);
  if (root === null || ids.size === 0) return [];
  using proc = openHostProc(context);
  const around = new LookAround(context, root, proc);
  return around.lookAtEach([...ids].sort()).map(({ state }) => state);
}

const byId = (a: Listed, b: Listed): number => (a.look.id < b.look.id ? -1 : 1);

/** The same in print. What would be printed as the last time is taken from there. */
export function listRows(context: RuntimeContext, format: RowFormat): Rows {
  using root = openRoot(context);
  const ids = root === null ? new Set<string>() : idsIn(context, root.number);
  if (root === null || ids.size === 0) return rowsOf(format, []);
  using proc = openHostProc(context);
  const around = new LookAround(context, root, proc);
  const known = readIndex(around, format.name, ids);
  const listed = around.lookAtEach([...known.others].sort());
  const added = rowsAmong(around, format, known, listed);
  if (added !== null) return added;
  const all = [...listed, ...around.lookAtEach(idsOf(known))].sort(byId);
  return rowsAmong(around, format, noRows(new Set()), all)!;
}

/** Rows of others among known ones; null when they change how those look. */
function rowsAmong(
  around: LookAround,
  format: RowFormat,
  known: KnownRows,
  listed: readonly Listed[],
): Rows | null {
  const states = listed.map(({ state }) => state);
  const shapes = format.shapesOf(states);
  const layout = format.layoutOf(new Set([...known.shapes, ...shapes]));
  if (layout !== known.layout && known.holding.length > 0) return null;
  const fresh = { listed, shapes, rows: format.rowsOf(states, layout) };
  writeIndex(around, format.name, known, layout, fresh);
  return { layout, rows: mergeRows(known, fresh) };
}
