import { doesNotExist } from '../errors/catalog.js';
import type { Fd } from '../host/fd.js';
import { openIfThere } from '../host/io.js';
import { openHostProc } from '../host/proc.js';
import { AT_FDCWD, O_DIRECTORY, O_PATH } from '../linux/constants.js';
import { peekHead } from '../state/peek.js';
import type { ContainerState, RuntimeContext } from './context.js';
import { type MayBeFrozen, observe } from './observe.js';
import { isWaitingIn } from './socket.js';

/** Where containers are looked at: opened once for all of them. */
export interface Places {
  /** Descriptor of the state root. */
  readonly root: number;
  readonly proc: Fd;
  readonly mayBeFrozen?: MayBeFrozen;
}

/** What there is to say of a container; `owner` is filled by `list` alone. */
export function stateIn(
  context: RuntimeContext,
  { root, proc, mayBeFrozen }: Places,
  id: string,
  ownerOf: (id: string) => string,
): ContainerState {
  const head = peekHead(context, root, id);
  if (head === null) throw doesNotExist(id);
  const { ociVersion, pid, bundle, rootfs, created, annotations } = head;
  const status = observe(context, proc, head, () => isWaitingIn(context, root, id), mayBeFrozen);
  const owner = ownerOf(id);
  const shown = status === 'stopped' ? 0 : pid;
  const state = { ociVersion, id, pid: shown, status, bundle, rootfs, created, owner };
  return Object.keys(annotations).length > 0 ? { ...state, annotations } : state;
}

/** runtime.md#query-state. */
export function readState(context: RuntimeContext, id: string): ContainerState {
  using root = openIfThere(context, AT_FDCWD, context.root, O_PATH | O_DIRECTORY);
  if (root === null) throw doesNotExist(id);
  using proc = openHostProc(context);
  return stateIn(context, { root: root.number, proc }, id, () => '');
}
