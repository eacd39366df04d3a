import type { RuntimeError } from '../errors/error.js';
import type { LinuxResources } from '../generated/spec-types.js';
import type { FileWrite, UsageCheck } from './driver.js';
import { isSet } from './values.js';

/** One file of a controller, and what the configuration makes of it; undefined: left alone. */
export interface LimitRow {
  /** Below /linux/resources. */
  readonly at: string;
  /** The part before the first dot is the controller. */
  readonly file: string;
  readonly value: (resources: LinuxResources) => string | undefined;
  /** Values that mean no limit: a kernel without the file is as good. */
  readonly mayLack?: readonly string[];
  readonly swaps?: true;
}

/** Where the container's limits go. */
export interface Controllers {
  /** The container's directory where this controller works; undefined: nowhere. */
  readonly directory: (controller: string) => string | undefined;
  /** What to tell whoever asks for such a limit. */
  readonly lacking: (controller: string, at: string) => RuntimeError;
}

/** The directory of a controller; throws in the name of the field that needs it. */
export function directoryFor(controllers: Controllers, controller: string, at: string): string {
  const directory = controllers.directory(controller);
  if (directory === undefined) throw controllers.lacking(controller, at);
  return directory;
}

export function limitWrites(
  rows: readonly LimitRow[],
  resources: LinuxResources,
  controllers: Controllers,
): FileWrite[] {
  return rows.flatMap((row) => {
    const value = row.value(resources);
    if (value === undefined) return [];
    const controller = row.file.slice(0, row.file.indexOf('.'));
    const mayLack = row.mayLack?.includes(value);
    if (mayLack && controllers.directory(controller) === undefined) return [];
    const at = `/linux/resources/${row.at}`;
    return {
      file: `${directoryFor(controllers, controller, at)}/${row.file}`,
      value,
      at,
      ...(mayLack && { mayLack }),
      ...(row.swaps && { swaps: row.swaps }),
    };
  });
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

/** The kernel takes no shares while a cgroup is idle: leaving that state comes first, entering last. */
export const idleRow = (entering: boolean): LimitRow => ({
  at: 'cpu/idle',
  file: 'cpu.idle',
  value: ({ cpu }) => {
    if (cpu?.idle === undefined) return undefined;
    return (Number(cpu.idle) !== 0) === entering ? String(cpu.idle) : undefined;
  },
  mayLack: ['0'],
});

/** checkBeforeUpdate: a limit below the present use is refused (config-linux.md#memory). */
export function usageChecks(
  { memory }: LinuxResources,
  name: string,
  controllers: Controllers,
): UsageCheck[] {
  if (!memory?.checkBeforeUpdate || !isSet(memory.limit) || memory.limit < 0) return [];
  const at = '/linux/resources/memory/limit';
  return [
    { file: `${directoryFor(controllers, 'memory', at)}/${name}`, most: String(memory.limit), at },
  ];
}
