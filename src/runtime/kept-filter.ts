import type { LinuxSeccomp, Spec } from '../generated/spec-types.js';
import type { Context } from '../host/host.js';
import { openIfThere, readAll } from '../host/io.js';
import { O_NOFOLLOW, O_RDONLY } from '../linux/constants.js';
import type { SeccompPlan } from '../plan/plan.js';
import type { Filter } from '../seccomp/filter.js';
import type { Store } from '../state/store.js';

const FILE = 'seccomp.json';

/** A container's filter as its further processes get it, whatever becomes of the bundle. */
export interface KeptFilter {
  readonly plan: SeccompPlan;
  readonly agent: Pick<LinuxSeccomp, 'listenerPath' | 'listenerMetadata'>;
}

export function keepFilter(store: Store, { plan }: Filter, { linux }: Spec): void {
  const { listenerPath, listenerMetadata } = linux?.seccomp ?? {};
  const agent = {
    ...(listenerPath !== undefined && { listenerPath }),
    ...(listenerMetadata !== undefined && { listenerMetadata }),
  };
  store.keep(FILE, JSON.stringify({ plan, agent } satisfies KeptFilter));
}

/** Null when the container has no filter. */
export function readFilter(context: Context, directory: number): KeptFilter | null {
  using file = openIfThere(context, directory, FILE, O_RDONLY | O_NOFOLLOW);
  if (file === null) return null;
  return JSON.parse(context.host.engine.decode(readAll(context, file.number))) as KeptFilter;
}
