import { RuntimeError } from '../../errors/error.js';
import type { Int64, LinuxMemory, LinuxResources, UInt64 } from '../../generated/spec-types.js';
import type { FileWrite } from '../driver.js';
import { type Controllers, idleRow, type LimitRow, limitWrites, pidsRow } from '../rows.js';
import { checkMemory, isSet, limitText, swapUnlimited } from '../values.js';

const amount = (value: Int64 | undefined): string | undefined => limitText(value, 'max');

/** The kernel's default of cpu.max, in microseconds. */
const DEFAULT_PERIOD = 100000;

/**
 * Shares of v1 (2 … 262144, usually 1024) as a weight of v2 (1 … 10000, usually 100): the curve
 * through those three points, quadratic in the logarithm.
 */
export function weightOf(shares: UInt64): number {
  if (shares <= 2) return 1;
  if (shares >= 262144) return 10000;
  const l = Math.log2(Number(shares));
  return Math.ceil(10 ** ((l * l + 125 * l) / 612 - 7 / 34));
}

/** The configuration counts memory and swap together, v2 counts swap alone. */
function swap(memory: LinuxMemory): string | undefined {
  if (swapUnlimited(memory)) return 'max';
  if (!isSet(memory.swap)) return undefined;
  return String(BigInt(memory.swap) - BigInt(memory.limit ?? 0));
}

function cpuMax({ cpu }: LinuxResources): string | undefined {
  if (!isSet(cpu?.quota) && !isSet(cpu?.period)) return undefined;
  const period = isSet(cpu.period) ? cpu.period : DEFAULT_PERIOD;
  return `${amount(cpu.quota) ?? 'max'} ${period}`;
}

/** Files of the v2 controllers, in the order that a new cgroup takes them. */
const rows: readonly LimitRow[] = [
  {
    at: 'memory/swap',
    file: 'memory.swap.max',
    value: ({ memory = {} }) => swap(memory),
    mayLack: ['max', '0'],
  },
  {
    at: 'memory/limit',
    file: 'memory.max',
    value: ({ memory }) => amount(memory?.limit),
    mayLack: ['max'],
  },
  {
    at: 'memory/reservation',
    file: 'memory.low',
    value: ({ memory }) => amount(memory?.reservation),
  },
  idleRow(false),
  {
    at: 'cpu/shares',
    file: 'cpu.weight',
    value: ({ cpu }) => (isSet(cpu?.shares) ? String(weightOf(cpu.shares)) : undefined),
  },
  { at: 'cpu/quota', file: 'cpu.max', value: cpuMax },
  {
    at: 'cpu/burst',
    file: 'cpu.max.burst',
    value: ({ cpu }) => cpu?.burst?.toString(),
    mayLack: ['0'],
  },
  idleRow(true),
  { at: 'cpu/cpus', file: 'cpuset.cpus', value: ({ cpu }) => cpu?.cpus || undefined },
  { at: 'cpu/mems', file: 'cpuset.mems', value: ({ cpu }) => cpu?.mems || undefined },
  pidsRow,
];

/** What cgroup v2 has no file for. */
const lacking: Readonly<Partial<Record<keyof LinuxMemory, (memory: LinuxMemory) => boolean>>> = {
  kernel: ({ kernel }) => kernel !== undefined && kernel > 0,
  kernelTCP: ({ kernelTCP }) => kernelTCP !== undefined && kernelTCP > 0,
  swappiness: ({ swappiness }) => swappiness !== undefined,
  disableOOMKiller: ({ disableOOMKiller }) => disableOOMKiller === true,
  useHierarchy: ({ useHierarchy }) => useHierarchy === false,
};

function refuseLacking(memory: LinuxMemory): void {
  for (const [field, asked] of Object.entries(lacking)) {
    if (!asked(memory)) continue;
    throw new RuntimeError('not-supported', `memory ${field} does not exist in cgroup v2`, {
      at: `/linux/resources/memory/${field}`,
      hint: 'leave the field out, or boot the machine with cgroup v1',
    });
  }
}

export function limitsV2(resources: LinuxResources, controllers: Controllers): FileWrite[] {
  if (resources.memory !== undefined) {
    checkMemory(resources.memory);
    refuseLacking(resources.memory);
  }
  return limitWrites(rows, resources, controllers);
}
