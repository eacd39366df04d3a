import type { RuntimeError } from '../errors/error.js';
import type { LinuxResources } from '../generated/spec-types.js';
import type { FileWrite, UsageCheck } from './driver.js';
import { isSet } from './values.js';

/** One file of a controller and what is written to it. */
export interface Limit {
  /** Below /linux/resources. */
  readonly at: string;
  /** The part before the first dot is the controller. */
  readonly file: string;
  readonly value: string;
  readonly mayLack?: boolean;
  readonly swaps?: true;
  readonly instead?: { readonly file: string; readonly value: string };
  readonly disturbs?: string;
}

/** A file of a container's cgroup as it is now; nothing while that is still to be made. */
export type Present = (file: string) => string | undefined;

/** One file of a controller, and what the configuration makes of it; undefined: left alone. */
export interface LimitRow {
  readonly at: string;
  readonly file: string;
  readonly value: (resources: LinuxResources, present: Present) => string | undefined;
  /** Values that mean no limit: a kernel without the file is as good. */
  readonly mayLack?: readonly string[];
  readonly swaps?: true;
  readonly disturbs?: string;
}

/** Where the container's limits go. */
export interface Controllers {
  /** The container's directory where this controller works; undefined: nowhere. */
  readonly directory: (controller: string) => string | undefined;
  /** What to tell whoever asks for such a limit. */
  readonly lacking: (controller: string, at: string) => RuntimeError;
  readonly present: Present;
}

/** The directory of a controller; throws in the name of the field that needs it. */
export function directoryFor(controllers: Controllers, controller: string, at: string): string {
  const directory = controllers.directory(controller);
  if (directory === undefined) throw controllers.lacking(controller, at);
  return directory;
}

/** Of a file's name or of its path: the part of its name before the first dot. */
export function controllerOf(file: string): string {
  const name = file.slice(file.lastIndexOf('/') + 1);
  return name.slice(0, name.indexOf('.'));
}

/** What the rows make of the configuration. */
export const rowLimits = (
  rows: readonly LimitRow[],
  resources: LinuxResources,
  present: Present,
): Limit[] =>
  rows.flatMap(({ value: make, mayLack, ...row }) => {
    const value = make(resources, present);
    return value === undefined ? [] : { ...row, value, mayLack: mayLack?.includes(value) ?? false };
  });

export const limitWrites = (limits: readonly Limit[], controllers: Controllers): FileWrite[] =>
  limits.flatMap((limit) => limitWrite(limit, controllers) ?? []);

function limitWrite(limit: Limit, controllers: Controllers): FileWrite | null {
  const { value, mayLack, swaps, instead, disturbs } = limit;
  const controller = controllerOf(limit.file);
  if (mayLack && controllers.directory(controller) === undefined) return null;
  const at = `/linux/resources/${limit.at}`;
  const directory = directoryFor(controllers, controller, at);
  return {
    file: `${directory}/${limit.file}`,
    value,
    at,
    ...(mayLack && { mayLack }),
    ...(swaps && { swaps }),
    ...(instead && { instead: { ...instead, file: `${directory}/${instead.file}` } }),
    ...(disturbs && { disturbs: `${directory}/${disturbs}` }),
  };
}

/** pids.max: zero is a real limit, anything below is none (config-linux.md#pids). */
export const pidsRow: LimitRow = {
  at: 'pids/limit',
  file: 'pids.max',
  value: ({ pids }) => {
    if (pids?.limit === undefined) return undefined;
    return pids.limit < 0 ? 'max' : String(pids.limit);
  },
  mayLack: ['max'],
};

/**
 * The kernel takes no shares while a cgroup is idle: leaving that state comes first, entering last.
 * Entering it changes the shares.
 */
export const idleRow = (entering: boolean, shares: string): LimitRow => ({
  at: 'cpu/idle',
  file: 'cpu.idle',
  value: ({ cpu }) => {
    if (cpu?.idle === undefined) return undefined;
    return (Number(cpu.idle) !== 0) === entering ? String(cpu.idle) : undefined;
  },
  mayLack: ['0'],
  ...(entering && { disturbs: shares }),
});

/** What memory is in use: alone, and together with swap. */
export interface UsageFiles {
  readonly memory: readonly string[];
  readonly swap: readonly string[];
}

/** checkBeforeUpdate: a limit below the present use is refused (config-linux.md#memory). */
export function usageChecks(
  { memory }: LinuxResources,
  usage: UsageFiles,
  controllers: Controllers,
): UsageCheck[] {
  if (!memory?.checkBeforeUpdate) return [];
  const { limit, swap } = memory;
  const asked = [
    { what: 'memory limit', most: limit, files: usage.memory, field: 'limit' },
    { what: 'memory+swap limit', most: swap, files: usage.swap, field: 'swap' },
  ];
  return asked.flatMap(({ what, most, files, field }) => {
    if (!isSet(most) || most < 0) return [];
    const at = `/linux/resources/memory/${field}`;
    const directory = directoryFor(controllers, 'memory', at);
    return { what, files: files.map((name) => `${directory}/${name}`), most: String(most), at };
  });
}
