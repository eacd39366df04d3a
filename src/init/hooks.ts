import { ask } from '../channel/channel.js';
import { runHook } from '../host/hook.js';
import { type BatchStep, encodeBatch } from '../linux/batch.js';
import { programSteps } from '../linux/program.js';
import { type HookPlan, hookState } from '../plan/hooks.js';
import type { InitContext } from './context.js';

/** The usual one: hooks belong to the host, whose files are not for everybody to write. */
const UMASK = 0o022;

/**
 * config.md#prestart, #createRuntime-hooks, #createContainer-hooks: the mounts are made, the host's
 * tree is still there. The parent runs its hooks while we wait; ours run in the container's
 * namespaces, in the root file system, as runc's do.
 */
export function runCreateHooks(context: InitContext): void {
  const { hooks, root } = context.plan;
  if (hooks === null) return;
  if (hooks.ask) ask(context, context.channel, { type: 'hooks' });
  if (hooks.createContainer.length === 0) return;
  const { sys } = context.host;
  const { subject } = hooks;
  const output = context.hookOutput;
  const call = { subject, status: 'creating', pid: sys.getpid(), cwd: root.path, output } as const;
  const umask = sys.umask(UMASK);
  for (const hook of hooks.createContainer) runHook(context, hook, call);
  sys.umask(umask);
}

/** What has to stay open until the container starts: a file or two of the host's. */
export function startHookFds({ plan, hookOutput }: InitContext): number[] {
  if (plan.hooks === null || plan.hooks.startContainer.length === 0) return [];
  return [hookOutput.stdout, hookOutput.stderr].filter((fd) => fd !== undefined);
}

/** config.md#startContainer-hooks: run in the container by a batch, just before its process. */
export function startHookSteps(
  context: InitContext,
  env: readonly string[],
  last: readonly BatchStep[],
): BatchStep[] {
  const { hooks } = context.plan;
  if (hooks === null || hooks.startContainer.length === 0) return [];
  const { encode } = context.host.engine;
  const input = encode(hookState(hooks.subject, 'created', context.host.sys.getpid()));
  const program = (hook: HookPlan, label: string) => {
    const run = { ...hook, env: hook.env ?? env };
    return encodeBatch(
      programSteps(run, context.hookOutput, { prefix: `${label}: `, last }),
      encode,
    );
  };
  return hooks.startContainer.map((hook): BatchStep => {
    const label = `error running ${hook.name}`;
    const timeout = hook.timeoutMs ?? -1;
    return { do: 'run', label, program: program(hook, label), input, timeout };
  });
}
