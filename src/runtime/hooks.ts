import { asRuntimeError } from '../errors/error.js';
import { renderError } from '../errors/render.js';
import { HookFiles, runHook } from '../host/hook.js';
import type { HookPlan } from '../plan/hooks.js';
import type { ContainerRecord } from '../state/record.js';
import { reopenStore } from '../state/store.js';
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

/** A container whose lock is no longer held: others may have deleted it, and used its id again. */
export interface LetGo {
  readonly record: ContainerRecord;
  /** Of its state directory: see `reopenStore`. */
  readonly identity: string;
}

function endIfThere(context: RuntimeContext, { record, identity }: LetGo): void {
  using store = reopenStore(context, context.root, record.id, identity);
  if (store !== null) endContainer(context, record);
}

/**
 * config.md#poststart: the process runs. It is killed when a hook fails, and stays to be deleted.
 * Without the lock, since a hook may ask for anything that is done with a container.
 */
export function runPoststart(context: RuntimeContext, container: LetGo): void {
  const { record } = container;
  const hooks = record.hooks?.poststart ?? [];
  if (hooks.length === 0) return;
  using undo = new Undo(context);
  undo.add(() => endIfThere(context, container));
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
