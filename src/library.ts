/**
 * Containers from a Node program, with the same code as the command line.
 *
 * @example
 * const runtime = openRuntime({ root: '/run/my-program' });
 * runtime.create({ id: 'web', bundle: '/bundles/web' });
 * runtime.start('web');
 * const { exitCode } = await runtime.wait('web');
 * runtime.delete('web');
 */
import { resolve } from 'node:path';
import { type NodeEngine, nodeEngine } from './engine/node/engine.js';
import type { Fd } from './host/fd.js';
import { createHost } from './host/host.js';
import { openHostProc } from './host/proc.js';
import { exitCodeOf, openProcess } from './host/process.js';
import { type Logger, silent } from './log/logger.js';
import type { ContainerState, CreateOptions, RuntimeContext } from './runtime/context.js';
import { createContainer } from './runtime/create.js';
import { deleteContainer } from './runtime/delete.js';
import { killContainer } from './runtime/kill.js';
import { listContainers } from './runtime/list.js';
import { startContainer } from './runtime/start.js';
import { readState } from './runtime/state.js';
import { peek } from './state/peek.js';

export { type ErrorCode, type ErrorData, type FailedCall, RuntimeError } from './errors/error.js';
export { renderError } from './errors/render.js';
export type { Spec } from './generated/spec-types.js';
export type { ContainerState, CreateOptions, Logger };

export interface RuntimeOptions {
  /** Directory of the state; default /run/runts. */
  readonly root?: string;
  /** Directory where resctrl is; default /sys/fs/resctrl, or where else it is mounted. */
  readonly resctrl?: string;
  /** Who makes the cgroups; default cgroupfs. */
  readonly cgroupManager?: RuntimeContext['cgroupManager'];
  readonly log?: Logger;
}

export interface Ended {
  /**
   * 0…255, or 128 plus the number of the signal that ended it; null when another program created
   * the container, since only a parent learns it.
   */
  readonly exitCode: number | null;
}

/** Every method throws RuntimeError. All but `wait` are synchronous. */
export interface Runtime {
  /** runtime.md#create; answers init's pid. */
  create(options: CreateOptions): number;
  start(id: string): void;
  /** Until the container's process has ended. */
  wait(id: string): Promise<Ended>;
  kill(id: string, signal?: string | number, options?: { readonly all?: boolean }): void;
  delete(id: string, options?: { readonly force?: boolean }): void;
  state(id: string): ContainerState;
  list(): readonly ContainerState[];
}

async function waitForEnd(engine: NodeEngine, context: RuntimeContext, id: string): Promise<Ended> {
  const { pid, startTime } = peek(context, context.root, id);
  const status = await engine.waitForChild(pid);
  if (status !== null) return { exitCode: exitCodeOf(status) };
  using proc = openHostProc(context);
  using init: Fd | null = openProcess(context, proc, pid, startTime);
  if (init !== null) await engine.waitReadable(init.number);
  return { exitCode: null };
}

/** Relative paths are those of the program, as everywhere in Node. */
const absolute = (options: CreateOptions): CreateOptions => ({
  ...options,
  bundle: resolve(options.bundle),
  ...(options.pidFile !== undefined && { pidFile: resolve(options.pidFile) }),
});

export function openRuntime(options: RuntimeOptions = {}): Runtime {
  const engine = nodeEngine();
  const context: RuntimeContext = {
    host: createHost(engine),
    log: options.log ?? silent,
    root: resolve(options.root ?? '/run/runts'),
    rootGiven: options.root !== undefined,
    cgroupManager: options.cgroupManager ?? 'cgroupfs',
    rootless: 'auto',
    ...(options.resctrl !== undefined && { resctrl: resolve(options.resctrl) }),
  };
  return {
    create: (request) => createContainer(context, absolute(request)).pid,
    start: (id) => startContainer(context, id),
    wait: (id) => waitForEnd(engine, context, id),
    kill: (id, signal = 'SIGTERM', { all = false } = {}) =>
      killContainer(context, id, String(signal), { all }),
    delete: (id, { force = false } = {}) => deleteContainer(context, id, { force }),
    state: (id) => readState(context, id),
    list: () => listContainers(context),
  };
}
