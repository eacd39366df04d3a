import { readCgroupFile } from '../cgroup/act.js';
import type { CgroupRecord } from '../cgroup/driver.js';
import type { Int64, LinuxCpu, LinuxMemory, LinuxResources } from '../generated/spec-types.js';
import type { Context } from '../host/host.js';

type Read = (controller: string, file: string) => string;

/** `max` and what is not there are no number. */
const number = (text: string | undefined): bigint | undefined =>
  text !== undefined && /^-?\d+$/.test(text) ? BigInt(text) : undefined;

function quotaOf(read: Read, unified: boolean): LinuxCpu {
  const [quota, period] = unified
    ? read('cpu', 'cpu.max').split(' ')
    : [read('cpu', 'cpu.cfs_quota_us'), read('cpu', 'cpu.cfs_period_us')];
  const length = number(period);
  return { quota: number(quota) ?? -1n, ...(length !== undefined && { period: length }) };
}

const asked = (value: Int64 | undefined): boolean => value !== undefined && Number(value) !== 0;

const wholeCpu = (cpu: LinuxCpu, read: Read, unified: boolean): LinuxCpu =>
  asked(cpu.quota) === asked(cpu.period) ? cpu : { ...cpu, ...quotaOf(read, unified) };

function wholeMemory(memory: LinuxMemory, read: Read, unified: boolean): LinuxMemory {
  if (!asked(memory.swap) || asked(memory.limit)) return memory;
  const limit = number(read('memory', unified ? 'memory.max' : 'memory.limit_in_bytes'));
  return limit === undefined ? memory : { ...memory, limit };
}

/**
 * With the other half of what makes one property of systemd: quota and period, swap and memory. By
 * now the files hold it.
 */
export function wholeResources(
  context: Context,
  record: CgroupRecord,
  resources: LinuxResources,
): LinuxResources {
  const unified = record.mode === 'v2';
  const read: Read = (controller, file) => readCgroupFile(context, record, controller, file).trim();
  const { cpu, memory } = resources;
  return {
    ...resources,
    ...(cpu && { cpu: wholeCpu(cpu, read, unified) }),
    ...(memory && { memory: wholeMemory(memory, read, unified) }),
  };
}
