import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Box } from './box.js';
import type { CallOptions, Finished } from './call.js';
import { call } from './call.js';
import { faultCommand } from './engines.js';

const roles = ['parent', 'child', 'program'] as const;

export interface NativeCall {
  /** `program`: every program that is run, from its birth to its execve(2). */
  readonly role: (typeof roles)[number];
  /** The how manieth of its role. */
  readonly number: number;
  readonly name: string;
}

/** What a program's words become so that something else runs it. */
type Through = (words: readonly string[]) => readonly string[];

const directly: Through = (words) => words;

const faulty = (
  box: Box,
  args: readonly string[],
  options: CallOptions,
  through: Through,
): Promise<Finished> =>
  call(box.folder, through([...faultCommand(box.engine), '--root', box.root, ...args]), options);

/** Runs a command and answers which native calls it, and the init that it starts, have made. */
export async function recordCalls(
  box: Box,
  args: readonly string[],
  through = directly,
): Promise<{ finished: Finished; calls: () => NativeCall[] }> {
  const file = join(box.folder, 'calls');
  const fd = openSync(file, 'w');
  const options = { env: { RUNTS_FAULT_LOG: '3' }, extraFds: [fd] };
  const finished = await faulty(box, args, options, through);
  closeSync(fd);
  const calls = () =>
    readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      // exit_group(2) does not fail.
      .filter((line) => !line.endsWith(' exit'))
      // One program after another makes its first call.
      .filter((line, i, lines) => !line.startsWith('program ') || lines.indexOf(line) === i)
      .map((line): NativeCall => {
        const [role, number, name = ''] = line.split(' ');
        return { role: roles.find((each) => each === role)!, number: Number(number), name };
      });
  return { finished, calls };
}

/** Runs a command in which one native call answers with an error, or is preceded by signal -errno. */
export const withFault = (
  box: Box,
  { role, number }: NativeCall,
  errno: number,
  args: readonly string[],
  through = directly,
): Promise<Finished> =>
  faulty(box, args, { env: { RUNTS_FAULT: `${role} ${number} ${errno}` } }, through);
