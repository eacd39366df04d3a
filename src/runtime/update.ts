import { updateCgroups } from '../cgroup/act.js';
import type { CgroupRecord } from '../cgroup/driver.js';
import { doesNotExist, notRunning } from '../errors/catalog.js';
import type { LinuxResources } from '../generated/spec-types.js';
import { openHostProc } from '../host/proc.js';
import type * as Explain from '../spec/explain.js';
import { loadResources } from '../spec/resources.js';
import type { ContainerRecord } from '../state/record.js';
import { openCreated, type Store } from '../state/store.js';
import { allows } from '../state/transitions.js';
import type { RuntimeContext } from './context.js';
import { observe } from './observe.js';
import { type Schemas, updateResctrl } from './resctrl-update.js';
import { isWaiting } from './socket.js';
import { tellUnit } from './systemd.js';
import { Undo } from './undo.js';
import { wholeResources } from './whole-resources.js';

/** The limits in a document that holds nothing else. */
export function readResources(context: RuntimeContext, text: string): LinuxResources {
  const chunk = () => context.host.engine.chunk('explain') as typeof Explain;
  return loadResources(text, (refused) => chunk().readOrExplain(refused));
}

function updateLimits(
  context: RuntimeContext,
  cgroup: CgroupRecord,
  resources: LinuxResources,
): void {
  updateCgroups(context, cgroup, resources, () => {
    // Else systemd would put its own idea back when it is next told to look at its configuration.
    if (cgroup.unit !== undefined)
      tellUnit(context, cgroup, wholeResources(context, cgroup, resources));
  });
}

function apply(
  context: RuntimeContext,
  store: Store,
  record: ContainerRecord,
  resources: LinuxResources,
  schemas: Schemas,
): void {
  using undo = new Undo(context);
  if (Object.keys(schemas).length > 0) updateResctrl(context, store, record, schemas, undo);
  updateLimits(context, record.cgroup, resources);
  undo.forget();
}

/** Gives a container new limits: all of them, or, when one is refused, none. */
export function updateContainer(
  context: RuntimeContext,
  id: string,
  resources: LinuxResources,
  schemas: Schemas,
): void {
  using store = openCreated(context, context.root, id);
  const record = store?.readCreated() ?? null;
  if (store === null || record === null) throw doesNotExist(id);
  using proc = openHostProc(context);
  const status = observe(context, proc, record, () => isWaiting(context, store.directory));
  if (!allows('update', status)) throw notRunning(id);
  apply(context, store, record, resources, schemas);
}
