import type { IdMapping, LinuxNamespace, Spec } from '../generated/spec-types.js';
import { CLONE_NEWCGROUP, CLONE_NEWNS, CLONE_NEWTIME, CLONE_NEWUSER } from '../linux/constants.js';
import { type NamespaceKind, namespaceKinds } from '../linux/namespaces.js';
import type { NamespacesPlan, UserPlan } from './plan.js';

/** The child unshares these itself: cgroup once it is in its cgroup, mount once all is loaded. */
const later = CLONE_NEWCGROUP | CLONE_NEWNS;

/** Namespaces that a stage before the container's process enters, since only children are in them. */
const first = CLONE_NEWUSER | CLONE_NEWTIME;

const kindOf = ({ type }: LinuxNamespace) => type as NamespaceKind;

/** user_namespaces(7): lines of uid_map and gid_map. */
export const mapText = (mappings: readonly IdMapping[]): string =>
  mappings.map((mapping) => `${mapping.containerID} ${mapping.hostID} ${mapping.size}\n`).join('');

function planUser({ linux }: Spec): UserPlan | null {
  const entry = linux?.namespaces?.find(({ type }) => type === 'user');
  if (entry === undefined) return null;
  const { uidMappings = [], gidMappings = [] } = linux ?? {};
  return { kind: entry.path ? 'join' : 'new', uids: uidMappings, gids: gidMappings };
}

/** time_namespaces(7): clock, seconds and nanoseconds. */
function planOffsets({ linux }: Spec): string {
  const offsets = Object.entries(linux?.timeOffsets ?? {});
  return offsets
    .map(([clock, { secs = 0, nanosecs = 0 }]) => `${clock} ${secs} ${nanosecs}\n`)
    .join('');
}

/** config-linux.md#namespaces: with a path, join; without one, make; not listed, keep the caller's. */
export function planNamespaces(spec: Spec): NamespacesPlan {
  const listed = spec.linux?.namespaces ?? [];
  const made = listed.filter(({ path }) => !path);
  const flags = made.reduce((sum, entry) => sum | namespaceKinds[kindOf(entry)].flag, 0);
  const kinds = made.map(kindOf);
  const joins = listed.flatMap((entry, index) =>
    entry.path
      ? [{ kind: kindOf(entry), path: entry.path, at: `/linux/namespaces/${index}/path` }]
      : [],
  );
  const user = planUser(spec);
  const staged =
    user !== null || kinds.includes('time') || joins.some(({ kind }) => kind === 'pid');
  return {
    clone: (flags & ~later & (staged ? ~first : ~0)) >>> 0,
    stage: staged ? flags & first : null,
    unshare: flags & CLONE_NEWCGROUP,
    joins,
    mount: kinds.includes('mount'),
    loopback: kinds.includes('network'),
    user,
    timeOffsets: planOffsets(spec),
  };
}
