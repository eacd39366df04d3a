import { during, RuntimeError } from '../errors/error.js';
import type { ContainerHead, ContainerRecord } from './record.js';

/** Two lines, a JSON document each: the head, and what else there is. */
export function encodeRecord(record: ContainerRecord): string {
  const { version, phase, ociVersion, pid, startTime, ...described } = record;
  const { bundle, rootfs, created, annotations, freezer, ...rest } = described;
  const status = { version, phase, ociVersion, pid, startTime };
  const head: ContainerHead = { ...status, bundle, rootfs, created, annotations, freezer };
  return `${JSON.stringify(head)}\n${JSON.stringify(rest)}\n`;
}

/** Of the first line of state.json. */
export function decodeHead(line: string, id: string): ContainerHead {
  const head = parse<ContainerHead>(line, id);
  if (head.version === 1) return head;
  throw new RuntimeError('host', `state of container ${id} has format ${head.version}, not 1`, {
    hint: 'a newer release made it; manage it with that one',
  });
}

/** Of all of state.json. The second line is looked at only when the first is of this format. */
export function decodeRecord(text: string, id: string): ContainerRecord {
  const [first = '', second = ''] = text.split('\n', 2);
  const head = decodeHead(first, id);
  return { ...head, ...parse<Omit<ContainerRecord, keyof ContainerHead>>(second, id) };
}

function parse<T>(line: string, id: string): T {
  try {
    return JSON.parse(line) as T;
  } catch {
    const hint = 'end its processes, then remove its cgroups and its directory by hand';
    return during(`read the state of container ${id}`, () => {
      throw new RuntimeError('host', 'state.json is damaged', { hint });
    });
  }
}
