import { RuntimeError } from '../errors/error.js';
import type { LinuxResources } from '../generated/spec-types.js';
import type { CgroupFacts, CgroupRecord, FileWrite, InheritedFile, UpdatePlan } from './driver.js';
import { planLimits, planNoLimits, type Read } from './limits.js';

/** A running container's cpuset inherits nothing any more. */
const asWrites = ({ directory, name, value, at }: InheritedFile): FileWrite[] =>
  value === null ? [] : [{ file: `${directory}/${name}`, value, at }];

const noCgroup = 'the container was created without cgroups of its own';

/**
 * New limits for a container's cgroups: what `resources` leaves out stays as it is. `read` tells
 * what a file holds now, where one limit depends on another one: swap on memory, a period on its
 * quota. Devices are left alone, so that nothing that runs loses one for a moment.
 */
export function planUpdate(
  facts: CgroupFacts,
  record: CgroupRecord,
  resources: LinuxResources,
  read: Read,
): UpdatePlan {
  if (record.mode !== 'none' && facts.mode !== record.mode) throw changed(facts, record);
  const { inherited, realtime, before, checks, limits, notes } =
    record.mode === 'none'
      ? planNoLimits(record, resources, noCgroup)
      : planLimits(facts, record, resources, read);
  return { places: inherited.flatMap(asWrites), realtime, before, checks, limits, notes };
}

const changed = (facts: CgroupFacts, record: CgroupRecord): RuntimeError =>
  new RuntimeError(
    'host',
    `the container was created with cgroups of kind ${record.mode}, here they are ${facts.mode}`,
    { hint: 'run this where /sys/fs/cgroup is as it was for create' },
  );
