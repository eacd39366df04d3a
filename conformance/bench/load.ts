import { type CpuInfo, cpus } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';

type Times = Pick<CpuInfo, 'times'>;

const lookFor = 1_000;

/** How much of the processors others use now, from 0 to 1. */
export async function busyShare(): Promise<number> {
  const before = cpus();
  await pause(lookFor);
  return shareBetween(before, cpus());
}

export function shareBetween(before: readonly Times[], after: readonly Times[]): number {
  const idle = sum(after, 'idle') - sum(before, 'idle');
  const whole = total(after) - total(before);
  return whole === 0 ? 0 : 1 - idle / whole;
}

function sum(processors: readonly Times[], name: keyof CpuInfo['times']): number {
  return processors.reduce((count, { times }) => count + times[name], 0);
}

function total(processors: readonly Times[]): number {
  const names = ['user', 'nice', 'sys', 'idle', 'irq'] as const;
  return names.reduce((count, name) => count + sum(processors, name), 0);
}
