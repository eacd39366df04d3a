import { asRuntimeError } from '../errors/error.js';
import { renderError } from '../errors/render.js';
import { HookFiles, runHook } from '../host/hook.js';
import type { HookPlan } from '../plan/hooks.js';
import type { ContainerRecord } from '../state/record.js';
import type { RuntimeContext } from './context.js';
import { endContainer } from './end.js';
import { Undo } from './undo.js';

/** config.md#prestart, #createRuntime-hooks: while init waits, before it leaves the host's tree. */
export function runCreateHooks(
  context: RuntimeContext,
  hooks: readonly HookPlan[],
  subject: ContainerRecord,
  pid: number,
): void {
  using files = new HookFiles(context, subject);
  const { output } = files;
  const call = { subject, status: 'creating', pid, cwd: subject.bundle, output } as const;
  for (const hook of hooks) runHook(context, hook, call);
}

/** config.md#poststart: the process runs. It is killed when a hook fails, and stays to be deleted. */
export function runPoststart(context: RuntimeContext, record: ContainerRecord): void {
  const hooks = record.hooks?.poststart ?? [];
  if (hooks.length === 0) return;
  using undo = new Undo(context);
  undo.add(() => endContainer(context, record));
  using files = new HookFiles(context, record);
  const { output } = files;
  const { pid, bundle: cwd } = record;
  const call = { subject: record, status: 'running', pid, cwd, output } as const;
  for (const hook of hooks) runHook(context, hook, call);
  undo.forget();
}

/** config.md#poststop: all is removed. A hook that fails keeps no other from running. */
export function runPoststop(context: RuntimeContext, record: ContainerRecord): void {
  for (const hook of record.hooks?.poststop ?? [])
    try {
      using files = new HookFiles(context, record);
      const { output } = files;
      const call = {
        subject: record,
        status: 'stopped',
        pid: null,
        cwd: record.bundle,
        output,
      } as const;
      runHook(context, hook, call);
    } catch (thrown) {
      context.log.warn(renderError(asRuntimeError(thrown)));
    }
}
