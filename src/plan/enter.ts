import type { LinuxNamespace, Spec } from '../generated/spec-types.js';
import { CLONE_NEWCGROUP, CLONE_NEWNS } from '../linux/constants.js';
import { type NamespaceKind, namespaceKinds } from '../linux/namespaces.js';
import type { NamespacesPlan } from './plan.js';

/** The child unshares these itself: cgroup once it is in its cgroup, mount once all is loaded. */
const later = CLONE_NEWCGROUP | CLONE_NEWNS;

const kindOf = ({ type }: LinuxNamespace) => type as NamespaceKind;

/** config-linux.md#namespaces: with a path, join; without one, make; not listed, keep the caller's. */
export function planNamespaces(spec: Spec): NamespacesPlan {
  const listed = spec.linux?.namespaces ?? [];
  const made = listed.filter(({ path }) => !path);
  const flags = made.reduce((sum, entry) => sum | namespaceKinds[kindOf(entry)].flag, 0);
  const kinds = made.map(kindOf);
  return {
    clone: (flags & ~later) >>> 0,
    unshare: flags & CLONE_NEWCGROUP,
    joins: listed.flatMap((entry, index) =>
      entry.path
        ? [{ kind: kindOf(entry), path: entry.path, at: `/linux/namespaces/${index}/path` }]
        : [],
    ),
    mount: kinds.includes('mount'),
    loopback: kinds.includes('network'),
  };
}
