import { RuntimeError } from '../errors/error.js';
import type { LinuxResources, Spec } from '../generated/spec-types.js';
import { deviceRules } from './devices.js';
import type {
  CgroupDirectory,
  CgroupFacts,
  CgroupPlan,
  CgroupRecord,
  DevicePlan,
} from './driver.js';
import { holding, lackingV1, nothing, planLimits, planNoLimits, unifiedOf } from './limits.js';
import { cgroupOwner } from './owner.js';
import { cgroupPath } from './path.js';
import { foldRules } from './v1/devices.js';
import { compileDeviceFilter } from './v2/devices.js';

/** What will be done to the cgroups of container `id`; throws for whatever this machine cannot do. */
export function planCgroup(facts: CgroupFacts, spec: Spec, id: string): CgroupPlan {
  if (facts.mode === 'none') throw noCgroups();
  const record = recordOf(facts, spec.linux?.cgroupsPath, id);
  const resources = spec.linux?.resources ?? {};
  return {
    record,
    view: record,
    owner: facts.mode === 'v2' ? cgroupOwner(spec) : null,
    ...planLimits(facts, record, resources, nothing),
    devices: planDevices(record, resources.devices ?? []),
  };
}

/**
 * Without cgroups of its own: for a caller who turned them off or may make none. Limits are refused,
 * device rules cannot hold.
 */
export function planNoCgroup(facts: CgroupFacts, spec: Spec): CgroupPlan {
  const record: CgroupRecord = { mode: 'none', directories: [] };
  const why = 'cgroups are turned off by --cgroup-manager disabled';
  return {
    record,
    view: ownCgroups(facts),
    owner: null,
    ...planNoLimits(record, spec.linux?.resources ?? {}, why),
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
