import type { LinuxResources } from '../generated/spec-types.js';
import type { Context } from '../host/host.js';
import { checkLimits, writeAllLimits } from './apply.js';
import { moveCpuset } from './cpuset.js';
import { handDown } from './create.js';
import type { CgroupRecord, UpdatePlan } from './driver.js';
import { readRecord } from './files.js';
import { Journal } from './journal.js';
import { planUpdate } from './plan-update.js';
import { probeCgroups } from './probe.js';
import { grantRealtime } from './realtime.js';

/** Gives a container new limits: all that `resources` asks for, or none. */
export function updateCgroups(
  context: Context,
  record: CgroupRecord,
  resources: LinuxResources,
  last: () => void = () => {},
): void {
  const facts = probeCgroups(context);
  const plan = planUpdate(facts, record, resources, (path) => readRecord(context, path));
  applyUpdate(context, plan, last);
}

/** Writes every limit; when one is refused, or `last` fails, all say again what they said. */
export function applyUpdate(context: Context, plan: UpdatePlan, last: () => void = () => {}): void {
  checkLimits(context, plan);
  for (const write of plan.before) handDown(context, write);
  const journal = new Journal(context);
  try {
    if (plan.realtime !== null) grantRealtime(context, plan.realtime, journal);
    for (const write of plan.places) moveCpuset(context, write, journal);
    writeAllLimits(context, plan.limits, journal);
    last();
  } catch (thrown) {
    journal.restore();
    throw thrown;
  }
}
