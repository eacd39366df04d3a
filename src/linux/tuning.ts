import type {
  IoPriority,
  LinuxMemoryPolicy,
  LinuxPersonality,
  Scheduler,
} from '../generated/spec-types.js';
import {
  IOPRIO_CLASS_BE,
  IOPRIO_CLASS_IDLE,
  IOPRIO_CLASS_RT,
  MPOL_BIND,
  MPOL_DEFAULT,
  MPOL_F_NUMA_BALANCING,
  MPOL_F_RELATIVE_NODES,
  MPOL_F_STATIC_NODES,
  MPOL_INTERLEAVE,
  MPOL_LOCAL,
  MPOL_PREFERRED,
  MPOL_PREFERRED_MANY,
  PER_LINUX,
  PER_LINUX32,
  SCHED_BATCH,
  SCHED_DEADLINE,
  SCHED_FIFO,
  SCHED_FLAG_DL_OVERRUN,
  SCHED_FLAG_KEEP_PARAMS,
  SCHED_FLAG_KEEP_POLICY,
  SCHED_FLAG_RECLAIM,
  SCHED_FLAG_RESET_ON_FORK,
  SCHED_FLAG_UTIL_CLAMP_MAX,
  SCHED_FLAG_UTIL_CLAMP_MIN,
  SCHED_IDLE,
  SCHED_NORMAL,
  SCHED_RR,
} from './constants.js';

/** The specification's words and the kernel's numbers. */
type Numbers<Word extends string> = Readonly<Record<Word, number>>;
type Flag<T extends { flags?: string[] }> = NonNullable<T['flags']>[number];

/** sched_setattr(2). */
export const schedulingPolicies: Numbers<Scheduler['policy']> = {
  SCHED_OTHER: SCHED_NORMAL,
  SCHED_FIFO,
  SCHED_RR,
  SCHED_BATCH,
  // linux/sched.h keeps the number for it; only patched kernels have the policy.
  SCHED_ISO: 4,
  SCHED_IDLE,
  SCHED_DEADLINE,
};

export const schedulingFlags: Numbers<Flag<Scheduler>> = {
  SCHED_FLAG_RESET_ON_FORK,
  SCHED_FLAG_RECLAIM,
  SCHED_FLAG_DL_OVERRUN,
  SCHED_FLAG_KEEP_POLICY,
  SCHED_FLAG_KEEP_PARAMS,
  SCHED_FLAG_UTIL_CLAMP_MIN,
  SCHED_FLAG_UTIL_CLAMP_MAX,
};

/** ioprio_set(2). */
export const ioClasses: Numbers<IoPriority['class']> = {
  IOPRIO_CLASS_RT,
  IOPRIO_CLASS_BE,
  IOPRIO_CLASS_IDLE,
};

/** personality(2). */
export const executionDomains: Numbers<LinuxPersonality['domain']> = {
  LINUX: PER_LINUX,
  LINUX32: PER_LINUX32,
};

/** set_mempolicy(2). */
export const memoryModes: Numbers<LinuxMemoryPolicy['mode']> = {
  MPOL_DEFAULT,
  MPOL_PREFERRED,
  MPOL_BIND,
  MPOL_INTERLEAVE,
  MPOL_LOCAL,
  MPOL_PREFERRED_MANY,
  // Linux 6.9; headers of older systems lack it.
  MPOL_WEIGHTED_INTERLEAVE: 6,
};

export const memoryFlags: Numbers<Flag<LinuxMemoryPolicy>> = {
  MPOL_F_NUMA_BALANCING,
  MPOL_F_RELATIVE_NODES,
  MPOL_F_STATIC_NODES,
};
