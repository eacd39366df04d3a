import { createCgroups } from '../cgroup/act.js';
import type { CgroupFacts, CgroupPlan } from '../cgroup/driver.js';
import { planCgroup } from '../cgroup/plan.js';
import type { LinuxResources } from '../generated/spec-types.js';
import { mountsOf } from './cgroup-hosts.js';
import { type FakeCgroups, type FakeSetup, fakeCgroups } from './fake-cgroups.js';

/** Where the fake hosts mount their hierarchies. */
export const ROOT = '/sys/fs/cgroup';

export const planOf = (facts: CgroupFacts, cgroupsPath = '/c', resources: LinuxResources = {}) =>
  planCgroup(facts, { ociVersion: '1.2.0', linux: { cgroupsPath, resources } }, 'id');

export const hostOf = (facts: CgroupFacts, setup: FakeSetup = {}) =>
  fakeCgroups({ mounts: mountsOf(facts), ...setup });

/** Makes the cgroups; the answer undoes that. */
export function create({ context }: FakeCgroups, plan: CgroupPlan): () => void {
  const steps: (() => void)[] = [];
  createCgroups(context, plan, (step) => steps.unshift(step));
  return () => {
    for (const step of steps) step();
  };
}

/** How often a call was made. */
export const count = (fake: FakeCgroups, name: string) =>
  fake.calls.filter((call) => call === name).length;
