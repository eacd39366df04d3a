import { doesNotExist } from '../errors/catalog.js';
import type { Fd } from '../host/fd.js';
import { openIfThere } from '../host/io.js';
import { openHostProc } from '../host/proc.js';
import { AT_FDCWD, O_DIRECTORY, O_PATH } from '../linux/constants.js';
import { peekHead } from '../state/peek.js';
import type { ContainerHead } from '../state/record.js';
import type { ContainerState, RuntimeContext } from './context.js';
import { type MayBeFrozen, type Observed, observeInit } from './observe.js';
import { isWaitingIn } from './socket.js';

/** Where containers are looked at: opened once for all of them. */
export interface Places {
  /** Descriptor of the state root. */
  readonly root: number;
  readonly proc: Fd;
  readonly mayBeFrozen?: MayBeFrozen;
}

/** A container's head, and what the kernel says to it. */
export interface Look extends Observed {
  readonly id: string;
  readonly head: ContainerHead;
}

export function lookAt(
  context: RuntimeContext,
  { root, proc, mayBeFrozen }: Places,
  id: string,
): Look {
  const head = peekHead(context, root, id);
  if (head === null) throw doesNotExist(id);
  const waits = () => isWaitingIn(context, root, id);
  const { status, init } = observeInit(context, proc, head, waits, mayBeFrozen);
  return { id, head, status, init };
}

/** What there is to say of a container; `owner` is filled by `list` alone. */
export function stateOf({ id, head, status }: Look, owner: string): ContainerState {
  const { ociVersion, pid, bundle, rootfs, created, annotations } = head;
  const shown = status === 'stopped' ? 0 : pid;
  const state = { ociVersion, id, pid: shown, status, bundle, rootfs, created, owner };
  return Object.keys(annotations).length > 0 ? { ...state, annotations } : state;
}

/** runtime.md#query-state. */
export function readState(context: RuntimeContext, id: string): ContainerState {
  using root = openIfThere(context, AT_FDCWD, context.root, O_PATH | O_DIRECTORY);
  if (root === null) throw doesNotExist(id);
  using proc = openHostProc(context);
  return stateOf(lookAt(context, { root: root.number, proc }, id), '');
}
