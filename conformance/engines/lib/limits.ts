import { join } from 'node:path';
import { hierarchies, textOf } from '../../lib/machine.js';

/** Controllers' files of cgroup v1 and v2 that say the same. */
const files = {
  memory: ['memory/memory.limit_in_bytes', 'memory.max'],
  cpu: ['cpu/cpu.cfs_quota_us', 'cpu.max'],
  pids: ['pids/pids.max', 'pids.max'],
  shares: ['cpu/cpu.shares', 'cpu.weight'],
} as const;

export type Limit = keyof typeof files;

/** A shell command that shows a limit from inside; of a line of two figures the first one counts. */
export const limitScript = (limit: Limit): string =>
  `cat ${files[limit].map((file) => `/sys/fs/cgroup/${file}`).join(' ')} 2>/dev/null | cut -d" " -f1`;

/** The same as the host sees it. */
export function limitOf(cgroup: string, limit: Limit): string {
  const [first, unified] = files[limit];
  const [controller = '', name = ''] = first.split('/');
  const v1 = hierarchies().find(({ controllers }) => controllers.includes(controller));
  const path =
    v1 === undefined ? join('/sys/fs/cgroup', cgroup, unified) : join(v1.mountpoint, cgroup, name);
  return textOf(path).trim().split(' ')[0] ?? '';
}
