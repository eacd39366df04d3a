import type { CgroupRecord } from '../cgroup/driver.js';
import type { Process, Spec } from '../generated/spec-types.js';
import { planCgroupView } from './cgroups.js';
import { planDevices } from './devices.js';
import { planNamespaces } from './enter.js';
import type { Facts } from './facts.js';
import { planInitHooks } from './hooks.js';
import { planIdentity } from './identity.js';
import { planMounts } from './mount-list.js';
import { planPaths } from './paths.js';
import type { Plan, SeccompPlan } from './plan.js';
import { planProcess } from './process.js';
import { planRoot } from './root.js';
import { labelMounts, planSecurity } from './security.js';
import { planConsole, planTerminal } from './terminal.js';

export interface CreateRequest {
  readonly id: string;
  /** Absolute path. */
  readonly bundle: string;
  readonly noPivot: boolean;
  readonly noNewKeyring: boolean;
  readonly preserveFds: number;
  readonly seccomp: SeccompPlan | null;
}

/** Configuration + facts → everything that `create` will do inside the container. */
export function planCreate(
  spec: Spec,
  facts: Facts,
  cgroup: CgroupRecord,
  request: CreateRequest,
): Plan {
  const security = planSecurity(spec);
  const mounts = labelMounts(planMounts(spec, request.bundle, facts), security);
  const namespaces = planNamespaces(spec);
  const process = planProcess(spec, facts, request.preserveFds);
  const inside = namespaces.user === null;
  return {
    id: request.id,
    namespaces,
    session: { keyring: request.noNewKeyring ? null : `_ses.${request.id}` },
    security,
    root: planRoot(spec, request.bundle, !request.noPivot),
    mounts,
    devices: planDevices(spec, mounts),
    paths: planPaths(spec),
    cgroups: planCgroupView(spec, cgroup),
    identity: planIdentity(spec),
    process: { ...process, seccomp: request.seccomp, ...(!inside && { rlimits: [] }) },
    terminal: planTerminal(spec.process as Process, planConsole(namespaces.mount, mounts)),
    parentRlimits: inside ? [] : process.rlimits,
    hooks: planInitHooks(spec, request),
  };
}
