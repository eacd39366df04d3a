import { isFrozenBy } from '../cgroup/act.js';
import type { Fd } from '../host/fd.js';
import { isAlive } from '../host/process.js';
import type { ContainerHead } from '../state/record.js';
import { statusOf } from '../state/status.js';
import type { Status } from '../state/transitions.js';
import type { RuntimeContext } from './context.js';

/** The status of a container as the kernel tells it now; `waits` is asked only where it matters. */
export function observe(
  context: RuntimeContext,
  proc: Fd,
  { pid, startTime, freezer }: ContainerHead,
  waits: () => boolean,
): Status {
  const alive = isAlive(context, proc, pid, startTime);
  const frozen = alive && isFrozenBy(context, freezer);
  const waiting = alive && !frozen && waits();
  return statusOf({ alive, frozen, waiting });
}
