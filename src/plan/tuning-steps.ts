import { type BatchStep, call } from '../linux/batch.js';
import { IOPRIO_WHO_PGRP } from '../linux/constants.js';
import { MEMORY_NODES, maskOf } from '../linux/cpu-list.js';
import type { MemoryPolicyPlan, SchedulerPlan, TuningPlan } from './plan.js';

/** struct sched_attr, sched_setattr(2), with the two fields of Linux 5.3 that clamps are in. */
const ATTRIBUTES = 56;

function attributes(plan: SchedulerPlan): Uint8Array {
  const view = new DataView(new ArrayBuffer(ATTRIBUTES));
  view.setUint32(0, ATTRIBUTES, true);
  view.setUint32(4, plan.policy, true);
  view.setUint32(8, plan.flags, true);
  view.setInt32(16, plan.nice, true);
  view.setUint32(20, plan.priority, true);
  view.setBigUint64(24, BigInt(plan.runtime), true);
  view.setBigUint64(32, BigInt(plan.deadline), true);
  view.setBigUint64(40, BigInt(plan.period), true);
  return new Uint8Array(view.buffer);
}

const schedule = (plan: SchedulerPlan): BatchStep =>
  call(`/process/scheduler: set ${plan.name}`, 'schedSetattr', 0, attributes(plan), 0);

/** Of the process group, which init leads (config.md#linux-process). */
const setIoPriority = ({ name, value }: NonNullable<TuningPlan['ioPriority']>): BatchStep =>
  call(`/process/ioPriority: set ${name}`, 'ioprioSet', IOPRIO_WHO_PGRP, 0, value);

const setPersonality = ({ name, value }: NonNullable<TuningPlan['personality']>): BatchStep =>
  call(`/linux/personality: set ${name}`, 'personality', value);

/** set_mempolicy(2) reads one bit less than it is told. */
function setMemoryPolicy({ name, mode, nodes }: MemoryPolicyPlan): BatchStep {
  const label = `/linux/memoryPolicy: set ${name}`;
  if (nodes.length === 0) return call(label, 'setMempolicy', mode, null, 0);
  return call(label, 'setMempolicy', mode, maskOf(nodes, MEMORY_NODES), MEMORY_NODES + 1);
}

/** While still privileged. */
export function tuningSteps(plan: TuningPlan): BatchStep[] {
  const { scheduler, ioPriority, personality, memoryPolicy } = plan;
  return [
    ...(scheduler ? [schedule(scheduler)] : []),
    ...(ioPriority ? [setIoPriority(ioPriority)] : []),
    ...(personality ? [setPersonality(personality)] : []),
    ...(memoryPolicy ? [setMemoryPolicy(memoryPolicy)] : []),
  ];
}
