import type { LinuxCapabilities, Process, Rlimit, Spec } from '../generated/spec-types.js';
import {
  allCapabilities,
  type CapabilitySet,
  capabilityBit,
  capabilitySet,
  has,
  intersection,
} from '../linux/capabilities.js';
import { rlimitNumbers } from '../linux/rlimits.js';
import { annotation } from '../spec/annotations.js';
import type { Facts } from './facts.js';
import type { Capabilities, ProcessPlan, RlimitPlan } from './plan.js';
import { planTuning } from './tuning.js';

const wanted = (names: readonly string[] | undefined, allowed: CapabilitySet): CapabilitySet =>
  capabilitySet((names ?? []).map(capabilityBit).filter((bit) => bit >= 0 && has(allowed, bit)));

/** user_namespaces(7): who enters a user namespace has every capability in it. */
const allowedCapabilities = ({ linux }: Spec, { capabilities }: Facts): CapabilitySet =>
  linux?.namespaces?.some(({ type }) => type === 'user') ? allCapabilities : capabilities;

/** config.md#linux-process; without the object the process has no capabilities at all. */
export function planCapabilities(
  asked: LinuxCapabilities | undefined,
  allowed: CapabilitySet,
): Capabilities {
  const permitted = wanted(asked?.permitted, allowed);
  const inheritable = wanted(asked?.inheritable, allowed);
  return {
    bounding: wanted(asked?.bounding, allowed),
    permitted,
    effective: intersection(wanted(asked?.effective, allowed), permitted),
    inheritable,
    // capabilities(7): the kernel allows only what is both permitted and inheritable.
    ambient: intersection(wanted(asked?.ambient, allowed), intersection(permitted, inheritable)),
  };
}

type Names = readonly string[];

const reasons = {
  unavailable: 'is not available here and is left out',
  effective: 'is left out of the effective set, since it is not permitted',
  ambient: 'is left out of the ambient set, since it is not both permitted and inheritable',
} as const;

const warnings = (names: Names, reason: keyof typeof reasons): string[] =>
  names.map((name) => `capability ${name} ${reasons[reason]}`);

/** What is asked for and cannot be given, config.md#linux-process. */
export function capabilityWarnings(spec: Spec, facts: Facts): string[] {
  const allowed = allowedCapabilities(spec, facts);
  const asked = spec.process?.capabilities ?? {};
  const { permitted = [], inheritable = [], effective = [], ambient = [] } = asked;
  const names = [...new Set(Object.values(asked).flat() as string[])];
  const missing = names.filter((name) => {
    const bit = capabilityBit(name);
    return bit < 0 || !has(allowed, bit);
  });
  const without = (list: Names, ...needed: readonly Names[]): string[] =>
    list.filter((name) => !missing.includes(name) && needed.some((other) => !other.includes(name)));
  return [
    ...warnings(missing, 'unavailable'),
    ...warnings(without(effective, permitted), 'effective'),
    ...warnings(without(ambient, permitted, inheritable), 'ambient'),
  ];
}

/** Of several values for one name the last one holds, at the place of the first. */
function uniqueEnvironment(env: readonly string[]): string[] {
  const byName = new Map<string, string>();
  for (const entry of env) byName.set(entry.slice(0, entry.indexOf('=')), entry);
  return [...byName.values()];
}

/** sd_listen_fds(3): the variables that say which descriptors were passed. */
const listenVariables = (count: number): string[] =>
  count > 0 ? [`LISTEN_FDS=${count}`, 'LISTEN_PID=1'] : [];

const planRlimit = ({ type, soft, hard }: Rlimit): RlimitPlan => ({
  name: type,
  resource: rlimitNumbers[type]!,
  soft: String(BigInt(soft)),
  hard: String(BigInt(hard)),
});

/** crun's: any value but 0 keeps the caller's groups, whatever else the configuration lists. */
const keepsGroups = ({ annotations }: Spec): boolean =>
  (annotations?.[annotation.keepGroups] ?? '0') !== '0';

export function planProcess(
  spec: Spec,
  facts: Facts,
  preserveFds: number,
): Omit<ProcessPlan, 'seccomp'> {
  const process = spec.process as Process;
  const user = process.user ?? { uid: 0, gid: 0 };
  return {
    args: process.args ?? [],
    env: [...uniqueEnvironment(process.env ?? []), ...listenVariables(facts.listenFds)],
    cwd: process.cwd,
    uid: user.uid,
    gid: user.gid,
    groups: keepsGroups(spec) ? null : (user.additionalGids ?? []),
    umask: user.umask ?? 0o022,
    capabilities: planCapabilities(process.capabilities, allowedCapabilities(spec, facts)),
    noNewPrivileges: process.noNewPrivileges === true,
    rlimits: (process.rlimits ?? []).map(planRlimit),
    tuning: planTuning(spec),
    extraFds: facts.listenFds + preserveFds,
  };
}
