import { doesNotExist } from '../errors/catalog.js';
import { asRuntimeError, RuntimeError } from '../errors/error.js';
import { renderError } from '../errors/render.js';
import { openIfThere, readAll } from '../host/io.js';
import { openHostProc } from '../host/proc.js';
import { ownerOf } from '../host/stat.js';
import { AT_FDCWD, O_DIRECTORY, O_RDONLY } from '../linux/constants.js';
import { listIds } from '../state/store.js';
import type { ContainerState, RuntimeContext } from './context.js';
import { frozenByState } from './observe.js';
import { stateIn } from './state.js';

/** passwd(5): uid → name. */
function userNames(context: RuntimeContext): ReadonlyMap<string, string> {
  using file = openIfThere(context, AT_FDCWD, '/etc/passwd', O_RDONLY);
  const text = file === null ? '' : context.host.engine.decode(readAll(context, file.number));
  return new Map(
    text
      .split('\n')
      .map((line) => line.split(':'))
      .map(([name = '', , uid = '']) => [uid, name] as const),
  );
}

/** The owner of a container is that of its directory. */
function ownersIn(context: RuntimeContext, root: number): (id: string) => string {
  const names = userNames(context);
  return (id) => {
    const uid = ownerOf(context, root, id);
    if (uid === null) throw doesNotExist(id);
    return names.get(String(uid)) ?? `#${uid}`;
  };
}

function statesOf(context: RuntimeContext, root: number, ids: readonly string[]): ContainerState[] {
  using proc = openHostProc(context);
  const places = { root, proc, mayBeFrozen: frozenByState(context) };
  const owner = ownersIn(context, root);
  const states: ContainerState[] = [];
  for (const id of ids) {
    try {
      states.push(stateIn(context, places, id, owner));
    } catch (thrown) {
      // Being created, or deleted since we listed the directory.
      if (asRuntimeError(thrown).code === 'not-found') continue;
      context.log.error(`load container ${id}: ${renderError(asRuntimeError(thrown))}`);
    }
  }
  return states;
}

/** Every container of the root. One that cannot be read is reported and left out. */
export function listContainers(context: RuntimeContext): ContainerState[] {
  using root = openIfThere(context, AT_FDCWD, context.root, O_RDONLY | O_DIRECTORY);
  if (root === null) {
    if (!context.rootGiven) return [];
    throw new RuntimeError('host', `open ${context.root}: no such file or directory`);
  }
  const ids = listIds(context, root.number);
  return ids.length === 0 ? [] : statesOf(context, root.number, ids);
}
