import { killAll, thaw } from '../cgroup/act.js';
import { cannotSignal, notRunning } from '../errors/catalog.js';
import { openHostProc } from '../host/proc.js';
import { openProcess } from '../host/process.js';
import { SIGKILL } from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import { parseSignal } from '../linux/signals.js';
import { peek } from '../state/peek.js';
import type { ContainerRecord } from '../state/record.js';
import type { RuntimeContext } from './context.js';

export interface KillOptions {
  readonly all: boolean;
}

/** Init alone, by a descriptor that cannot stand for a recycled pid. False when init is gone. */
function signalInit(context: RuntimeContext, record: ContainerRecord, signal: number): boolean {
  using proc = openHostProc(context);
  using init = openProcess(context, proc, record.pid, record.startTime);
  if (init === null) return false;
  const result = context.host.raw.pidfdSendSignal(init.number, signal, null, 0);
  if (result === -errno.ESRCH) return false;
  if (result < 0) throw cannotSignal(-result);
  return true;
}

/**
 * runtime.md#kill. A container without a pid namespace of its own leaves its other processes behind
 * when init dies, so SIGKILL (and `--all`) goes to everything in its cgroup.
 */
export function killContainer(
  context: RuntimeContext,
  id: string,
  signal: string,
  { all }: KillOptions,
): void {
  // Without the lock: `start` holds it for as long as an init that was stopped does not go on.
  const record = peek(context, context.root, id);
  const number = parseSignal(signal);
  const everything = all || (number === SIGKILL && !record.ownPids);
  if (everything) killAll(context, record.cgroup, number);
  const reached = !all && signalInit(context, record, number);
  if (number === SIGKILL) thaw(context, record.cgroup);
  if (!reached && !everything) throw notRunning(id);
}
