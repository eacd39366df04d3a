import { during } from '../errors/error.js';
import type { Process } from '../generated/spec-types.js';
import type { Fd } from '../host/fd.js';
import type { Context } from '../host/host.js';
import { openHow } from '../host/io.js';
import { type BatchStep, call, saved, tolerated } from '../linux/batch.js';
import {
  O_CLOEXEC,
  O_WRONLY,
  RESOLVE_BENEATH,
  RESOLVE_NO_MAGICLINKS,
  RESOLVE_NO_XDEV,
} from '../linux/constants.js';
import { CPUS } from '../linux/cpu-list.js';
import type { Plan } from '../plan/plan.js';
import { rlimitBytes } from '../plan/rlimits.js';
import { isRootless } from './cgroup-permission.js';
import type { RuntimeContext } from './context.js';

/** As in procfs of host/proc.ts; `self` is a link, and the kernel's own. */
const own = RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS;

/**
 * config.md#linux-process. The child writes it itself, and first of all: what is not dumpable owns
 * none of its files in procfs, proc(5), so a caller without privileges could not. Such a caller may
 * not lower the score either, which runc forgives.
 */
export function oomScoreSteps(
  context: RuntimeContext,
  proc: Fd,
  { oomScoreAdj }: Process,
): BatchStep[] {
  if (oomScoreAdj === undefined) return [];
  const label = '/process/oomScoreAdj: set the OOM score';
  const how = openHow(O_WRONLY | O_CLOEXEC, 0, own).slice();
  const value = context.host.engine.encode(String(oomScoreAdj));
  const file = { slot: 0 };
  const steps: BatchStep[] = [
    saved(call(label, 'openat2', proc.number, 'self/oom_score_adj', how, 24), file.slot),
    call(label, 'write', file, value, value.length),
    call(label, 'close', file),
  ];
  return isRootless(context) ? steps.map(tolerated) : steps;
}

/** The kernel cuts it to the machine's own number of CPUs, sched_setaffinity(2). */
const MASK_BYTES = CPUS / 8;
const allCpus = new Uint8Array(MASK_BYTES).fill(0xff);

/** What the caller was bound to is no business of the container's: its cgroup says where it runs. */
export const useAllCpus: BatchStep = tolerated(
  call('use all CPUs', 'schedSetaffinity', 0, allCpus.length, allCpus),
);

export const useCpus = (mask: Uint8Array): BatchStep =>
  call('/process/execCPUAffinity: use these CPUs', 'schedSetaffinity', 0, mask.length, mask);

/**
 * config.md#linux-process, `initial`: the CPUs of ourselves while a process comes to be in its
 * cgroup, where the kernel decides. With cgroup v2 it is born there, so that it could not take some
 * that the cgroup does not have. As a library we give them back.
 */
export function onCpus<T>({ host }: Context, mask: Uint8Array | null, act: () => T): T {
  if (mask === null) return act();
  const { sys, raw } = host;
  const before = new Uint8Array(MASK_BYTES);
  const length = sys.schedGetaffinity(0, before.length, before);
  during(
    'use these CPUs',
    () => sys.schedSetaffinity(0, mask.length, mask),
    '/process/execCPUAffinity/initial',
  );
  try {
    return act();
  } finally {
    // It fails when our own cgroup has lost them meanwhile.
    raw.schedSetaffinity(0, length, before);
  }
}

/** config.md#posix-process, of a process in a user namespace. */
export function applyRlimits(context: Context, pid: number, { parentRlimits }: Plan): void {
  parentRlimits.forEach((limit, i) => {
    const set = () => context.host.sys.prlimit64(pid, limit.resource, rlimitBytes(limit), null);
    during(`set ${limit.name}`, set, `/process/rlimits/${i}`);
  });
}
