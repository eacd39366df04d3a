import { killAll, processesIn, thaw, watchEmptiness } from '../cgroup/act.js';
import { initStillRunning } from '../errors/catalog.js';
import type { Fd } from '../host/fd.js';
import { openHostProc } from '../host/proc.js';
import { killAndWait, openProcess } from '../host/process.js';
import { SIGKILL } from '../linux/constants.js';
import type { ContainerRecord } from '../state/record.js';
import { monotonicMs } from './clock.js';
import type { RuntimeContext } from './context.js';

/** How long processes may take to die, and cgroups to become empty. */
export const PATIENCE = 10_000;

export function killInit(context: RuntimeContext, proc: Fd, record: ContainerRecord): void {
  using init = openProcess(context, proc, record.pid, record.startTime);
  if (init === null) return;
  // A frozen v1 cgroup lets nothing die: freezer-subsystem.rst.
  context.host.raw.pidfdSendSignal(init.number, SIGKILL, null, 0);
  thaw(context, record.cgroup);
  if (!killAndWait(context, init, PATIENCE)) throw initStillRunning(record.id);
}

/** A process that was being made when the others were killed is killed after so many milliseconds. */
const AGAIN = 5;

/** Processes that outlive init: of a shared pid namespace, or of a create that was killed. */
export function killLeftovers(context: RuntimeContext, record: ContainerRecord): void {
  if (processesIn(context, record.cgroup).length === 0) return;
  using watch = watchEmptiness(context, record.cgroup);
  const deadline = monotonicMs(context) + PATIENCE;
  do {
    if (monotonicMs(context) > deadline) throw initStillRunning(record.id);
    killAll(context, record.cgroup, SIGKILL);
    watch.wait(AGAIN);
  } while (processesIn(context, record.cgroup).length > 0);
}

/** Ends all processes of a container; the rest of it stays. */
export function endContainer(context: RuntimeContext, record: ContainerRecord): void {
  using proc = openHostProc(context);
  killInit(context, proc, record);
  if (!record.ownPids) killLeftovers(context, record);
}
