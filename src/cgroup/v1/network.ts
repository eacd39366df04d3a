import type { LinuxNetwork } from '../../generated/spec-types.js';
import type { Limit } from '../rows.js';
import { isSet } from '../values.js';

/** config-linux.md#network: the kernel takes one interface a write. */
export function networkLimits({ classID, priorities = [] }: LinuxNetwork = {}): Limit[] {
  const marks = priorities.map(({ name, priority }, i) => ({
    at: `network/priorities/${i}`,
    file: 'net_prio.ifpriomap',
    value: `${name} ${priority}`,
  }));
  if (!isSet(classID)) return marks;
  return [{ at: 'network/classID', file: 'net_cls.classid', value: String(classID) }, ...marks];
}
