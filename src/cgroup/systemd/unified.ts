import { quotaProperties, setProperty } from './cpu.js';
import { infinity, number, type Property } from './property.js';

/** The value of a file of cgroup v2; undefined for what only the kernel judges. */
const amount = (value: string): bigint | undefined => {
  if (value === 'max') return infinity();
  return /^\d+$/.test(value) ? BigInt(value) : undefined;
};

type Convert = (value: string, version: number) => Property[];

const as =
  (name: string): Convert =>
  (value) => {
    const found = amount(value.trim());
    return found === undefined ? [] : [number(name, found)];
  };

const cpuMax: Convert = (value, version) => {
  const [quota, period] = value.trim().split(/\s+/).map(amount);
  if (quota === undefined) return [];
  return quotaProperties(quota === infinity() ? 0n : quota, period || null, version);
};

/** What systemd has a property for; it leaves all other files as they are. */
const rows: Readonly<Record<string, Convert>> = {
  'cpu.max': cpuMax,
  'cpu.weight': as('CPUWeight'),
  'cpuset.cpus': (value, version) => setProperty('AllowedCPUs', value, version),
  'cpuset.mems': (value, version) => setProperty('AllowedMemoryNodes', value, version),
  'memory.high': as('MemoryHigh'),
  'memory.low': as('MemoryLow'),
  'memory.max': as('MemoryMax'),
  'memory.min': as('MemoryMin'),
  'memory.swap.max': as('MemorySwapMax'),
  'pids.max': as('TasksMax'),
};

/** config-linux.md#unified */
export const unifiedProperties = (
  unified: Readonly<Record<string, string>> = {},
  version: number,
): Property[] =>
  Object.entries(unified).flatMap(([file, value]) =>
    Object.hasOwn(rows, file) ? rows[file]!(value, version) : [],
  );
