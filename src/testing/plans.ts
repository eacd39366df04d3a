import type { CgroupRecord } from '../cgroup/driver.js';
import { planCgroup } from '../cgroup/plan.js';
import type { Linux, Mount, Process, Spec } from '../generated/spec-types.js';
import { capabilityNames, capabilitySet } from '../linux/capabilities.js';
import { type CreateRequest, planCreate } from '../plan/create.js';
import type { Facts } from '../plan/facts.js';
import type { Plan } from '../plan/plan.js';
import { template } from '../spec/template.js';
import { factsV1 } from './cgroup-hosts.js';

/** A caller with every capability, to whom systemd passed nothing. */
export const facts: Facts = {
  capabilities: capabilitySet(capabilityNames.map((_, bit) => bit)),
  euid: 0,
  egid: 0,
  listenFds: 0,
  lxcfs: null,
};

export const request: CreateRequest = {
  id: 'c1',
  bundle: '/bundle',
  noPivot: false,
  noNewKeyring: false,
  preserveFds: 0,
  seccomp: null,
};

const printed = template({ cgroupV2: false });

/** What `spec` prints, without its terminal. */
export const base: Spec = { ...printed, process: { ...printed.process!, terminal: false } };

export const withProcess = (change: Partial<Process>): Spec => ({
  ...base,
  process: { ...base.process!, ...change },
});

export const withLinux = (change: Partial<Linux>): Spec => ({
  ...base,
  linux: { ...base.linux, ...change },
});

export const withMounts = (...mounts: Mount[]): Spec => ({ ...base, mounts });

/** The container's cgroups on a host with cgroup v1. */
export const recordV1 = (spec: Spec, id = 'c1'): CgroupRecord =>
  planCgroup(factsV1(), spec, id).record;

export const planOf = (spec: Spec, changed: Partial<CreateRequest & Facts> = {}): Plan =>
  planCreate(spec, { ...facts, ...changed }, recordV1(spec), { ...request, ...changed });
