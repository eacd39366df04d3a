import type { Spec } from '../generated/spec-types.js';
import { capabilityBit, has } from '../linux/capabilities.js';
import type { Facts } from './facts.js';
import { userNamespaceOf } from './idmaps.js';
import { planLxcfs } from './lxcfs.js';
import { planMount } from './mounts.js';
import type { MountPlan } from './plan.js';

/** The mounts of the configuration in their order, and what its annotations add to them. */
export function planMounts(spec: Spec, bundle: string, facts: Facts): MountPlan[] {
  const { mounts = [] } = spec;
  const users = userNamespaceOf(spec);
  // The parent may do more than a child in a user namespace, and clones sources for it.
  const hands = has(facts.capabilities, capabilityBit('CAP_SYS_ADMIN'));
  const planned = mounts.map((mount, i) => planMount(mount, i, bundle, users, hands));
  const { lxcfs } = facts;
  return lxcfs === null ? planned : [...planned, ...planLxcfs(lxcfs, planned, users, hands)];
}
