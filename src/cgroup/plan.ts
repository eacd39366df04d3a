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
import { placeUnit, planUnit } from './systemd/plan.js';
import type { SystemdFacts } from './systemd/types.js';
import { foldRules } from './v1/devices.js';
import { compileDeviceFilter } from './v2/devices.js';

/**
 * What will be done to the cgroups of container `id`; throws for whatever this machine cannot do.
 * With `systemd`, that is where the container's cgroups are and how they are made.
 */
export function planCgroup(
  facts: CgroupFacts,
  spec: Spec,
  id: string,
  systemd: SystemdFacts | null = null,
): CgroupPlan {
  if (facts.mode === 'none') throw noCgroups();
  return systemd === null
    ? planWithin(facts, spec, recordOf(facts, spec.linux?.cgroupsPath, id))
    : planWithUnit(facts, spec, id, systemd);
}

function planWithUnit(
  facts: CgroupFacts,
  spec: Spec,
  id: string,
  systemd: SystemdFacts,
): CgroupPlan {
  if (systemd.user && facts.mode !== 'v2') throw noUserUnits();
  const place = placeUnit(systemd, spec, id);
  const unit = planUnit(systemd, facts.mode === 'v2' ? 'v2' : 'v1', spec, id, place);
  const directories = directoriesOf(facts, () => place.path);
  const record = { mode: facts.mode, directories, unit: { name: unit.name, bus: systemd.bus } };
  return { ...planWithin(facts, spec, record), unit };
}

function planWithin(facts: CgroupFacts, spec: Spec, record: CgroupRecord): CgroupPlan {
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

const noUserUnits = (): RuntimeError =>
  new RuntimeError('host', "cgroup v2 not enabled on this host, can't use systemd (rootless)", {
    hint: 'a user has cgroups with cgroup v2 alone: use --cgroup-manager cgroupfs',
  });

function recordOf(facts: CgroupFacts, path: string | undefined, id: string): CgroupRecord {
  const kind = facts.mode === 'v2' ? 'v2' : 'v1';
  const directories = directoriesOf(facts, (own) => cgroupPath(path, id, own, kind));
  return { mode: facts.mode, directories };
}

/** The cgroups of this very process. */
const ownCgroups = (facts: CgroupFacts): CgroupRecord => ({
  mode: facts.mode,
  directories: directoriesOf(facts, (own) => (own === '/' ? '' : own)),
});

/** One in each hierarchy; `place` tells it from the runtime's own cgroup there. */
function directoriesOf(
  { hierarchies, unified }: CgroupFacts,
  place: (own: string) => string,
): CgroupDirectory[] {
  const all = [...hierarchies, ...(unified === null ? [] : [{ ...unified, controllers: [] }])];
  return all.map(({ controllers, mountpoint, own }) => ({
    path: mountpoint + place(own),
    controllers,
    mountpoint,
  }));
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
