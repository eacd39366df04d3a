import type { IdMapping, Spec } from '../generated/spec-types.js';

/** The id outside that an id inside stands for; null when it is not mapped. */
function outside(mappings: readonly IdMapping[], id: number): number | null {
  for (const { containerID, hostID, size } of mappings)
    if (id >= containerID && id < containerID + size) return hostID + id - containerID;
  return null;
}

/** A later word wins: config.md#mounts. */
const isWritable = (options: readonly string[]): boolean =>
  options.lastIndexOf('ro') <= options.lastIndexOf('rw') && !options.includes('rro');

/**
 * config-linux.md#cgroup-ownership: the host's uid that a container's v2 cgroup belongs to, or null
 * when it stays the runtime's: the container must see it as a root of its own and be able to write.
 */
export function cgroupOwner({ linux, mounts = [], process }: Spec): number | null {
  const own = (type: string) => linux?.namespaces?.some((each) => each.type === type && !each.path);
  const { uidMappings = [], namespaces } = linux ?? {};
  if (uidMappings.length === 0 || !own('cgroup')) return null;
  if (!namespaces?.some(({ type }) => type === 'user')) return null;
  const view = mounts.find(({ destination }) => destination === '/sys/fs/cgroup');
  if (!view?.type?.startsWith('cgroup') || !isWritable(view.options ?? [])) return null;
  return outside(uidMappings, process?.user?.uid ?? 0);
}
