/** What this machine and this user allow to be tested. */
import { existsSync, readFileSync } from 'node:fs';
import { release } from 'node:os';
import { hierarchies, hostMounts, textOf } from '../lib/machine.js';
import type { Need } from './test.js';

export interface Host {
  readonly isRoot: boolean;
  /** Major and minor number. */
  readonly kernel: readonly [number, number];
  /** `hybrid` is v1 with an empty cgroup2 beside it. */
  readonly cgroups: 'v1' | 'hybrid' | 'v2' | 'none';
  /** Of cgroups, in any hierarchy. */
  readonly controllers: readonly string[];
  /** Linux security modules that are active. */
  readonly lsm: readonly string[];
  /** Ids that a user namespace of this user can have: one, if nobody gave more. */
  readonly manyIds: boolean;
  /** Where resctrl is mounted. */
  readonly resctrl: string | undefined;
}

function kernelVersion(): readonly [number, number] {
  const [major = 0, minor = 0] = release().split('.').map(Number);
  return [major, minor];
}

function cgroupKind(): Host['cgroups'] {
  const all = hierarchies();
  const unified = all.some(({ controllers }) => controllers.length === 0);
  if (all.length === 0) return 'none';
  if (all.every(({ controllers }) => controllers.length === 0)) return 'v2';
  return unified ? 'hybrid' : 'v1';
}

function allControllers(kind: Host['cgroups']): string[] {
  const all = hierarchies();
  if (kind !== 'v2') return all.flatMap(({ controllers }) => [...controllers]);
  const mountpoint = all[0]?.mountpoint ?? '/sys/fs/cgroup';
  return textOf(`${mountpoint}/cgroup.controllers`).trim().split(' ');
}

export function thisHost(): Host {
  const cgroups = cgroupKind();
  const isRoot = process.getuid?.() === 0;
  return {
    isRoot,
    kernel: kernelVersion(),
    cgroups,
    controllers: allControllers(cgroups),
    lsm: textOf('/sys/kernel/security/lsm').trim().split(',').filter(Boolean),
    manyIds: isRoot && readFileSync('/proc/self/uid_map', 'utf8').includes('4294967295'),
    resctrl: hostMounts().find(({ type }) => type === 'resctrl')?.path,
  };
}

/* ---- Needs ---- */

export const root: Need = ({ isRoot }) => (isRoot ? null : 'needs root');

export const notRoot: Need = ({ isRoot }) => (isRoot ? 'needs a user without privileges' : null);

export const manyIds: Need = ({ manyIds }) =>
  manyIds ? null : 'needs more ids than the one of a user without privileges';

export const kernel =
  (major: number, minor: number): Need =>
  ({ kernel: [haveMajor, haveMinor] }) =>
    haveMajor > major || (haveMajor === major && haveMinor >= minor)
      ? null
      : `needs Linux ${major}.${minor}`;

export const cgroupV1: Need = ({ cgroups }) =>
  cgroups === 'v1' || cgroups === 'hybrid' ? null : 'needs cgroup v1';

export const cgroupV2: Need = ({ cgroups }) => (cgroups === 'v2' ? null : 'needs cgroup v2 alone');

/** In both versions, and the right to use it. */
export const controller =
  (name: string): Need =>
  ({ controllers, isRoot }) => {
    if (!isRoot) return 'needs root, who may make cgroups';
    return controllers.includes(name) ? null : `needs the cgroup controller ${name}`;
  };

export const lsm =
  (name: string): Need =>
  ({ lsm }) =>
    lsm.includes(name) ? null : `needs the security module ${name}`;

export const resctrl: Need = ({ resctrl }) => (resctrl ? null : 'needs a mounted resctrl');

export const systemd: Need = () =>
  existsSync('/run/systemd/system') ? null : 'needs systemd as the init of the host';
