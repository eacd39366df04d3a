import { createCgroups } from '../cgroup/act.js';
import type { CgroupFacts, CgroupPlan } from '../cgroup/driver.js';
import { planNoCgroup } from '../cgroup/plan.js';
import { asRuntimeError, RuntimeError } from '../errors/error.js';
import type { Spec } from '../generated/spec-types.js';
import { errno } from '../linux/errno.js';
import { outerUid } from './bus.js';
import type { RuntimeContext } from './context.js';
import type { Undo } from './undo.js';

const refused: readonly (number | undefined)[] = [errno.EACCES, errno.EPERM, errno.EROFS];

export const isRootless = (context: RuntimeContext): boolean =>
  context.rootless === 'true' || (context.rootless === 'auto' && context.host.sys.geteuid() !== 0);

/** Nor does root of a user namespace own cgroups by itself: Podman calls us in that of its user. */
const mayLackCgroups = (context: RuntimeContext): boolean =>
  isRootless(context) || (context.rootless === 'auto' && outerUid(context) !== 0);

const asksNothing = (plan: CgroupPlan, spec: Spec): boolean =>
  !spec.linux?.cgroupsPath && plan.limits.length === 0 && plan.realtime === null;

/**
 * Makes the container's cgroups; answers the plan that holds from now on. A caller without
 * privileges may not have been given any cgroups, which does not matter as long as the
 * configuration asks for none: the container then stays in the cgroups of its caller.
 */
export function makeCgroups(
  context: RuntimeContext,
  plan: CgroupPlan,
  facts: CgroupFacts,
  spec: Spec,
  undo: Undo,
): CgroupPlan {
  // systemd makes them, and only for a process that is there.
  if (plan.unit !== undefined) return plan;
  try {
    createCgroups(context, plan, (step) => undo.add(step));
    return plan;
  } catch (thrown) {
    const error = asRuntimeError(thrown);
    if (!refused.includes(error.call?.errno) || !mayLackCgroups(context)) throw error;
    if (asksNothing(plan, spec)) return planNoCgroup(facts, spec);
    throw new RuntimeError(
      'host',
      'rootless needs no limits + no cgrouppath when no permission is granted for cgroups',
      { hint: 'delegate a cgroup to this user, or leave out cgroupsPath and resources' },
    );
  }
}
