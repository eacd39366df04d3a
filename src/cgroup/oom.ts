import type { Context } from '../host/host.js';
import type { CgroupDirectory, CgroupRecord } from './driver.js';
import { parentOf, readRecord } from './files.js';
import { holding, unifiedOf } from './limits.js';
import { limitOf } from './values.js';

interface Memory {
  readonly directory: CgroupDirectory;
  readonly events: string;
  readonly limit: string;
  readonly peak: string;
}

const v1 = {
  events: 'memory.oom_control',
  limit: 'memory.limit_in_bytes',
  peak: 'memory.max_usage_in_bytes',
};
const v2 = { events: 'memory.events', limit: 'memory.max', peak: 'memory.peak' };

/** Where the container's memory is counted, and in which files. */
function memoryOf(record: CgroupRecord): Memory | null {
  const controller = holding(record, 'memory');
  if (controller !== undefined) return { directory: controller, ...v1 };
  const directory = unifiedOf(record);
  return directory === undefined ? null : { directory, ...v2 };
}

/** How many processes of the container the kernel has killed for want of memory. */
export function oomKills(context: Context, record: CgroupRecord): number {
  const memory = memoryOf(record);
  const text = memory && readRecord(context, `${memory.directory.path}/${memory.events}`);
  return Number(/^oom_kill (\d+)$/m.exec(text ?? '')?.[1] ?? 0);
}

interface Limited {
  readonly path: string;
  readonly limit: bigint;
}

/** The lowest limit of a cgroup and all above it: whoever is short of memory has met that one. */
function lowest(context: Context, { directory, limit: name }: Memory): Limited | null {
  let found: Limited | null = null;
  for (let { path } = directory; path !== directory.mountpoint; path = parentOf(path)) {
    const limit = limitOf(readRecord(context, `${path}/${name}`) ?? '');
    if (limit !== null && (found === null || limit < found.limit)) found = { path, limit };
  }
  return found;
}

/** The limit that was met, and the most that was used: `limit 4096, peak 4096 bytes`. */
export function memoryStory(context: Context, record: CgroupRecord): string {
  const memory = memoryOf(record);
  const met = memory && lowest(context, memory);
  if (memory === null || met === null) return '';
  const peak = readRecord(context, `${met.path}/${memory.peak}`)?.trim();
  const owner = met.path === memory.directory.path ? '' : ` of ${met.path}`;
  return `limit ${met.limit}${owner}${peak === undefined ? '' : `, peak ${peak}`} bytes`;
}
