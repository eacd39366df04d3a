import { destroyCgroups } from '../cgroup/act.js';
import { cannotDelete, doesNotExist } from '../errors/catalog.js';
import { isHeldAbove } from '../host/ancestors.js';
import type { Fd } from '../host/fd.js';
import { openHostProc } from '../host/proc.js';
import { openProcess } from '../host/process.js';
import { SIGKILL } from '../linux/constants.js';
import { readRecord, STATE } from '../state/peek.js';
import type { ContainerRecord } from '../state/record.js';
import { openStore, reopenStore, type Store, withdraw } from '../state/store.js';
import { allows } from '../state/transitions.js';
import type { RuntimeContext } from './context.js';
import { killInit, killLeftovers, PATIENCE } from './end.js';
import { type LetGo, runPoststop } from './hooks.js';
import { observe } from './observe.js';
import { leaveResctrl } from './resctrl.js';
import { isWaiting } from './socket.js';
import { readState } from './state.js';
import { endUnit } from './systemd.js';

export interface DeleteOptions {
  readonly force: boolean;
}

/**
 * `start` holds the lock until init has gone on, which an init that was stopped never does: it has
 * to die first. Its pid is checked as ever, so whoever else holds the lock is not harmed.
 */
function killWithoutLock(context: RuntimeContext, proc: Fd, record: ContainerRecord): void {
  using init = openProcess(context, proc, record.pid, record.startTime);
  if (init !== null) context.host.raw.pidfdSendSignal(init.number, SIGKILL, null, 0);
}

/**
 * `create` is waited for, whatever comes of it, but not by its own hooks, for which it waits itself:
 * what they delete is gone when it fails and undoes all that it has done.
 */
function endWhileBusy(context: RuntimeContext, id: string, directory: number): boolean {
  const record = readRecord(context, directory, STATE, id);
  using proc = openHostProc(context);
  if (record?.phase === 'created') killWithoutLock(context, proc, record);
  else if (isHeldAbove(context, proc, directory)) {
    withdraw(context, directory);
    return false;
  }
  return true;
}

/** A hook may ask for it while the one who runs it holds the lock: it must hear a refusal. */
function refuseWhileBusy(context: RuntimeContext, id: string): boolean {
  const { status } = readState(context, id);
  if (!allows('delete', status)) throw cannotDelete(id, status);
  return true;
}

/** Everything of a container, in the order that leaves something to find until the end. */
export function destroy(context: RuntimeContext, store: Store, record: ContainerRecord): void {
  if (!record.ownPids || record.phase === 'creating') killLeftovers(context, record);
  if (record.cgroup.unit !== undefined) endUnit(context, record.cgroup.unit);
  destroyCgroups(context, record.cgroup, PATIENCE);
  leaveResctrl(context, record.resctrl ?? []);
  store.remove();
  runPoststop(context, record);
}

/** What a `create` that was killed has left: nobody could see a container in it yet. */
function removeLeftover(context: RuntimeContext, store: Store): void {
  const record = store.read();
  if (record === null) store.remove();
  else destroy(context, store, record);
}

/** Of a container whose init is known to have ended; somebody else may have been quicker. */
export function deleteEnded(context: RuntimeContext, { record, identity }: LetGo): void {
  using store = reopenStore(context, context.root, record.id, identity);
  if (store !== null) destroy(context, store, record);
}

/** The same of one whose init may live. */
export function deleteRunning(context: RuntimeContext, { record, identity }: LetGo): void {
  using store = reopenStore(context, context.root, record.id, identity);
  if (store === null) return;
  using proc = openHostProc(context);
  killInit(context, proc, record);
  destroy(context, store, record);
}

/** runtime.md#delete; with `force` also what is still running, or was never finished. */
export function deleteContainer(
  context: RuntimeContext,
  id: string,
  { force }: DeleteOptions,
): void {
  const whenBusy = force ? endWhileBusy : refuseWhileBusy;
  using store = openStore(context, context.root, id, (directory) =>
    whenBusy(context, id, directory),
  );
  const record = store?.readCreated() ?? null;
  if (store === null || record === null) {
    if (store !== null) removeLeftover(context, store);
    if (force) return;
    throw doesNotExist(id);
  }
  using proc = openHostProc(context);
  const status = observe(context, proc, record, () => isWaiting(context, store.directory));
  if (!allows(force ? 'forceDelete' : 'delete', status)) throw cannotDelete(id, status);
  if (status !== 'stopped') killInit(context, proc, record);
  destroy(context, store, record);
}
