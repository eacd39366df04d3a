import { RuntimeError } from '../errors/error.js';
import type { Spec } from '../generated/spec-types.js';
import { pointer } from './complaint.js';

interface Unsupported {
  /** Where the field is; `*` stands for each element of a list. */
  readonly keys: readonly string[];
  readonly reason: string;
  /** The value that is refused; any that asks for something when absent. */
  readonly value?: unknown;
}

function field(path: string, reason: string, value?: unknown): Unsupported {
  return { keys: path.split('.'), reason, value };
}

const idMapped = 'ID-mapped mounts are not supported yet';
const userNamespace = 'user namespaces are not supported yet';
const timeNamespace = 'time namespaces are not supported yet';
const hooks = 'hooks are not run yet';
const realtime = 'real-time CPU limits are not supported';

/** Every field that this release does not apply: refused by name, never ignored. */
const table: readonly Unsupported[] = [
  field('linux.namespaces.*.type', userNamespace, 'user'),
  field('linux.namespaces.*.type', timeNamespace, 'time'),
  field('linux.uidMappings', userNamespace),
  field('linux.gidMappings', userNamespace),
  field('linux.timeOffsets', timeNamespace),
  field('mounts.*.uidMappings', idMapped),
  field('mounts.*.gidMappings', idMapped),
  field('hooks.prestart', hooks),
  field('hooks.createRuntime', hooks),
  field('hooks.createContainer', hooks),
  field('hooks.startContainer', hooks),
  field('hooks.poststart', hooks),
  field('hooks.poststop', hooks),
  field('process.terminal', 'terminals are not supported yet'),
  field('process.apparmorProfile', 'AppArmor profiles are not applied yet'),
  field('process.selinuxLabel', 'SELinux labels are not applied yet'),
  field('process.scheduler', 'scheduling policies are not applied yet'),
  field('process.ioPriority', 'I/O priorities are not applied yet'),
  field('process.execCPUAffinity', 'CPU affinity is not applied yet'),
  field('linux.mountLabel', 'SELinux labels are not applied yet'),
  field('linux.seccomp', 'seccomp filters are not applied yet'),
  field('linux.personality', 'execution domains are not applied yet'),
  field('linux.memoryPolicy', 'memory policies are not applied yet'),
  field('linux.netDevices', 'network devices are not moved yet'),
  field('linux.intelRdt', 'resctrl is not supported yet'),
  field('linux.resources.blockIO', 'block I/O limits are not applied yet'),
  field('linux.resources.hugepageLimits', 'huge page limits are not applied yet'),
  field('linux.resources.network', 'network classes and priorities are not applied yet'),
  field('linux.resources.rdma', 'RDMA limits are not applied yet'),
  field('linux.resources.unified', 'unified cgroup parameters are not applied yet'),
  field('linux.resources.cpu.realtimeRuntime', realtime),
  field('linux.resources.cpu.realtimePeriod', realtime),
  field('vm', 'virtual machines are not supported'),
];

/** Throws when the configuration asks for something that would not be done. */
export function refuseUnsupported(spec: Spec): void {
  const refusals = table.flatMap((row) => {
    const found = search(spec, row.keys, []);
    return found
      .filter(({ value }) => (row.value === undefined ? !asksNothing(value) : value === row.value))
      .map(({ at }) => ({ at, reason: row.reason }));
  });
  const [first, ...others] = refusals;
  if (first === undefined) return;
  const rest = others.map(({ at, reason }) => `${at}: ${reason}`);
  throw new RuntimeError('not-supported', [first.reason, ...rest].join('; '), { at: first.at });
}

interface Found {
  readonly at: string;
  readonly value: unknown;
}

function search(value: unknown, keys: readonly string[], path: readonly string[]): Found[] {
  const [key, ...rest] = keys;
  if (key === undefined) return [{ at: pointer(...path), value }];
  if (key === '*' && Array.isArray(value)) {
    return value.flatMap((item, i) => search(item, rest, [...path, String(i)]));
  }
  if (typeof value !== 'object' || value === null) return [];
  return search(Reflect.get(value, key), rest, [...path, key]);
}

/** Engines write empty objects and zeros for what they do not ask for. */
function asksNothing(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (typeof value === 'object' && value !== null) return Object.values(value).every(asksNothing);
  return !value;
}
