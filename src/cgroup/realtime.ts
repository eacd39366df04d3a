import type { Context } from '../host/host.js';
import type { FileWrite, RealtimePlan } from './driver.js';
import { readRecord } from './files.js';
import type { Journal } from './journal.js';
import { ancestors } from './path.js';
import { writeTogether } from './write.js';

const RUNTIME = 'cpu.rt_runtime_us';

const writesIn = (directory: string, { limits }: RealtimePlan): FileWrite[] =>
  limits.map(({ name, value, at }) => ({ file: `${directory}/${name}`, value, at }));

/**
 * Gives a v1 cgroup its time for real-time processes, and as much to each cgroup above it that has
 * none. Before anything joins: a real-time process cannot enter a cgroup without (EINVAL).
 */
export function grantRealtime(
  context: Context,
  plan: RealtimePlan,
  journal: Journal | null = null,
): void {
  const { mountpoint, directory, limits } = plan;
  const asksTime = limits.some(({ name }) => name === RUNTIME);
  const above = asksTime ? ancestors(mountpoint, directory).slice(1) : [];
  for (const path of above) {
    if (readRecord(context, `${path}/${RUNTIME}`)?.trim() === '0')
      writeTogether(context, writesIn(path, plan), journal);
  }
  writeTogether(context, writesIn(directory, plan), journal);
}
