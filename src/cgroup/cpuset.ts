import { asRuntimeError } from '../errors/error.js';
import type { Context } from '../host/host.js';
import { CPUS, parseList } from '../linux/cpu-list.js';
import { errno } from '../linux/errno.js';
import type { FileWrite } from './driver.js';
import { parentOf, readRecord } from './files.js';
import type { Journal } from './journal.js';
import { children } from './processes.js';
import { writeLimit } from './write.js';

/** There are fewer memory nodes than CPUs. */
const numbersOf = (text: string | null): readonly number[] => parseList(text ?? '', CPUS) ?? [];

const nameOf = (file: string): string => file.slice(parentOf(file).length + 1);

/** Takes away from everything below a cgroup what is not wanted there, from the bottom up. */
function narrowBelow(context: Context, { file, value, at }: FileWrite, journal: Journal): void {
  const wanted = numbersOf(value);
  for (const child of children(context, parentOf(file))) {
    const below = `${parentOf(file)}/${child}/${nameOf(file)}`;
    const present = numbersOf(readRecord(context, below));
    const kept = present.filter((number) => wanted.includes(number));
    if (kept.length === present.length) continue;
    const write = { file: below, value: (kept.length > 0 ? kept : wanted).join(','), at };
    narrowBelow(context, write, journal);
    writeLimit(context, write, journal);
  }
}

/**
 * cpuset(7): in v1 a cgroup has all that its children have, EBUSY. They shrink first; and since they
 * may need what the cgroup is only about to get, it has both for a moment.
 */
export function moveCpuset(context: Context, write: FileWrite, journal: Journal): void {
  try {
    writeLimit(context, write, journal);
  } catch (thrown) {
    if (asRuntimeError(thrown).call?.errno !== errno.EBUSY) throw thrown;
    const present = readRecord(context, write.file)?.trim() ?? '';
    writeLimit(context, { ...write, value: `${present},${write.value}` }, journal);
    narrowBelow(context, write, journal);
    writeLimit(context, write, journal);
  }
}
