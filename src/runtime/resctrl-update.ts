import { processesIn } from '../cgroup/act.js';
import { RuntimeError } from '../errors/error.js';
import type { LinuxIntelRdt } from '../generated/spec-types.js';
import type { ContainerRecord } from '../state/record.js';
import type { Store } from '../state/store.js';
import type { RuntimeContext } from './context.js';
import { changeSchemata, enterResctrl, recordOf, reserveResctrl } from './resctrl.js';
import type { Undo } from './undo.js';

export type Schemas = Pick<LinuxIntelRdt, 'l3CacheSchema' | 'memBwSchema'>;

/** A container that was in no group gets one of its own; all that runs in it moves there. */
function join(
  context: RuntimeContext,
  store: Store,
  record: ContainerRecord,
  schemas: Schemas,
  undo: Undo,
): void {
  const spec = { ociVersion: record.ociVersion, linux: { intelRdt: schemas } };
  undo.add(() => store.write(record));
  const plan = reserveResctrl(context, spec, record, store, undo);
  if (plan === null) throw new RuntimeError('bug', 'no plan for resctrl');
  for (const pid of new Set([record.pid, ...processesIn(context, record.cgroup)]))
    enterResctrl(context, plan, pid);
  store.write({ ...record, ...recordOf(plan) });
}

/** Other schemas for the container's group in resctrl. */
export function updateResctrl(
  context: RuntimeContext,
  store: Store,
  record: ContainerRecord,
  schemas: Schemas,
  undo: Undo,
): void {
  const { rdt } = record;
  if (rdt === undefined) join(context, store, record, schemas, undo);
  else changeSchemata(context, rdt.group, schemas, undo);
}
