import type { Box } from './box.js';
import type { Finished } from './call.js';
import type { Container } from './container.js';
import { type NativeCall, withFault } from './faults.js';

const EIO = 5;
const ENOMEM = 12;

/** For a test that fails each call in turn. */
export const sweepPatience = 180_000;

/** What is wrong with the way in which a command has failed. */
export function badReport({ status, signal, stdout, stderr }: Finished): string[] {
  return [
    ...(status === 1 ? [] : [`ended with ${status ?? signal}`]),
    ...(stdout === '' ? [] : [`printed ${stdout}`]),
    ...(/level=error msg=/.test(stderr) ? [] : [`said ${stderr || 'nothing'}`]),
    ...(/Error:|bug/.test(stderr) ? [`has a bug: ${stderr}`] : []),
  ];
}

export const stillThere = (box: Box): string[] =>
  box.leftovers().map((what) => `left behind: ${what}`);

/** A later `delete --force` has to take away all that a failed command has left. */
export async function forced(box: Box, { id }: Container): Promise<string[]> {
  const { status, stderr } = await box.runtime('delete', '--force', id);
  const failed = status === 0 && stderr === '' ? [] : [`delete --force: ${status} ${stderr}`];
  return [...failed, ...stillThere(box)];
}

interface Sweep {
  readonly box: Box;
  readonly args: readonly string[];
  readonly calls: readonly NativeCall[];
  readonly errors?: readonly number[];
  /** What runs the program; by itself it just runs. */
  readonly through?: (words: readonly string[]) => readonly string[];
  /** Before each run of the command. */
  readonly prepare: () => Promise<unknown>;
  /** What is wrong after it. */
  readonly look: (finished: Finished) => Promise<string[]>;
}

/** Fails each call in turn, with each error, and tells of everything that was wrong then. */
export async function sweep(task: Sweep): Promise<string[]> {
  const { box, args, calls, errors = [EIO, ENOMEM], prepare, look, through } = task;
  const complaints: string[] = [];
  for (const call of calls)
    for (const errno of errors) {
      await prepare();
      const finished = await withFault(box, call, errno, args, through);
      const found = await look(finished).catch((error: Error) => [error.message]);
      for (const complaint of found)
        complaints.push(`${call.role} ${call.number} ${call.name} ${errno}: ${complaint}`);
    }
  return complaints;
}
