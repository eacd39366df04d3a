import { RuntimeError } from '../errors/error.js';
import type { LinuxResources, Spec } from '../generated/spec-types.js';
import { deviceRules } from './devices.js';
import type {
  CgroupDirectory,
  CgroupFacts,
  CgroupPlan,
  CgroupRecord,
  DevicePlan,
  FileWrite,
  UnifiedHierarchy,
} from './driver.js';
import { cgroupOwner } from './owner.js';
import { ancestors, cgroupPath } from './path.js';
import { usageChecks } from './rows.js';
import { foldRules } from './v1/devices.js';
import { inheritedV1, limitsV1 } from './v1/resources.js';
import { compileDeviceFilter } from './v2/devices.js';
import { limitsV2 } from './v2/resources.js';

/** What will be done to the cgroups of container `id`; throws for whatever this machine cannot do. */
export function planCgroup(facts: CgroupFacts, spec: Spec, id: string): CgroupPlan {
  if (facts.mode === 'none') throw noCgroups();
  const record = recordOf(facts, spec.linux?.cgroupsPath, id);
  const resources = spec.linux?.resources ?? {};
  const limits = facts.mode === 'v2' ? planV2 : planV1;
  const devices = planDevices(record, resources.devices ?? []);
  const owner = facts.mode === 'v2' ? cgroupOwner(spec) : null;
  return { record, view: record, owner, ...limits(facts, record, resources), devices };
}

type Limits = Omit<CgroupPlan, 'record' | 'view' | 'owner' | 'devices'>;

function planV1(_: CgroupFacts, record: CgroupRecord, resources: LinuxResources): Limits {
  const controllers = {
    directory: (name: string) => holding(record, name)?.path,
    lacking: lacking(lackingV1),
  };
  return {
    inherited: inheritedV1(resources.cpu, holding(record, 'cpuset'), controllers),
    before: [],
    checks: usageChecks(resources, 'memory.usage_in_bytes', controllers),
    limits: limitsV1(resources, controllers),
  };
}

function planV2({ unified }: CgroupFacts, record: CgroupRecord, resources: LinuxResources): Limits {
  const controllers = {
    directory: (name: string) =>
      unified?.controllers.includes(name) ? unifiedOf(record)?.path : undefined,
    lacking: lacking((name) => lackingV2(unified, name)),
  };
  return {
    inherited: [],
    before: handedDown(unified, record),
    checks: usageChecks(resources, 'memory.current', controllers),
    limits: limitsV2(resources, controllers),
  };
}

/**
 * Without cgroups of its own: for a caller who turned them off or may make none. Limits are refused,
 * device rules cannot hold.
 */
export function planNoCgroup(facts: CgroupFacts, spec: Spec): CgroupPlan {
  const controllers = {
    directory: () => undefined,
    lacking: lacking(() => 'cgroups are turned off by --cgroup-manager disabled'),
  };
  const resources = spec.linux?.resources ?? {};
  return {
    record: { mode: 'none', directories: [] },
    view: ownCgroups(facts),
    owner: null,
    inherited: inheritedV1(resources.cpu, undefined, controllers),
    before: [],
    checks: [],
    limits: limitsV1(resources, controllers),
    devices: null,
  };
}

const noCgroups = (): RuntimeError =>
  new RuntimeError('host', 'no cgroup hierarchy is mounted at /sys/fs/cgroup', {
    hint: 'mount -t cgroup2 none /sys/fs/cgroup, or use --cgroup-manager disabled',
  });

function recordOf(facts: CgroupFacts, path: string | undefined, id: string): CgroupRecord {
  const kind = facts.mode === 'v2' ? 'v2' : 'v1';
  const unified = facts.unified === null ? [] : [{ ...facts.unified, controllers: [] }];
  const directories = [...facts.hierarchies, ...unified].map(
    ({ controllers, mountpoint, own }): CgroupDirectory => ({
      path: mountpoint + cgroupPath(path, id, own, kind),
      controllers,
      mountpoint,
    }),
  );
  return { mode: facts.mode, directories };
}

/** The cgroups of this very process. */
function ownCgroups({ mode, hierarchies, unified }: CgroupFacts): CgroupRecord {
  const all = [...hierarchies, ...(unified === null ? [] : [{ ...unified, controllers: [] }])];
  const directories = all.map(({ controllers, mountpoint, own }) => ({
    path: mountpoint + (own === '/' ? '' : own),
    controllers,
    mountpoint,
  }));
  return { mode, directories };
}

const holding = (record: CgroupRecord, controller: string): CgroupDirectory | undefined =>
  record.directories.find(({ controllers }) => controllers.includes(controller));

const unifiedOf = (record: CgroupRecord): CgroupDirectory | undefined =>
  record.directories.find(({ controllers }) => controllers.length === 0);

const lacking =
  (hint: (controller: string) => string) =>
  (controller: string, at: string): RuntimeError =>
    new RuntimeError('host', `this needs the cgroup controller ${controller}`, {
      at,
      hint: hint(controller),
    });

const lackingV1 = (controller: string): string =>
  `it is not mounted: see /proc/cgroups, then mount -t cgroup -o ${controller} ${controller} /sys/fs/cgroup/${controller}`;

const lackingV2 = (unified: UnifiedHierarchy | null, controller: string): string =>
  `${unified?.mountpoint}/cgroup.controllers does not name it: the kernel lacks ${controller}, the boot parameter cgroup_disable turned it off, or a v1 hierarchy holds it`;

/** A controller works in a cgroup when every cgroup above hands it down (cgroups(7)). */
function handedDown(unified: UnifiedHierarchy | null, record: CgroupRecord): FileWrite[] {
  const value = (unified?.controllers ?? []).map((name) => `+${name}`).join(' ');
  if (value === '') return [];
  return record.directories.flatMap(({ mountpoint, path }) =>
    ancestors(mountpoint, path).map((directory) => ({
      file: `${directory}/cgroup.subtree_control`,
      value,
      at: '/linux/cgroupsPath',
    })),
  );
}

/** The devices controller where it is mounted; else a filter on the unified hierarchy. */
function planDevices(
  record: CgroupRecord,
  asked: NonNullable<LinuxResources['devices']>,
): DevicePlan | null {
  const rules = deviceRules(asked);
  const controller = holding(record, 'devices');
  if (controller !== undefined) {
    return { kind: 'list', directory: controller.path, list: foldRules(rules) };
  }
  const program = compileDeviceFilter(rules);
  if (program === null) return null;
  const unified = unifiedOf(record);
  const optional = asked.every(({ allow }) => allow);
  if (unified !== undefined) return { kind: 'filter', directory: unified.path, program, optional };
  throw new RuntimeError('host', 'device rules need the cgroup controller devices', {
    at: '/linux/resources/devices',
    hint: lackingV1('devices'),
  });
}
