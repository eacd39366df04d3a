import { during, RuntimeError } from '../errors/error.js';
import { AT_FDCWD, O_APPEND, O_CREAT, O_WRONLY } from '../linux/constants.js';
import type { ProgramOutput } from '../linux/program.js';
import {
  type HookPlan,
  type HookStatus,
  type HookSubject,
  hookOutput,
  hookState,
} from '../plan/hooks.js';
import type { Fd } from './fd.js';
import type { Context } from './host.js';
import { openAt } from './io.js';
import { describeStatus, type ProgramEnd, runProgram } from './program.js';

/** What a hook is told, and where it runs. */
export interface HookCall {
  readonly subject: HookSubject;
  readonly status: HookStatus;
  /** As the hook sees it; null when there is no process any more. */
  readonly pid: number | null;
  readonly cwd: string;
  readonly output: ProgramOutput;
}

/** The files that take the output of hooks, if annotations name any; open while this object lives. */
export class HookFiles implements Disposable {
  readonly #files: Fd[] = [];
  readonly output: ProgramOutput;

  constructor(context: Context, subject: HookSubject) {
    const { stdoutFile, stderrFile } = hookOutput(subject);
    const open = (path: string | undefined) => path && this.#open(context, path);
    try {
      const [stdout, stderr] = [open(stdoutFile), open(stderrFile)];
      this.output = { ...(stdout && { stdout }), ...(stderr && { stderr }) };
    } catch (thrown) {
      this[Symbol.dispose]();
      throw thrown;
    }
  }

  #open(context: Context, path: string): number {
    const file = during('open a file for the output of hooks', () =>
      openAt(context, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND, { mode: 0o600 }),
    );
    this.#files.push(file);
    return file.number;
  }

  [Symbol.dispose](): void {
    for (const file of this.#files) file[Symbol.dispose]();
  }
}

function describe({ timedOut, status, stdout, stderr }: ProgramEnd, { timeoutMs }: HookPlan) {
  const end = timedOut
    ? `hook ran past specified timeout of ${((timeoutMs ?? 0) / 1000).toFixed(1)}s`
    : describeStatus(status);
  return `${end}, stdout: ${stdout}, stderr: ${stderr}`;
}

/** Runs one hook; throws unless it succeeds. Its output never becomes ours, but for an error. */
export function runHook(context: Context, hook: HookPlan, call: HookCall): void {
  const { at, path, args, timeoutMs } = hook;
  const { subject, status, pid, cwd, output } = call;
  const step = `error running ${hook.name}`;
  const env = hook.env ?? context.host.engine.environment;
  const input = hookState(subject, status, pid);
  const program = { path, args, env, cwd, input, timeoutMs, output };
  const end = during(step, () => runProgram(context, program), at);
  if (end.timedOut || end.status !== 0)
    throw new RuntimeError('hook-failed', `${step}: ${describe(end, hook)}`, { at });
}
