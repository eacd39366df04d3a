import type { Context } from '../host/host.js';
import { listDirectory, openIfThere } from '../host/io.js';
import { AT_FDCWD, O_DIRECTORY, O_RDONLY } from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import { parentOf, readRecord } from './files.js';
import { controllerOf } from './rows.js';

/** What to do about a limit that could not be written to `file`. */
export function limitHint(context: Context, file: string, error: number): string | undefined {
  const name = file.slice(file.lastIndexOf('/') + 1);
  if (error === errno.EBUSY && name.startsWith('memory.')) return usage(context, parentOf(file));
  if (error === errno.ENOENT) return absent(context, name);
  return hints.find(([prefix, number]) => name.startsWith(prefix) && number === error)?.[2];
}

function absent(context: Context, name: string): string {
  const known = missing.find(([prefix]) => name.startsWith(prefix))?.[1];
  if (known !== undefined) return known;
  const controller = controllerOf(name);
  const pages = controller === 'hugetlb' ? pageSizes(context) : '';
  return `${pages}this kernel lacks the file, or no cgroup.subtree_control above enables ${controller}; a cgroup that holds processes itself cannot enable it`;
}

/** Files that depend on more than their controller. */
const missing: readonly (readonly [prefix: string, hint: string])[] = [
  ['cpu.rt_', 'this kernel schedules no real-time groups: it needs CONFIG_RT_GROUP_SCHED'],
  ['blkio.leaf_weight', 'leaf weights went with the scheduler CFQ in Linux 5.0'],
  ['blkio.bfq.weight', 'weights need the scheduler bfq: modprobe bfq, CONFIG_BFQ_GROUP_IOSCHED'],
  [
    'io.bfq.weight',
    'weights need the controller io in every cgroup.subtree_control above, and the scheduler bfq (modprobe bfq) or CONFIG_BLK_CGROUP_IOCOST',
  ],
  ['blkio.throttle', 'this kernel cannot throttle: it needs CONFIG_BLK_DEV_THROTTLING'],
  ['memory.memsw', 'swap is not counted: boot with swapaccount=1'],
];

/** `2048kB` in /sys is `2MB` in the name of a file. */
function pageSizes(context: Context): string {
  const path = '/sys/kernel/mm/hugepages';
  using directory = openIfThere(context, AT_FDCWD, path, O_RDONLY | O_DIRECTORY);
  const entries = directory === null ? [] : listDirectory(context, directory.number);
  const sizes = entries.flatMap(({ name }) => /^hugepages-(\d+)kB$/.exec(name)?.[1] ?? []);
  return `this machine has huge pages of ${sizes.map(sizeText).join(', ') || 'no size'}; else `;
}

function sizeText(kilobytes: string): string {
  const size = Number(kilobytes);
  if (size >= 1 << 20) return `${size >> 20}GB`;
  return size >= 1 << 10 ? `${size >> 10}MB` : `${size}KB`;
}

/** What keeps the limit from going lower. */
function usage(context: Context, directory: string): string {
  const of = (name: string) => readRecord(context, `${directory}/${name}`)?.trim() ?? 'unknown';
  return `memory in use: ${of('memory.usage_in_bytes')}, at most so far: ${of('memory.max_usage_in_bytes')}`;
}

const noDisk = 'MAJOR:MINOR must be a whole disk of this machine, not a partition of one';
const noWeights = 'the disk is not scheduled by bfq: see /sys/block/NAME/queue/scheduler';
const outOfRange = 'weights are 1 to 1000, rates at least 1';

const hints: readonly (readonly [prefix: string, error: number, hint: string])[] = [
  [
    'memory.',
    errno.EINVAL,
    'a cgroup above may have a lower limit, memory+swap may be limited to less than memory, or the value is out of range',
  ],
  [
    'cpu.cfs',
    errno.EINVAL,
    'quota is at least 1000, period 1000 to 1000000, burst at most the quota, and a cgroup above may allow less',
  ],
  [
    'cpu.max',
    errno.EINVAL,
    'quota is at least 1000, period 1000 to 1000000, burst at most the quota',
  ],
  ['cpu.idle', errno.EINVAL, 'idle is 0 or 1'],
  [
    'cpu.rt_',
    errno.EINVAL,
    'runtime is at most the period, and at most what cpu.rt_runtime_us of the cgroup above leaves beside its other children',
  ],
  ['cpu.rt_', errno.EBUSY, 'real-time processes are running in it'],
  ['cpu.', errno.EINVAL, 'an idle cgroup takes no shares'],
  ['cpuset.', errno.EINVAL, 'a list such as 0-3,7 is wanted'],
  ['cpuset.', errno.EACCES, 'the cgroup above does not have all of these'],
  ['cpuset.', errno.ERANGE, 'this machine has no such number'],
  ['cpuset.', errno.ENODEV, 'none of these is on-line'],
  [
    'cpuset.',
    errno.EBUSY,
    'a cgroup below, or a process with a deadline, needs what it would lose',
  ],
  ['pids.', errno.EINVAL, 'at most 4194304, or -1 for no limit'],
  ['devices.', errno.EPERM, 'the cgroup above does not allow this device'],
  ['devices.', errno.EINVAL, 'a cgroup with children cannot change to allowing or denying all'],
  ['blkio.', errno.ENODEV, noDisk],
  ['io.', errno.ENODEV, noDisk],
  ['blkio.', errno.EOPNOTSUPP, noWeights],
  ['io.', errno.EOPNOTSUPP, noWeights],
  ['blkio.', errno.ERANGE, outOfRange],
  ['io.', errno.ERANGE, outOfRange],
  ['net_prio.', errno.ENODEV, 'no network interface has this name where the runtime runs'],
  ['rdma.', errno.ENODEV, 'no RDMA device has this name: see /sys/class/infiniband'],
  ['hugetlb.', errno.EINVAL, 'a number of bytes is wanted'],
];
