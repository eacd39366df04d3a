import type { LinuxDevice, Spec } from '../generated/spec-types.js';
import { S_IFBLK, S_IFCHR, S_IFIFO } from '../linux/constants.js';
import { cleanPath } from './path.js';
import type { DevicePlan, DevicesPlan, MountPlan } from './plan.js';

/** runtime-linux.md, config-linux.md#default-devices: character devices that every container has. */
const defaultDevices: readonly (readonly [path: string, major: number, minor: number])[] = [
  ['/dev/null', 1, 3],
  ['/dev/zero', 1, 5],
  ['/dev/full', 1, 7],
  ['/dev/random', 1, 8],
  ['/dev/urandom', 1, 9],
  ['/dev/tty', 5, 0],
];

/** runtime-linux.md#dev-symbolic-links and the pseudo-terminal multiplexer. */
const links: DevicesPlan['links'] = [
  { path: '/dev/fd', target: '/proc/self/fd' },
  { path: '/dev/stdin', target: '/proc/self/fd/0' },
  { path: '/dev/stdout', target: '/proc/self/fd/1' },
  { path: '/dev/stderr', target: '/proc/self/fd/2' },
  { path: '/dev/ptmx', target: 'pts/ptmx' },
  { path: '/dev/core', target: '/proc/kcore', optional: true },
];

const types: Readonly<Record<string, number>> = {
  c: S_IFCHR,
  u: S_IFCHR,
  b: S_IFBLK,
  p: S_IFIFO,
};

const defaultNode = ([path, major, minor]: (typeof defaultDevices)[number]): DevicePlan => ({
  at: '/linux/devices',
  path,
  mode: S_IFCHR | 0o666,
  major,
  minor,
  uid: 0,
  gid: 0,
});

const plannedNode = (device: LinuxDevice, index: number): DevicePlan => ({
  at: `/linux/devices/${index}`,
  path: cleanPath(device.path),
  mode: (types[device.type] ?? 0) | ((device.fileMode ?? 0o666) & 0o7777),
  major: Number(device.major ?? 0),
  minor: Number(device.minor ?? 0),
  uid: device.uid ?? 0,
  gid: device.gid ?? 0,
});

/** A /dev that is bound from the host is the host's: nothing is made in it. */
export function planDevices(spec: Spec, mounts: readonly MountPlan[]): DevicesPlan {
  const bound = mounts.some(({ kind, destination }) => kind === 'bind' && destination === '/dev');
  const own = (spec.linux?.devices ?? []).map(plannedNode);
  if (bound) return { nodes: own.filter(({ path }) => !path.startsWith('/dev/')), links: [] };
  const paths = new Set(own.map(({ path }) => path));
  const nodes = defaultDevices.map(defaultNode).filter(({ path }) => !paths.has(path));
  return { nodes: [...nodes, ...own], links };
}
