import { isFrozen } from '../cgroup/act.js';
import type { Fd } from '../host/fd.js';
import { isAlive } from '../host/process.js';
import type { ContainerRecord } from '../state/record.js';
import { statusOf } from '../state/status.js';
import type { Status } from '../state/transitions.js';
import type { RuntimeContext } from './context.js';
import { isWaiting } from './socket.js';

/** The status of a container as the kernel tells it now. */
export function observe(
  context: RuntimeContext,
  proc: Fd,
  directory: number,
  record: ContainerRecord,
): Status {
  const alive = isAlive(context, proc, record.pid, record.startTime);
  const frozen = alive && isFrozen(context, record.cgroup);
  const waiting = alive && !frozen && isWaiting(context, directory);
  return statusOf({ alive, frozen, waiting });
}
