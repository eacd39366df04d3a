import type {
  IoPriority,
  LinuxMemoryPolicy,
  LinuxPersonality,
  Scheduler,
  Spec,
} from '../generated/spec-types.js';
import { IOPRIO_CLASS_SHIFT } from '../linux/constants.js';
import { MEMORY_NODES, parseList } from '../linux/cpu-list.js';
import {
  executionDomains,
  ioClasses,
  memoryFlags,
  memoryModes,
  schedulingFlags,
  schedulingPolicies,
} from '../linux/tuning.js';
import type { MemoryPolicyPlan, SchedulerPlan, TuningPlan } from './plan.js';

const bits = <Word extends string>(
  words: readonly Word[] | undefined,
  numbers: Readonly<Record<Word, number>>,
): number => (words ?? []).reduce((sum, word) => sum | numbers[word], 0);

const decimal = (value: number | bigint = 0): string => String(BigInt(value));

/** config.md#linux-process: whatever is not set is 0. */
const planScheduler = (asked: Scheduler): SchedulerPlan => ({
  name: asked.policy,
  policy: schedulingPolicies[asked.policy],
  flags: bits(asked.flags, schedulingFlags),
  nice: asked.nice ?? 0,
  priority: asked.priority ?? 0,
  runtime: decimal(asked.runtime),
  deadline: decimal(asked.deadline),
  period: decimal(asked.period),
});

const planIoPriority = (asked: IoPriority) => ({
  name: asked.class,
  value: (ioClasses[asked.class] << IOPRIO_CLASS_SHIFT) | asked.priority,
});

const planPersonality = ({ domain }: LinuxPersonality) => ({
  name: domain,
  value: executionDomains[domain],
});

const planMemoryPolicy = ({ mode, flags, nodes = '' }: LinuxMemoryPolicy): MemoryPolicyPlan => ({
  name: mode,
  mode: memoryModes[mode] | bits(flags, memoryFlags),
  // The rules have taken it for a list.
  nodes: parseList(nodes, MEMORY_NODES) ?? [],
});

export function planTuning({ process, linux }: Spec): TuningPlan {
  const { scheduler, ioPriority } = process ?? {};
  const { personality, memoryPolicy } = linux ?? {};
  return {
    ...(scheduler && { scheduler: planScheduler(scheduler) }),
    ...(ioPriority && { ioPriority: planIoPriority(ioPriority) }),
    ...(personality && { personality: planPersonality(personality) }),
    ...(memoryPolicy && { memoryPolicy: planMemoryPolicy(memoryPolicy) }),
  };
}
