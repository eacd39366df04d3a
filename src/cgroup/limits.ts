import { RuntimeError } from '../errors/error.js';
import type { LinuxResources } from '../generated/spec-types.js';
import type {
  CgroupDirectory,
  CgroupFacts,
  CgroupPlan,
  CgroupRecord,
  FileWrite,
  UnifiedHierarchy,
} from './driver.js';
import { ancestors } from './path.js';
import { type Controllers, controllerOf, type UsageFiles, usageChecks } from './rows.js';
import { splitResources } from './split.js';
import { inheritedV1, limitsV1, realtimeV1 } from './v1/resources.js';
import { limitsV2 } from './v2/resources.js';

export type Limits = Omit<CgroupPlan, 'record' | 'view' | 'owner' | 'devices'>;

/** What a file holds now; null when there is none. */
export type Read = (path: string) => string | null;

/** A new cgroup holds nothing that anybody would want to keep. */
export const nothing: Read = () => null;

export const holding = (record: CgroupRecord, controller: string): CgroupDirectory | undefined =>
  record.directories.find(({ controllers }) => controllers.includes(controller));

export const unifiedOf = (record: CgroupRecord): CgroupDirectory | undefined =>
  record.directories.find(({ controllers }) => controllers.length === 0);

const lacking =
  (hint: (controller: string) => string) =>
  (controller: string, at: string): RuntimeError =>
    new RuntimeError('host', `this needs the cgroup controller ${controller}`, {
      at,
      hint: hint(controller),
    });

export const lackingV1 = (controller: string): string =>
  `it is not mounted: see /proc/cgroups, then mount -t cgroup -o ${controller} ${controller} /sys/fs/cgroup/${controller}`;

const lackingV2 = (unified: UnifiedHierarchy, controller: string): string =>
  `${unified.mountpoint}/cgroup.controllers does not name it: the kernel lacks ${controller}, the boot parameter cgroup_disable turned it off, or a v1 hierarchy holds it`;

/** Controllers by the directory where each works, with what their files hold. */
const controllersIn = (
  directory: Controllers['directory'],
  hint: (controller: string) => string,
  read: Read,
): Controllers => ({
  directory,
  lacking: lacking(hint),
  present: (file) => {
    const path = directory(controllerOf(file));
    return path === undefined ? undefined : (read(`${path}/${file}`) ?? undefined);
  },
});

const usageV1: UsageFiles = {
  memory: ['memory.usage_in_bytes'],
  swap: ['memory.memsw.usage_in_bytes'],
};

function planV1(
  record: CgroupRecord,
  resources: LinuxResources,
  hint: (controller: string) => string,
  read: Read,
): Limits {
  const controllers = controllersIn((name) => holding(record, name)?.path, hint, read);
  return {
    inherited: inheritedV1(resources.cpu, holding(record, 'cpuset'), controllers),
    realtime: realtimeV1(resources, holding(record, 'cpu'), controllers),
    before: [],
    checks: usageChecks(resources, usageV1, controllers),
    limits: limitsV1(resources, controllers),
    notes: noKernelMemory(resources),
  };
}

const usageV2: UsageFiles = {
  memory: ['memory.current'],
  swap: ['memory.current', 'memory.swap.current'],
};

function planV2(
  unified: UnifiedHierarchy,
  record: CgroupRecord,
  resources: LinuxResources,
  read: Read,
): Limits {
  const path = unifiedOf(record)?.path;
  const controllers = controllersIn(
    // Files of the core are in every cgroup but the root.
    (name) => (name === 'cgroup' || unified.controllers.includes(name) ? path : undefined),
    (name) => lackingV2(unified, name),
    read,
  );
  return {
    inherited: [],
    realtime: null,
    before: handedDown(unified.controllers, record),
    checks: usageChecks(resources, usageV2, controllers),
    limits: limitsV2(resources, controllers),
    notes: [...noKernelMemory(resources), ...noTcpMemory(resources)],
  };
}

/** The unified hierarchy may hold controllers too: only those that are needed are handed down. */
function planHybrid(
  unified: UnifiedHierarchy,
  record: CgroupRecord,
  resources: LinuxResources,
  read: Read,
): Limits {
  const { v1, v2 } = splitResources(resources, unified.controllers);
  const first = planV1(record, v1, lackingV1, read);
  if (Object.keys(v2).length === 0) return first;
  const second = planV2(unified, record, v2, read);
  const names = second.limits.map(({ file }) => controllerOf(file));
  const needed = unified.controllers.filter((name) => names.includes(name));
  return {
    ...first,
    before: handedDown(needed, record),
    checks: [...first.checks, ...second.checks],
    limits: [...first.limits, ...second.limits],
    notes: [...first.notes, ...second.notes],
  };
}

/** What becomes of `resources` on a machine with these hierarchies. */
export function planLimits(
  { mode, unified }: CgroupFacts,
  record: CgroupRecord,
  resources: LinuxResources,
  read: Read,
): Limits {
  if (unified === null) return planV1(record, resources, lackingV1, read);
  return mode === 'v2'
    ? planV2(unified, record, resources, read)
    : planHybrid(unified, record, resources, read);
}

/** Without any cgroup every limit is refused, for the reason that `hint` gives. */
export const planNoLimits = (
  record: CgroupRecord,
  resources: LinuxResources,
  hint: string,
): Limits => planV1(record, resources, () => hint, nothing);

/** A controller works in a cgroup when every cgroup above hands it down (cgroups(7)). */
function handedDown(controllers: readonly string[], record: CgroupRecord): FileWrite[] {
  const value = controllers.map((name) => `+${name}`).join(' ');
  const directory = unifiedOf(record);
  if (value === '' || directory === undefined) return [];
  return ancestors(directory.mountpoint, directory.path).map((path) => ({
    file: `${path}/cgroup.subtree_control`,
    value,
    at: '/linux/cgroupsPath',
  }));
}

/** The kernel takes the limit since 5.16 and does nothing with it; callers still send it. */
const noKernelMemory = ({ memory }: LinuxResources): string[] =>
  (memory?.kernel ?? 0) > 0
    ? ['/linux/resources/memory/kernel is ignored: since Linux 5.16 the memory limit counts it']
    : [];

const noTcpMemory = ({ memory }: LinuxResources): string[] =>
  (memory?.kernelTCP ?? 0) > 0
    ? ['/linux/resources/memory/kernelTCP is ignored: in cgroup v2 the memory limit counts it']
    : [];
