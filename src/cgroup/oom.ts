import type { Context } from '../host/host.js';
import type { CgroupRecord } from './driver.js';
import { readRecord } from './files.js';
import { holding, unifiedOf } from './limits.js';

const v1 = {
  events: 'memory.oom_control',
  limit: 'memory.limit_in_bytes',
  peak: 'memory.max_usage_in_bytes',
};
const v2: typeof v1 = { events: 'memory.events', limit: 'memory.max', peak: 'memory.peak' };

/** The text of one of these files, wherever memory is counted. */
function read(context: Context, record: CgroupRecord, file: keyof typeof v1): string | null {
  const controller = holding(record, 'memory');
  const directory = controller ?? unifiedOf(record);
  if (directory === undefined) return null;
  const names = controller === undefined ? v2 : v1;
  return readRecord(context, `${directory.path}/${names[file]}`);
}

/** How many processes of the container the kernel has killed for want of memory. */
export function oomKills(context: Context, record: CgroupRecord): number {
  const text = read(context, record, 'events');
  return Number(/^oom_kill (\d+)$/m.exec(text ?? '')?.[1] ?? 0);
}

/** Limit and peak of memory, as far as the kernel tells them: `limit 4096, peak 4096 bytes`. */
export function memoryStory(context: Context, record: CgroupRecord): string {
  const parts = (['limit', 'peak'] as const).flatMap((name) => {
    const text = read(context, record, name)?.trim();
    return text ? `${name} ${text}` : [];
  });
  return parts.length === 0 ? '' : `${parts.join(', ')} bytes`;
}
