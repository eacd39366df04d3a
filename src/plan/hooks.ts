import type { Hooks, Spec } from '../generated/spec-types.js';
import { annotation } from '../spec/annotations.js';
import { planNetDevices } from './net-devices.js';
import { cleanPath } from './path.js';

/** One program of config.md#posix-platform-hooks. */
export interface HookPlan {
  /** `createRuntime hook #1`. */
  readonly name: string;
  /** JSON pointer. */
  readonly at: string;
  readonly path: string;
  readonly args: readonly string[];
  /** Null: that of whoever runs it. An empty list is an empty environment. */
  readonly env: readonly string[] | null;
  readonly timeoutMs: number | null;
}

/** crun's annotations: files that the output of hooks is appended to. */
export interface HookOutput {
  readonly stdoutFile?: string;
  readonly stderrFile?: string;
}

/** runtime.md#state, as far as it never changes. */
export interface HookSubject {
  readonly ociVersion: string;
  readonly id: string;
  readonly bundle: string;
  readonly annotations: Readonly<Record<string, string>>;
}

/** What init has to do with hooks. */
export interface InitHooksPlan {
  /** True when the parent has something to do before the root file system is switched. */
  readonly ask: boolean;
  readonly createContainer: readonly HookPlan[];
  readonly startContainer: readonly HookPlan[];
  readonly subject: HookSubject;
}

/** What commands that come later run, in the runtime's namespaces; kept in state.json. */
export interface LaterHooks {
  readonly poststart: readonly HookPlan[];
  readonly poststop: readonly HookPlan[];
}

function planKind({ hooks }: Spec, kind: keyof Hooks): HookPlan[] {
  return (hooks?.[kind] ?? []).map(({ path, args = [], env, timeout }, i) => ({
    name: `${kind} hook #${i}`,
    at: `/hooks/${kind}/${i}`,
    path,
    args: args.length > 0 ? args : [path],
    env: env ?? null,
    timeoutMs: timeout === undefined ? null : timeout * 1000,
  }));
}

export function hookOutput({ annotations, bundle }: HookSubject): HookOutput {
  const file = (name: string) => {
    const path = annotations[name];
    return path && (path.startsWith('/') ? path : cleanPath(`${bundle}/${path}`));
  };
  const [stdoutFile, stderrFile] = [file(annotation.hooksStdout), file(annotation.hooksStderr)];
  return { ...(stdoutFile && { stdoutFile }), ...(stderrFile && { stderrFile }) };
}

const none: readonly HookPlan[] = [];

/** prestart and createRuntime: what the parent runs while init waits. */
export const planRuntimeHooks = (spec: Spec): readonly HookPlan[] =>
  spec.hooks === undefined
    ? none
    : [...planKind(spec, 'prestart'), ...planKind(spec, 'createRuntime')];

export function planLaterHooks(spec: Spec): LaterHooks | null {
  if (spec.hooks === undefined) return null;
  const [poststart, poststop] = [planKind(spec, 'poststart'), planKind(spec, 'poststop')];
  if (poststart.length + poststop.length === 0) return null;
  return { poststart, poststop };
}

/**
 * Whether init waits for its parent before the root file system is switched: for hooks, and for
 * network devices, whose sysctls come later.
 */
export const asksParent = (spec: Spec): boolean =>
  planRuntimeHooks(spec).length > 0 || planNetDevices(spec).length > 0;

export function planInitHooks(
  spec: Spec,
  { id, bundle }: { readonly id: string; readonly bundle: string },
): InitHooksPlan | null {
  const ask = asksParent(spec);
  if (spec.hooks === undefined && !ask) return null;
  const createContainer = planKind(spec, 'createContainer');
  const startContainer = planKind(spec, 'startContainer');
  if (!ask && createContainer.length + startContainer.length === 0) return null;
  const { ociVersion, annotations = {} } = spec;
  const subject = { ociVersion, id, bundle, annotations };
  return { ask, createContainer, startContainer, subject };
}

export type HookStatus = 'creating' | 'created' | 'running' | 'stopped';

/** What a hook reads: compact, without a newline. Of a container that is gone there is no pid. */
export function hookState(subject: HookSubject, status: HookStatus, pid: number | null): string {
  const { ociVersion, id, bundle, annotations } = subject;
  return JSON.stringify({
    ociVersion,
    id,
    status,
    ...(pid !== null && { pid }),
    bundle,
    ...(Object.keys(annotations).length > 0 && { annotations }),
  });
}
