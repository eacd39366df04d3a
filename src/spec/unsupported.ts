import { RuntimeError } from '../errors/error.js';
import type { Spec } from '../generated/spec-types.js';
import { pointer } from './complaint.js';

/**
 * Mirrors the configuration. A text is the reason why that field is refused when it asks for
 * anything; a list holds for each element; below a text field, its refused values are named.
 */
type Refused = string | readonly [Refused] | { readonly [key: string]: Refused };

const idMapped = 'ID-mapped mounts are not supported yet';
const userNamespace = 'user namespaces are not supported yet';
const timeNamespace = 'time namespaces are not supported yet';
const hooks = 'hooks are not run yet';
const selinux = 'SELinux labels are not applied yet';
const realtime = 'real-time CPU limits are not supported';

/** Every field that this release does not apply: refused by name, never ignored. */
const refused: Refused = {
  process: {
    terminal: 'terminals are not supported yet',
    apparmorProfile: 'AppArmor profiles are not applied yet',
    selinuxLabel: selinux,
    scheduler: 'scheduling policies are not applied yet',
    ioPriority: 'I/O priorities are not applied yet',
    execCPUAffinity: 'CPU affinity is not applied yet',
  },
  hooks: {
    prestart: hooks,
    createRuntime: hooks,
    createContainer: hooks,
    startContainer: hooks,
    poststart: hooks,
    poststop: hooks,
  },
  mounts: [{ uidMappings: idMapped, gidMappings: idMapped }],
  linux: {
    namespaces: [{ type: { user: userNamespace, time: timeNamespace } }],
    uidMappings: userNamespace,
    gidMappings: userNamespace,
    timeOffsets: timeNamespace,
    mountLabel: selinux,
    seccomp: 'seccomp filters are not applied yet',
    personality: 'execution domains are not applied yet',
    memoryPolicy: 'memory policies are not applied yet',
    netDevices: 'network devices are not moved yet',
    intelRdt: 'resctrl is not supported yet',
    resources: {
      blockIO: 'block I/O limits are not applied yet',
      hugepageLimits: 'huge page limits are not applied yet',
      network: 'network classes and priorities are not applied yet',
      rdma: 'RDMA limits are not applied yet',
      unified: 'unified cgroup parameters are not applied yet',
      cpu: { realtimeRuntime: realtime, realtimePeriod: realtime },
    },
  },
  vm: 'virtual machines are not supported',
};

interface Refusal {
  readonly at: string;
  readonly reason: string;
}

/** Throws when the configuration asks for something that would not be done. */
export function refuseUnsupported(spec: Spec): void {
  const refusals: Refusal[] = [];
  search(spec, refused, '', refusals);
  const [first, ...others] = refusals;
  if (first === undefined) return;
  const rest = others.map(({ at, reason }) => `${at}: ${reason}`);
  throw new RuntimeError('not-supported', [first.reason, ...rest].join('; '), { at: first.at });
}

/** One walk along the table, since every create pays for it. */
function search(value: unknown, rule: Refused, at: string, refusals: Refusal[]): void {
  if (typeof rule === 'string') {
    if (!asksNothing(value)) refusals.push({ at, reason: rule });
  } else if (Array.isArray(value)) {
    const [each] = rule as readonly [Refused];
    for (let i = 0; i < value.length; i++) search(value[i], each, `${at}/${i}`, refusals);
  } else if (typeof value === 'string') {
    const reason = (rule as Readonly<Record<string, string>>)[value];
    if (reason !== undefined) refusals.push({ at, reason });
  } else if (value !== undefined) {
    searchMembers(value as Readonly<Record<string, unknown>>, rule, at, refusals);
  }
}
