import type { Fd } from '../host/fd.js';
import { attempt, type Context } from '../host/host.js';
import { openIfThere, readAll } from '../host/io.js';
import { O_RDONLY } from '../linux/constants.js';
import { errno } from '../linux/errno.js';

/** Columns of /proc/PID/net/dev, after the name, and what readers call them. */
const columns = [
  ['RxBytes', 0],
  ['RxPackets', 1],
  ['RxErrors', 2],
  ['RxDropped', 3],
  ['TxBytes', 8],
  ['TxPackets', 9],
  ['TxErrors', 10],
  ['TxDropped', 11],
] as const;

/** proc_pid_net(5): two lines of head, then a line for each interface. */
export function parseInterfaces(text: string) {
  const lines = text
    .split('\n')
    .slice(2)
    .map((line) => line.split(':'));
  return lines.flatMap(([name = '', counts]) => {
    if (counts === undefined || name.trim() === 'lo') return [];
    const numbers = counts.trim().split(/\s+/);
    const values = columns.map(([key, at]) => [key, BigInt(numbers[at] ?? 0)] as const);
    return [{ Name: name.trim(), ...Object.fromEntries(values) }];
  });
}

/** Null when the process is just ending. */
function namespaceOf(context: Context, proc: Fd, process: string): string | null {
  const link = new Uint8Array(64);
  const gone = [errno.ENOENT, errno.ESRCH];
  const path = `${process}/ns/net`;
  const length = attempt(context, gone, 'readlinkat', proc.number, path, link, link.length);
  return length < 0 ? null : context.host.engine.decode(link.subarray(0, length));
}

/** Of a network that is the container's own; null when it has no interface but the loopback. */
export function networkStats(context: Context, proc: Fd, pid: number) {
  const own = namespaceOf(context, proc, String(pid));
  if (own === null || own === namespaceOf(context, proc, 'self')) return null;
  using file = openIfThere(context, proc.number, `${pid}/net/dev`, O_RDONLY);
  if (file === null) return null;
  const text = context.host.engine.decode(readAll(context, file.number));
  const interfaces = parseInterfaces(text);
  return interfaces.length === 0 ? null : interfaces;
}
