import { freeze, thaw } from '../cgroup/act.js';
import type { CgroupRecord } from '../cgroup/driver.js';
import { doesNotExist, notPaused, notRunning } from '../errors/catalog.js';
import { RuntimeError } from '../errors/error.js';
import { openHostProc } from '../host/proc.js';
import { openCreated } from '../state/store.js';
import { allows } from '../state/transitions.js';
import type { RuntimeContext } from './context.js';
import { observe } from './observe.js';
import { isWaiting } from './socket.js';

/** How often a cgroup in which something does not stop is frozen anew. */
const TRIES = 10;

function stopAll(context: RuntimeContext, cgroup: CgroupRecord, id: string): void {
  if (cgroup.directories.length === 0)
    throw new RuntimeError('host', `container ${id} has no cgroup of its own to freeze`, {
      hint: 'it was created without cgroups, or by a user who may make none',
    });
  if (freeze(context, cgroup, TRIES)) return;
  throw new RuntimeError('host', `unable to freeze container ${id}`, {
    hint: 'a process of it waits in the kernel (state D): all of them go on',
  });
}

const operations = {
  pause: { act: stopAll, refusal: notRunning },
  resume: { act: thaw, refusal: notPaused },
} as const;

function change(context: RuntimeContext, id: string, operation: keyof typeof operations): void {
  using store = openCreated(context, context.root, id);
  const record = store?.readCreated() ?? null;
  if (store === null || record === null) throw doesNotExist(id);
  using proc = openHostProc(context);
  const { act, refusal } = operations[operation];
  const status = observe(context, proc, record, () => isWaiting(context, store.directory));
  if (!allows(operation, status)) throw refusal(id);
  act(context, record.cgroup, id);
}

/** Stops all processes of a container where they are: freezer v1, cgroups(7) cgroup.freeze. */
export const pauseContainer = (context: RuntimeContext, id: string): void =>
  change(context, id, 'pause');

export const resumeContainer = (context: RuntimeContext, id: string): void =>
  change(context, id, 'resume');
