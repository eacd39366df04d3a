import type { Process, Spec } from '../generated/spec-types.js';
import type { NamespaceKind } from '../linux/namespaces.js';
import type { Facts } from './facts.js';
import type { Plan, SeccompPlan } from './plan.js';
import { planProcess } from './process.js';
import { planSecurity } from './security.js';
import { planTerminal } from './terminal.js';

/** What a further process of a container is made of. */
export interface ExecRequest {
  readonly id: string;
  readonly process: Process;
  /** The container's namespaces, and what holds for every process in it. */
  readonly namespaces: readonly NamespaceKind[];
  readonly linux: Pick<NonNullable<Spec['linux']>, 'personality' | 'memoryPolicy'>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly keyring: boolean;
  readonly preserveFds: number;
  readonly seccomp: SeccompPlan | null;
}

/** A process is born into these; whoever enters them is not in them yet. */
const byBirth: readonly NamespaceKind[] = ['pid', 'time'];

/** Everything is there already: a process enters, and becomes what its configuration says. */
export function planExec(request: ExecRequest, facts: Facts): Plan {
  const { id, process, namespaces, linux, annotations, keyring, preserveFds, seccomp } = request;
  const listed = namespaces.map((type) => ({ type }));
  const spec: Spec = {
    ociVersion: '1.0.0',
    process,
    annotations,
    linux: { ...linux, namespaces: listed },
  };
  const planned = planProcess(spec, { ...facts, listenFds: 0 }, preserveFds);
  const inside = namespaces.includes('user');
  return {
    id,
    enters: true,
    namespaces: {
      clone: 0,
      stage: namespaces.some((kind) => byBirth.includes(kind)) ? 0 : null,
      unshare: 0,
      joins: [],
      mount: false,
      loopback: false,
      user: null,
      timeOffsets: '',
    },
    session: { keyring: keyring ? `_ses.${id}` : null },
    security: planSecurity(spec),
    root: { path: '/', readonly: false, propagation: { type: 0, recursive: false }, pivot: false },
    mounts: [],
    devices: { nodes: [], links: [] },
    paths: { masked: [], readonly: [], sysctls: [] },
    cgroups: { namespaced: false, hierarchies: [], unified: null },
    identity: { hostname: null, domainname: null },
    process: { ...planned, seccomp, ...(inside && { rlimits: [] }) },
    terminal: planTerminal(process, null),
    parentRlimits: inside ? planned.rlimits : [],
    hooks: null,
  };
}
