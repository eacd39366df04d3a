import { isFrozenBy } from '../cgroup/act.js';
import type { Fd } from '../host/fd.js';
import { kernelVersion } from '../host/kernel-version.js';
import { liveStat } from '../host/process.js';
import type { ContainerHead } from '../state/record.js';
import { type ProcessStat, statusOf } from '../state/status.js';
import type { Status } from '../state/transitions.js';
import type { RuntimeContext } from './context.js';

/** Whether what procfs tells of init leaves the question open if its cgroup is frozen. */
export type MayBeFrozen = (init: ProcessStat, freezer: string | null) => boolean;

const always: MayBeFrozen = () => true;

/**
 * For those who look at many containers. The v1 freezer puts every process into state D, and since
 * Linux 6.1 without exception, so there the freezer's file needs a look only then; one look takes
 * as long as all the rest. On v2 a frozen process is in state S, like most.
 */
export function frozenByState(context: RuntimeContext): MayBeFrozen {
  const [major, minor] = kernelVersion(context);
  if (major < 6 || (major === 6 && minor < 1)) return always;
  return ({ state }, freezer) => state === 'D' || freezer?.endsWith('/freezer.state') !== true;
}

export interface Observed {
  readonly status: Status;
  /** Null when it has ended. */
  readonly init: ProcessStat | null;
}

/** A container as the kernel tells of it now; `waits` is asked only where it matters. */
export function observeInit(
  context: RuntimeContext,
  proc: Fd,
  { pid, startTime, freezer }: ContainerHead,
  waits: () => boolean,
  mayBeFrozen: MayBeFrozen = always,
): Observed {
  const init = liveStat(context, proc, pid, startTime);
  const alive = init !== null;
  const frozen = alive && mayBeFrozen(init, freezer) && isFrozenBy(context, freezer);
  const waiting = alive && !frozen && waits();
  return { status: statusOf({ alive, frozen, waiting }), init };
}

export const observe = (...args: Parameters<typeof observeInit>): Status =>
  observeInit(...args).status;
