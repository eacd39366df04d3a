import { asRuntimeError, RuntimeError } from '../errors/error.js';
import { renderError } from '../errors/render.js';
import { openIfThere, readAll } from '../host/io.js';
import { AT_FDCWD, O_RDONLY } from '../linux/constants.js';
import { listIds, peek } from '../state/store.js';
import type { ContainerState, RuntimeContext } from './context.js';
import { readState } from './state.js';

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

function ownedState(
  context: RuntimeContext,
  names: ReadonlyMap<string, string>,
  id: string,
): ContainerState {
  using peeked = peek(context, context.root, id);
  const owner = names.get(String(peeked.uid)) ?? `#${peeked.uid}`;
  return { ...readState(context, id), owner };
}

/** Every container of the root. One that cannot be read is reported and left out. */
export function listContainers(context: RuntimeContext): ContainerState[] {
  const ids = listIds(context, context.root);
  if (ids === null && context.rootGiven)
    throw new RuntimeError('host', `open ${context.root}: no such file or directory`);
  const names = userNames(context);
  return (ids ?? []).flatMap((id) => {
    try {
      return [ownedState(context, names, id)];
    } catch (thrown) {
      // Being created, or deleted since we listed the directory.
      if (asRuntimeError(thrown).code === 'not-found') return [];
      context.log.error(`load container ${id}: ${renderError(asRuntimeError(thrown))}`);
      return [];
    }
  });
}
