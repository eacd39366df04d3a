import { RuntimeError } from '../../errors/error.js';
import type {
  Int64,
  LinuxCpu,
  LinuxMemory,
  LinuxResources,
  UInt64,
} from '../../generated/spec-types.js';
import type { CgroupDirectory, FileWrite, InheritedFile } from '../driver.js';
import {
  type Controllers,
  directoryFor,
  idleRow,
  type LimitRow,
  limitWrites,
  pidsRow,
} from '../rows.js';
import { checkMemory, isSet, limitText, swapUnlimited } from '../values.js';

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
  idleRow(false),
  { at: 'cpu/shares', file: 'cpu.shares', value: shares },
  {
    at: 'cpu/period',
    file: 'cpu.cfs_period_us',
    value: ({ cpu }) => positive(cpu?.period),
    swaps: true,
  },
  { at: 'cpu/quota', file: 'cpu.cfs_quota_us', value: ({ cpu }) => amount(cpu?.quota) },
  {
    at: 'cpu/burst',
    file: 'cpu.cfs_burst_us',
    value: ({ cpu }) => cpu?.burst?.toString(),
    mayLack: ['0'],
  },
  idleRow(true),
  pidsRow,
];

/** Since Linux 5.16 the kernel takes the limit and does nothing with it. */
function refuseKernelMemory({ kernel }: LinuxMemory): void {
  if (kernel === undefined || kernel <= 0) return;
  throw new RuntimeError('not-supported', 'a limit of kernel memory no longer exists in Linux', {
    at: '/linux/resources/memory/kernel',
    hint: 'memory limit counts kernel memory too',
  });
}

export function limitsV1(resources: LinuxResources, controllers: Controllers): FileWrite[] {
  if (resources.memory !== undefined) {
    checkMemory(resources.memory);
    refuseKernelMemory(resources.memory);
  }
  return limitWrites(rows, resources, controllers);
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
