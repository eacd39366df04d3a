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

/** What a child may keep of what it has; it cannot be left with nothing. */
function keptBy(present: readonly number[], wanted: readonly number[]): readonly number[] {
  const kept = present.filter((number) => wanted.includes(number));
  return kept.length > 0 || present.length === 0 ? kept : wanted;
}

/** Has what it had and what it is about to get for as long as those below it need both. */
function moveAll(
  context: Context,
  { file, at }: Pick<FileWrite, 'file' | 'at'>,
  wanted: readonly number[],
  journal: Journal,
): void {
  const present = numbersOf(readRecord(context, file));
  const write = (numbers: readonly number[]) =>
    writeLimit(context, { file, value: numbers.join(','), at }, journal);
  const both = [...new Set([...present, ...wanted])];
  if (both.length > present.length) write(both);
  for (const child of children(context, parentOf(file))) {
    const below = `${parentOf(file)}/${child}/${nameOf(file)}`;
    const held = numbersOf(readRecord(context, below));
    const target = keptBy(held, wanted);
    if (held.some((number) => !target.includes(number)))
      moveAll(context, { file: below, at }, target, journal);
  }
  write(wanted);
}

/** cpuset(7): in v1 a cgroup has all that its children have, EBUSY; then they move first. */
export function moveCpuset(context: Context, write: FileWrite, journal: Journal): void {
  try {
    writeLimit(context, write, journal);
  } catch (thrown) {
    if (asRuntimeError(thrown).call?.errno !== errno.EBUSY) throw thrown;
    moveAll(context, write, numbersOf(write.value), journal);
  }
}
