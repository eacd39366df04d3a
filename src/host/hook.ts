import { during, RuntimeError } from '../errors/error.js';
import {
  type HookPlan,
  type HookStatus,
  type HookSubject,
  hookOutput,
  hookState,
} from '../plan/hooks.js';
import type { Context } from './host.js';
import { describeStatus, type ProgramEnd, runProgram } from './program.js';

/** What a hook is told, and where it runs. */
export interface HookCall {
  readonly subject: HookSubject;
  readonly status: HookStatus;
  /** As the hook sees it; null when there is no process any more. */
  readonly pid: number | null;
  readonly cwd: string;
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
  const { subject, status, pid, cwd } = call;
  const step = `error running ${hook.name}`;
  const env = hook.env ?? context.host.engine.environment;
  const input = hookState(subject, status, pid);
  const program = { path, args, env, cwd, input, timeoutMs, ...hookOutput(subject) };
  const end = during(step, () => runProgram(context, program), at);
  if (end.timedOut || end.status !== 0)
    throw new RuntimeError('hook-failed', `${step}: ${describe(end, hook)}`, { at });
}
