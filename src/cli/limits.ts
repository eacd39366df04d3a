/** Options of `update` as the part of a configuration that they stand for. */
import { parseInteger, parseSize } from './amounts.js';
import type { Values } from './command.js';
import { valueKey } from './parse.js';

type Reader = (option: string, text: string) => unknown;

const word: Reader = (_, text) => text;

interface LimitOption {
  readonly name: string;
  readonly at: readonly [group: string, field: string];
  readonly read: Reader;
}

const limitOptions: readonly LimitOption[] = [
  { name: 'blkio-weight', at: ['blockIO', 'weight'], read: parseInteger },
  { name: 'cpu-period', at: ['cpu', 'period'], read: parseInteger },
  { name: 'cpu-quota', at: ['cpu', 'quota'], read: parseInteger },
  { name: 'cpu-burst', at: ['cpu', 'burst'], read: parseInteger },
  { name: 'cpu-share', at: ['cpu', 'shares'], read: parseInteger },
  { name: 'cpu-rt-period', at: ['cpu', 'realtimePeriod'], read: parseInteger },
  { name: 'cpu-rt-runtime', at: ['cpu', 'realtimeRuntime'], read: parseInteger },
  { name: 'cpu-idle', at: ['cpu', 'idle'], read: parseInteger },
  { name: 'cpuset-cpus', at: ['cpu', 'cpus'], read: word },
  { name: 'cpuset-mems', at: ['cpu', 'mems'], read: word },
  { name: 'memory', at: ['memory', 'limit'], read: parseSize },
  { name: 'memory-reservation', at: ['memory', 'reservation'], read: parseSize },
  { name: 'memory-swap', at: ['memory', 'swap'], read: parseSize },
  { name: 'pids-limit', at: ['pids', 'limit'], read: parseInteger },
];

/** What is left out is not asked for. */
export function limitsOf(values: Values): Readonly<Record<string, object>> {
  const resources: Record<string, Record<string, unknown>> = {};
  for (const { name, at, read } of limitOptions) {
    const value = values[valueKey(name)];
    if (typeof value !== 'string') continue;
    const [group, field] = at;
    resources[group] = { ...resources[group], [field]: read(name, value) };
  }
  return resources;
}
