import { RuntimeError } from '../errors/error.js';
import { callOfRow, encodeBatch } from '../linux/batch.js';
import { errno } from '../linux/errno.js';
import {
  type Program,
  type ProgramOutput,
  programSteps,
  REPORT_SIZE,
  readReport,
} from '../linux/program.js';
import { signalName } from '../linux/signals.js';
import type { Context } from './host.js';

export interface ProgramRun extends Program {
  readonly input: string;
  /** Null: as long as it likes. Afterwards everything in its process group is killed. */
  readonly timeoutMs: number | null;
  /** Where its output goes, instead of being answered. */
  readonly output?: ProgramOutput;
}

export interface ProgramEnd {
  /** As wait(2) has it. */
  readonly status: number;
  readonly timedOut: boolean;
  /** The last of what it wrote: 4 KiB at least. */
  readonly stdout: string;
  readonly stderr: string;
}

/** What a C int holds: 24 days. */
const LONGEST_MS = 0x7fffffff;

/** The batch of the child has not come to its end: it was ours until then, so what it says holds. */
function neverRan(text: string): RuntimeError {
  const {
    step,
    row,
    errno: error,
  } = JSON.parse(text) as {
    readonly step: string;
    readonly row: number;
    readonly errno: number;
  };
  const call = { name: callOfRow(row) ?? 'batch', args: [], errno: error };
  const missing = call.name === 'execve' && error === errno.ENOENT;
  const hint = 'the program, or the interpreter or ELF loader that it names, is missing';
  return new RuntimeError('syscall', '', { steps: [step], call, ...(missing && { hint }) });
}

/** Runs a program of the host to its end, in either engine. How it ends is the caller's matter. */
export function runProgram(context: Context, run: ProgramRun): ProgramEnd {
  const { encode, decode } = context.host.engine;
  const steps = programSteps(run, run.output);
  const [program, input] = [encodeBatch(steps, encode), encode(run.input)];
  const report = new Uint8Array(REPORT_SIZE);
  const timeout = run.timeoutMs === null ? -1 : Math.min(run.timeoutMs, LONGEST_MS);
  const { sys } = context.host;
  sys.runProgram(program, program.length, input, input.length, report, timeout);
  const end = readReport(report);
  if (end.failure.length > 0) throw neverRan(decode(end.failure));
  const { status, timedOut } = end;
  return { status, timedOut, stdout: decode(end.stdout), stderr: decode(end.stderr) };
}

/** `exit status 1`, `killed by SIGTERM`. */
export function describeStatus(status: number): string {
  const signal = status & 0x7f;
  return signal === 0 ? `exit status ${(status >> 8) & 0xff}` : `killed by ${signalName(signal)}`;
}
