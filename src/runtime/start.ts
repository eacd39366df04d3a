import { doesNotExist, startPaused, startRunning, startStopped } from '../errors/catalog.js';
import { attempt } from '../host/host.js';
import { openHostProc } from '../host/proc.js';
import { errno } from '../linux/errno.js';
import { openStore, type Store } from '../state/store.js';
import { allows } from '../state/transitions.js';
import type { RuntimeContext } from './context.js';
import { type LetGo, runPoststart } from './hooks.js';
import { type NotifyProxy, notifyProxy, waitUntilReady } from './notify.js';
import { observe } from './observe.js';
import { connectToInit, isWaiting, removeStartSocket } from './socket.js';
import { readState } from './state.js';
import { awaitExec } from './unexecuted.js';

const GO = new Uint8Array([0x53]);

const refusals = {
  stopped: startStopped,
  running: startRunning,
  paused: startPaused,
} as const;

/**
 * Tells init to go on and waits for its execve(2): the connection closes when that has worked, and
 * carries the error when it has not.
 */
export function release(context: RuntimeContext, store: Store): void {
  using connection = connectToInit(context, store.directory);
  if (connection === null) throw startStopped(store.id);
  // Somebody may be killing it at this moment.
  const gone = [errno.EPIPE, errno.ECONNRESET];
  const sent = attempt(context, gone, 'sendFds', connection.number, GO, 1, null, 0);
  if (sent < 0) throw startStopped(store.id);
  try {
    awaitExec(context, connection);
  } finally {
    removeStartSocket(context, store.directory);
  }
}

/**
 * A hook may call us while the one who runs it holds the lock and waits for it: what has to be refused
 * is not waited for.
 */
function refuseWhileBusy(context: RuntimeContext, id: string): boolean {
  const { status } = readState(context, id);
  if (status === 'created') return true;
  throw refusals[status as keyof typeof refusals](id);
}

/** With its end nobody keeps others from the container any more. */
function startLocked(context: RuntimeContext, id: string, proxy: NotifyProxy | null): LetGo {
  using store = openStore(context, context.root, id, () => refuseWhileBusy(context, id));
  const record = store?.readCreated() ?? null;
  if (store === null || record === null) throw doesNotExist(id);
  using proc = openHostProc(context);
  const status = observe(context, proc, record, () => isWaiting(context, store.directory));
  if (status !== 'created' || !allows('start', status))
    throw refusals[status as keyof typeof refusals](id);
  proxy?.bind();
  release(context, store);
  return { record, identity: store.identity };
}

export function startContainer(context: RuntimeContext, id: string): void {
  using proxy = notifyProxy(context, id);
  const started = startLocked(context, id, proxy);
  runPoststart(context, started);
  waitUntilReady(context, proxy, started.record);
}
