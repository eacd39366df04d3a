import { applyCpuset } from '../cgroup/act.js';
import type { CgroupPlan } from '../cgroup/driver.js';
import { asRuntimeError, RuntimeError, toData } from '../errors/error.js';
import type { Spec } from '../generated/spec-types.js';
import type { Context } from '../host/host.js';
import { errno } from '../linux/errno.js';

/**
 * A deadline is granted for the CPUs, and a memory policy for the memory nodes, that the process may
 * use at that moment: then it must be those of the container already.
 */
export function applyCpusetFirst(
  context: Context,
  { spec, cgroup }: { readonly spec: Spec; readonly cgroup: CgroupPlan },
): void {
  if (spec.process?.scheduler || spec.linux?.memoryPolicy) applyCpuset(context, cgroup);
}

/** sched_setattr(2), EPERM: a deadline is for all CPUs of a root domain or for none. */
export function blameCpuset(spec: Spec, thrown: unknown): RuntimeError {
  const error = asRuntimeError(thrown);
  const isDeadline = spec.process?.scheduler?.policy === 'SCHED_DEADLINE';
  const refused = error.call?.name === 'sched_setattr' && error.call.errno === errno.EPERM;
  if (!refused || !isDeadline || !spec.linux?.resources?.cpu?.cpus) return error;
  return new RuntimeError('host', "process scheduler can't be used together with AllowedCPUs", {
    ...toData(error),
    at: '/linux/resources/cpu/cpus',
    hint: 'leave cpus out, or name all CPUs of the machine or of an exclusive cpuset',
  });
}
