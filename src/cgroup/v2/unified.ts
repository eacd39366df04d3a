import { RuntimeError } from '../../errors/error.js';
import type { LinuxResources } from '../../generated/spec-types.js';
import { pointer } from '../../spec/complaint.js';
import type { Limit } from '../rows.js';

/** By these the runtime itself places, freezes and kills processes, and hands controllers down. */
const ours: readonly string[] = [
  'cgroup.procs',
  'cgroup.threads',
  'cgroup.freeze',
  'cgroup.kill',
  'cgroup.type',
  'cgroup.subtree_control',
];

const SHAPE = /^[^./\n\0]+\.[^/\n\0]+$/;

function checkKey(key: string, at: string): void {
  if (SHAPE.test(key) && !ours.includes(key)) return;
  const [message, hint] = ours.includes(key)
    ? ['is not for a configuration to write', 'leave it to the runtime']
    : ['is no file of a cgroup', 'CONTROLLER.PARAMETER, such as memory.high, with no slash in it'];
  throw new RuntimeError('invalid-config', `unified resource ${JSON.stringify(key)} ${message}`, {
    at: `/linux/resources/${at}`,
    hint,
  });
}

/** An empty value resets some files; a write(2) of nothing would not reach them. */
const linesOf = (value: string): string[] => {
  const lines = value.split('\n').filter((line) => line !== '');
  return lines.length === 0 ? ['\n'] : lines;
};

/** config-linux.md#unified: what the runtime does not know is written as it is, a line a write. */
export const unifiedLimits = (unified: LinuxResources['unified'] = {}): Limit[] =>
  Object.entries(unified).flatMap(([key, value]) => {
    const at = `unified${pointer(key)}`;
    checkKey(key, at);
    return linesOf(value).map((line) => ({ at, file: key, value: line }));
  });
