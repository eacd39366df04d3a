import { RuntimeError } from '../../errors/error.js';
import type { Int64, LinuxCpu, LinuxResources, UInt64 } from '../../generated/spec-types.js';
import { pointer } from '../../spec/complaint.js';
import type { CgroupDirectory, FileWrite, InheritedFile, RealtimePlan } from '../driver.js';
import { hugetlbLimits } from '../hugetlb.js';
import { rdmaLimits } from '../rdma.js';
import {
  type Controllers,
  directoryFor,
  idleRow,
  type Limit,
  type LimitRow,
  limitWrites,
  pidsRow,
  rowLimits,
} from '../rows.js';
import { checkMemory, isSet, limitText, swapUnlimited } from '../values.js';
import { blockIoV1 } from './block-io.js';
import { networkLimits } from './network.js';

const amount = (value: Int64 | undefined): string | undefined => limitText(value, '-1');

const positive = (value: UInt64 | undefined): string | undefined =>
  isSet(value) ? String(value) : undefined;

/** Outside of this range the kernel would silently take another value (sched_group_set_shares). */
const SHARES = { least: 2, most: 262144 };

function shares({ cpu }: LinuxResources): string | undefined {
  const wanted = cpu?.shares;
  if (!isSet(wanted)) return undefined;
  if (wanted >= SHARES.least && wanted <= SHARES.most) return String(wanted);
  const bound =
    wanted < SHARES.least
      ? `minimum allowed cpu-shares is ${SHARES.least}`
      : `maximum allowed cpu-shares is ${SHARES.most}`;
  throw new RuntimeError('invalid-config', `cpu shares ${wanted}: the ${bound}`, {
    at: '/linux/resources/cpu/shares',
  });
}

const flag = (value: boolean | undefined): string | undefined =>
  value === undefined ? undefined : String(Number(value));

/** Files of the v1 controllers, in the order that a new cgroup takes them. */
const rows: readonly LimitRow[] = [
  {
    at: 'memory/useHierarchy',
    file: 'memory.use_hierarchy',
    value: ({ memory }) => flag(memory?.useHierarchy),
  },
  {
    at: 'memory/limit',
    file: 'memory.limit_in_bytes',
    value: ({ memory }) => amount(memory?.limit),
    mayLack: ['-1'],
    swaps: true,
  },
  {
    at: 'memory/swap',
    file: 'memory.memsw.limit_in_bytes',
    value: ({ memory = {} }) => (swapUnlimited(memory) ? '-1' : amount(memory.swap)),
    mayLack: ['-1'],
    swaps: true,
  },
  {
    at: 'memory/reservation',
    file: 'memory.soft_limit_in_bytes',
    value: ({ memory }) => amount(memory?.reservation),
  },
  {
    at: 'memory/kernelTCP',
    file: 'memory.kmem.tcp.limit_in_bytes',
    value: ({ memory }) => amount(memory?.kernelTCP),
    mayLack: ['-1'],
  },
  {
    at: 'memory/swappiness',
    file: 'memory.swappiness',
    value: ({ memory }) => memory?.swappiness?.toString(),
  },
  {
    at: 'memory/disableOOMKiller',
    file: 'memory.oom_control',
    value: ({ memory }) => (memory?.disableOOMKiller ? '1' : undefined),
  },
  idleRow(false, 'cpu.shares'),
  { at: 'cpu/shares', file: 'cpu.shares', value: shares },
  {
    at: 'cpu/period',
    file: 'cpu.cfs_period_us',
    value: ({ cpu }) => positive(cpu?.period),
    swaps: true,
  },
  {
    at: 'cpu/quota',
    file: 'cpu.cfs_quota_us',
    value: ({ cpu }) => amount(cpu?.quota),
    swaps: true,
  },
  {
    at: 'cpu/burst',
    file: 'cpu.cfs_burst_us',
    value: ({ cpu }) => cpu?.burst?.toString(),
    mayLack: ['0'],
    swaps: true,
  },
  idleRow(true, 'cpu.shares'),
  pidsRow,
];

/** Fields of several entries. */
const lists = (resources: LinuxResources): Limit[] => [
  ...blockIoV1(resources.blockIO),
  ...hugetlbLimits(resources.hugepageLimits, 'limit_in_bytes'),
  ...networkLimits(resources.network),
  ...rdmaLimits(resources.rdma),
];

/** A key of `unified` is a file of cgroup v2. */
function refuseUnified({ unified = {} }: LinuxResources): void {
  for (const key of Object.keys(unified)) {
    throw new RuntimeError('host', `${JSON.stringify(key)} is a file of cgroup v2`, {
      at: pointer('linux', 'resources', 'unified', key),
      hint: 'no cgroup2 is mounted for this container: boot the machine with cgroup v2',
    });
  }
}

export function limitsV1(resources: LinuxResources, controllers: Controllers): FileWrite[] {
  const { present } = controllers;
  refuseUnified(resources);
  if (resources.memory) checkMemory(resources.memory, present('memory.limit_in_bytes'));
  const limits = [...rowLimits(rows, resources, present), ...lists(resources)];
  return limitWrites(limits, controllers);
}

/** config-linux.md#cpu: realtimePeriod and realtimeRuntime. */
export function realtimeV1(
  { cpu }: LinuxResources,
  cgroup: CgroupDirectory | undefined,
  { lacking }: Controllers,
): RealtimePlan | null {
  const asked = [
    { name: 'cpu.rt_period_us', field: 'realtimePeriod', value: cpu?.realtimePeriod },
    { name: 'cpu.rt_runtime_us', field: 'realtimeRuntime', value: cpu?.realtimeRuntime },
  ];
  const limits = asked.flatMap(({ name, field, value }) =>
    isSet(value) ? { name, value: String(value), at: `/linux/resources/cpu/${field}` } : [],
  );
  const [first] = limits;
  if (first === undefined) return null;
  if (cgroup === undefined) throw lacking('cpu', first.at);
  return { mountpoint: cgroup.mountpoint, directory: cgroup.path, limits };
}

/** Both files of cpuset: without them no process could join. */
export function inheritedV1(
  cpu: LinuxCpu | undefined,
  cpuset: CgroupDirectory | undefined,
  controllers: Controllers,
): InheritedFile[] {
  return (['cpus', 'mems'] as const).flatMap((field) => {
    const at = `/linux/resources/cpu/${field}`;
    const value = cpu?.[field] || null;
    if (value !== null) directoryFor(controllers, 'cpuset', at);
    if (cpuset === undefined) return [];
    const { mountpoint, path: directory } = cpuset;
    return { mountpoint, directory, name: `cpuset.${field}`, value, at };
  });
}
