import { cgroupStats, type OomWatch, watchOom } from '../cgroup/act.js';
import { notRunningWithId } from '../errors/catalog.js';
import { asRuntimeError } from '../errors/error.js';
import { renderError } from '../errors/render.js';
import type { Fd } from '../host/fd.js';
import { openHostProc } from '../host/proc.js';
import { openProcess, waitFor } from '../host/process.js';
import { POLLIN } from '../linux/constants.js';
import { peek } from '../state/peek.js';
import type { ContainerRecord } from '../state/record.js';
import { monotonicMs } from './clock.js';
import type { RuntimeContext } from './context.js';
import { networkStats } from './network-stats.js';
import { resctrlStats } from './resctrl-stats.js';

/** As JSON it is a line that readers of runc's events know; integers are bigints. */
export interface ContainerEvent {
  readonly type: 'stats' | 'oom';
  readonly id: string;
  readonly data?: ReturnType<typeof statsOf>;
}

export type Emit = (event: ContainerEvent) => void;

function statsOf(context: RuntimeContext, proc: Fd, record: ContainerRecord) {
  return {
    ...cgroupStats(context, record.cgroup),
    intel_rdt: resctrlStats(context, record.rdt),
    network_interfaces: networkStats(context, proc, record.pid),
  };
}

type Watched = (record: ContainerRecord, proc: Fd, init: Fd) => void;

function whileRunning(context: RuntimeContext, id: string, act: Watched): void {
  const record = peek(context, context.root, id);
  using proc = openHostProc(context);
  using init = openProcess(context, proc, record.pid, record.startTime);
  if (init === null) throw notRunningWithId(id);
  act(record, proc, init);
}

/** What a running container uses now. */
export function tellStats(context: RuntimeContext, id: string, emit: Emit): void {
  whileRunning(context, id, (record, proc) => {
    emit({ type: 'stats', id, data: statsOf(context, proc, record) });
  });
}

/** Files vanish under the reader while a container ends: that is no reason to end before it. */
function tryStats(context: RuntimeContext, proc: Fd, record: ContainerRecord, emit: Emit): void {
  let data: ReturnType<typeof statsOf>;
  try {
    data = statsOf(context, proc, record);
  } catch (thrown) {
    context.log.error(`statistics of ${record.id}: ${renderError(asRuntimeError(thrown))}`);
    return;
  }
  emit({ type: 'stats', id: record.id, data });
}

/** Waits until `until`; false when the container has ended. */
function wait(context: RuntimeContext, init: Fd, oom: OomWatch | null, until: number): boolean {
  const waits = [{ fd: init.number, events: POLLIN }, ...(oom === null ? [] : [oom])];
  const ready = waitFor(context, waits, Math.max(0, until - monotonicMs(context)));
  return !ready.includes(init.number);
}

/** Statistics at each interval, and a word when memory has run out, until the container ends. */
export function watchEvents(
  context: RuntimeContext,
  id: string,
  intervalMs: number,
  emit: Emit,
): void {
  whileRunning(context, id, (record, proc, init) => {
    using oom = watchOom(context, record.cgroup);
    let next = monotonicMs(context) + intervalMs;
    for (let lives = true; lives; ) {
      lives = wait(context, init, oom, next);
      if (oom?.happened()) emit({ type: 'oom', id });
      const now = monotonicMs(context);
      if (!lives || now < next) continue;
      tryStats(context, proc, record, emit);
      // What took longer than an interval is not made up for.
      next = Math.max(next + intervalMs, now);
    }
  });
}
