import { type BatchStep, call, tolerated } from './batch.js';
import { CLOSE_RANGE_CLOEXEC, PR_SET_PDEATHSIG, SIGKILL } from './constants.js';

/** A program to be run to its end, as execve(2) takes it. */
export interface Program {
  readonly path: string;
  /** With argv[0]. */
  readonly args: readonly string[];
  readonly env: readonly string[];
  /** The caller's own when left out. */
  readonly cwd?: string;
}

/** Descriptors that take the place of the pipes whose ends the caller would read. */
export interface ProgramOutput {
  readonly stdout?: number | undefined;
  readonly stderr?: number | undefined;
}

/** close_range(2): there is no descriptor behind it. */
const LAST_FD = 0xffffffff;

/**
 * What the child does between clone(2) and the program; its three standard streams are pipes.
 * `prefix` begins what a failure is called, `last` comes right before the program.
 */
export function programSteps(
  { path, args, env, cwd }: Program,
  { stdout, stderr }: ProgramOutput = {},
  { prefix = '', last = [] }: { prefix?: string; last?: readonly BatchStep[] } = {},
): BatchStep[] {
  const run = `${prefix}run ${JSON.stringify(path)}`;
  return [
    tolerated(call('die with the parent', 'prctl', PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0)),
    ...(stdout === undefined ? [] : [call(`${prefix}redirect output`, 'dup3', stdout, 1, 0)]),
    ...(stderr === undefined ? [] : [call(`${prefix}redirect error output`, 'dup3', stderr, 2, 0)]),
    ...(cwd === undefined ? [] : [call(`${run} in ${cwd}`, 'chdir', cwd)]),
    call(`${prefix}keep descriptors back`, 'closeRange', 3, LAST_FD, CLOSE_RANGE_CLOEXEC),
    ...last,
    call(run, 'execve', path, args, env),
  ];
}

/** struct rn_report of native/natives.h: three lengths, then three texts. */
const ROOM = 8192;
const TEXTS = 20;
export const REPORT_SIZE = TEXTS + 3 * ROOM;

export interface ProgramReport {
  /** As wait(2) has it. */
  readonly status: number;
  readonly timedOut: boolean;
  /** The last of what it wrote: 4 KiB at least. */
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  /** What the batch said when it did not come to its end; else empty. */
  readonly failure: Uint8Array;
}

export function readReport(bytes: Uint8Array): ProgramReport {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const text = (i: number) => {
    const at = TEXTS + i * ROOM;
    return bytes.subarray(at, at + view.getUint32(8 + 4 * i, true));
  };
  return {
    status: view.getInt32(0, true),
    timedOut: view.getUint32(4, true) !== 0,
    stdout: text(0),
    stderr: text(1),
    failure: text(2),
  };
}
