import { destroyCgroups, killAll, processesIn, thaw } from '../cgroup/act.js';
import { cannotDelete, doesNotExist, initStillRunning } from '../errors/catalog.js';
import type { Fd } from '../host/fd.js';
import { openHostProc } from '../host/proc.js';
import { killAndWait, openProcess, waitReadable } from '../host/process.js';
import { SIGKILL } from '../linux/constants.js';
import type { ContainerRecord } from '../state/record.js';
import { openStore, peekIfThere, type Store } from '../state/store.js';
import { allows } from '../state/transitions.js';
import type { RuntimeContext } from './context.js';
import { observe } from './observe.js';
import { leaveResctrl } from './resctrl.js';

export interface DeleteOptions {
  readonly force: boolean;
}

/** How long processes may take to die, and cgroups to become empty. */
const PATIENCE = 10_000;

function killInit(context: RuntimeContext, proc: Fd, record: ContainerRecord): void {
  using init = openProcess(context, proc, record.pid, record.startTime);
  if (init === null) return;
  // A frozen v1 cgroup lets nothing die: freezer-subsystem.rst.
  context.host.raw.pidfdSendSignal(init.number, SIGKILL, null, 0);
  thaw(context, record.cgroup);
  if (!killAndWait(context, init, PATIENCE)) throw initStillRunning(record.id);
}

/**
 * `start` holds the lock until init has gone on, which an init that was stopped never does: it has
 * to die first. Its pid is checked as ever, so whoever else holds the lock is not harmed.
 */
function killWithoutLock(context: RuntimeContext, id: string): void {
  using peeked = peekIfThere(context, context.root, id);
  if (peeked === null) return;
  using proc = openHostProc(context);
  using init = openProcess(context, proc, peeked.record.pid, peeked.record.startTime);
  if (init !== null) context.host.raw.pidfdSendSignal(init.number, SIGKILL, null, 0);
}

/** Waits a moment, without a descriptor to wait on. */
const pause = (context: RuntimeContext, ms: number) => void waitReadable(context, [], ms);

/** Processes that outlive init: of a shared pid namespace, or of a create that was killed. */
function killLeftovers(context: RuntimeContext, record: ContainerRecord): void {
  for (let waited = 0; processesIn(context, record.cgroup).length > 0; waited += 5) {
    if (waited >= PATIENCE) throw initStillRunning(record.id);
    killAll(context, record.cgroup, SIGKILL);
    pause(context, 5);
  }
}

/** Everything of a container, in the order that leaves something to find until the end. */
export function destroy(context: RuntimeContext, store: Store, record: ContainerRecord): void {
  if (!record.ownPids || record.phase === 'creating') killLeftovers(context, record);
  destroyCgroups(context, record.cgroup, PATIENCE);
  leaveResctrl(context, record.resctrl ?? []);
  store.remove();
}

/** What a `create` that was killed has left: nobody could see a container in it yet. */
function removeLeftover(context: RuntimeContext, store: Store): void {
  const record = store.read();
  if (record === null) store.remove();
  else destroy(context, store, record);
}

/** Of a container whose init is known to have ended; somebody else may have been quicker. */
export function deleteEnded(context: RuntimeContext, record: ContainerRecord): void {
  using store = openStore(context, context.root, record.id);
  if (store !== null) destroy(context, store, record);
}

/** runtime.md#delete; with `force` also what is still running, or was never finished. */
export function deleteContainer(
  context: RuntimeContext,
  id: string,
  { force }: DeleteOptions,
): void {
  const whenBusy = () => {
    if (force) killWithoutLock(context, id);
  };
  using store = openStore(context, context.root, id, whenBusy);
  const record = store?.readCreated() ?? null;
  if (store === null || record === null) {
    if (store !== null) removeLeftover(context, store);
    if (force) return;
    throw doesNotExist(id);
  }
  using proc = openHostProc(context);
  const status = observe(context, proc, store.directory, record);
  if (!allows(force ? 'forceDelete' : 'delete', status)) throw cannotDelete(id, status);
  if (status !== 'stopped') killInit(context, proc, record);
  destroy(context, store, record);
}
