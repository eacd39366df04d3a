import { RuntimeError } from '../../errors/error.js';
import type { Int64, LinuxResources, UInt64 } from '../../generated/spec-types.js';
import type { FileWrite } from '../driver.js';
import { hugetlbLimits } from '../hugetlb.js';
import { rdmaLimits } from '../rdma.js';
import {
  type Controllers,
  idleRow,
  type Limit,
  type LimitRow,
  limitWrites,
  type Present,
  pidsRow,
  rowLimits,
} from '../rows.js';
import { checkMemory, effectiveLimit, isSet, limitText, swapUnlimited } from '../values.js';
import { blockIoV2 } from './block-io.js';
import { unifiedLimits } from './unified.js';

const amount = (value: Int64 | undefined): string | undefined => limitText(value, 'max');

/** The kernel's default of cpu.max, in microseconds. */
const DEFAULT_PERIOD = '100000';

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
function swap({ memory = {} }: LinuxResources, present: Present): string | undefined {
  if (swapUnlimited(memory)) return 'max';
  if (!isSet(memory.swap)) return undefined;
  return String(BigInt(memory.swap) - BigInt(effectiveLimit(memory, present('memory.max'))));
}

/** Quota and period are one file: what is not asked for stays. */
function cpuMax({ cpu }: LinuxResources, present: Present): string | undefined {
  if (!isSet(cpu?.quota) && !isSet(cpu?.period)) return undefined;
  const [quota = 'max', period = DEFAULT_PERIOD] = present('cpu.max')?.trim().split(' ') ?? [];
  return `${amount(cpu.quota) ?? quota} ${isSet(cpu.period) ? cpu.period : period}`;
}

/** Files of the v2 controllers, in the order that a new cgroup takes them. */
const rows: readonly LimitRow[] = [
  {
    at: 'memory/swap',
    file: 'memory.swap.max',
    value: swap,
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
  idleRow(false, 'cpu.weight'),
  {
    at: 'cpu/shares',
    file: 'cpu.weight',
    value: ({ cpu }) => (isSet(cpu?.shares) ? String(weightOf(cpu.shares)) : undefined),
  },
  { at: 'cpu/quota', file: 'cpu.max', value: cpuMax, swaps: true },
  {
    at: 'cpu/burst',
    file: 'cpu.max.burst',
    value: ({ cpu }) => cpu?.burst?.toString(),
    mayLack: ['0'],
    swaps: true,
  },
  idleRow(true, 'cpu.weight'),
  { at: 'cpu/cpus', file: 'cpuset.cpus', value: ({ cpu }) => cpu?.cpus || undefined },
  { at: 'cpu/mems', file: 'cpuset.mems', value: ({ cpu }) => cpu?.mems || undefined },
  pidsRow,
];

interface Lacking {
  readonly at: string;
  readonly asked: (resources: LinuxResources) => boolean;
}

/** What cgroup v2 has no file for. */
const lacking: readonly Lacking[] = [
  { at: 'memory/swappiness', asked: ({ memory }) => memory?.swappiness !== undefined },
  { at: 'memory/disableOOMKiller', asked: ({ memory }) => memory?.disableOOMKiller === true },
  { at: 'memory/useHierarchy', asked: ({ memory }) => memory?.useHierarchy === false },
  { at: 'cpu/realtimeRuntime', asked: ({ cpu }) => isSet(cpu?.realtimeRuntime) },
  { at: 'cpu/realtimePeriod', asked: ({ cpu }) => isSet(cpu?.realtimePeriod) },
  { at: 'blockIO/leafWeight', asked: ({ blockIO }) => isSet(blockIO?.leafWeight) },
  {
    at: 'blockIO/weightDevice',
    asked: ({ blockIO }) => blockIO?.weightDevice?.some((each) => isSet(each.leafWeight)) ?? false,
  },
  { at: 'network/classID', asked: ({ network }) => isSet(network?.classID) },
  {
    at: 'network/priorities',
    asked: ({ network }) => (network?.priorities?.length ?? 0) > 0,
  },
];

function refuseLacking(resources: LinuxResources): void {
  for (const { at, asked } of lacking) {
    if (!asked(resources)) continue;
    throw new RuntimeError('not-supported', `${at.replace('/', ' ')} does not exist in cgroup v2`, {
      at: `/linux/resources/${at}`,
      hint: 'leave the field out, or boot the machine with cgroup v1',
    });
  }
}

/** Fields of several entries; what was written in the words of v2 comes last, so that it holds. */
const lists = (resources: LinuxResources): Limit[] => [
  ...blockIoV2(resources.blockIO),
  ...hugetlbLimits(resources.hugepageLimits, 'max'),
  ...rdmaLimits(resources.rdma),
  ...unifiedLimits(resources.unified),
];

export function limitsV2(resources: LinuxResources, controllers: Controllers): FileWrite[] {
  const { present } = controllers;
  refuseLacking(resources);
  if (resources.memory) checkMemory(resources.memory, present('memory.max'));
  const limits = [...rowLimits(rows, resources, present), ...lists(resources)];
  return limitWrites(limits, controllers);
}
