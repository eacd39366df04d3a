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
  /** Values that a kernel without the file is as good as. */
  readonly mayLack?: readonly string[];
  readonly swaps?: true;
}

/** Answers the directory of a controller, or throws in the name of the field that needs it. */
export type DirectoryOf = (controller: string, at: string) => string;

export function limitWrites(
  rows: readonly LimitRow[],
  resources: LinuxResources,
  directoryOf: DirectoryOf,
): FileWrite[] {
  return rows.flatMap((row) => {
    const value = row.value(resources);
    if (value === undefined) return [];
    const at = `/linux/resources/${row.at}`;
    const directory = directoryOf(row.file.slice(0, row.file.indexOf('.')), at);
    return {
      file: `${directory}/${row.file}`,
      value,
      at,
      ...(row.mayLack?.includes(value) && { mayLack: true as const }),
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
  directoryOf: DirectoryOf,
): UsageCheck[] {
  if (!memory?.checkBeforeUpdate || !isSet(memory.limit) || memory.limit < 0) return [];
  const at = '/linux/resources/memory/limit';
  return [{ file: `${directoryOf('memory', at)}/${name}`, most: String(memory.limit), at }];
}
