import { RuntimeError } from '../errors/error.js';
import type { Spec } from '../generated/spec-types.js';
import { annotation } from '../spec/annotations.js';
import type { LxcfsFacts } from './facts.js';
import type { UserNamespace } from './idmaps.js';
import { planMount } from './mounts.js';
import type { MountPlan } from './plan.js';

const at = `/annotations/${annotation.lxcfs}`;

/** Where distributions mount it. */
const usualPlace = '/var/lib/lxcfs';

/** What programs read the size and the load of their machine from, and lxcfs has an answer to. */
export const lxcfsFiles: readonly string[] = [
  'cpuinfo',
  'meminfo',
  'stat',
  'uptime',
  'loadavg',
  'swaps',
  'diskstats',
];

/** Where lxcfs is expected; null when nobody asks for it. */
export function lxcfsPlace({ annotations }: Spec): string | null {
  const value = annotations?.[annotation.lxcfs];
  if (value === undefined || value === '' || value === 'false') return null;
  if (value === 'true') return usualPlace;
  if (value.startsWith('/')) return value;
  throw new RuntimeError('invalid-config', `"${value}" is neither true, false nor a path`, {
    at,
    hint: `lxcfs is looked for at ${usualPlace}, or at the path that is given`,
  });
}

const isProc = ({ destination, type, kind }: MountPlan): boolean =>
  destination === '/proc' && (type === 'proc' || kind === 'bind');

/** Bind mounts that come after those of the configuration; files that these cover are left alone. */
export function planLxcfs(
  { place, files }: LxcfsFacts,
  mounts: readonly MountPlan[],
  users: UserNamespace | null,
  hands: boolean,
): MountPlan[] {
  if (!mounts.some(isProc))
    throw new RuntimeError('invalid-config', 'lxcfs needs a container with a mount at /proc', {
      at,
    });
  const taken = new Set(mounts.map(({ destination }) => destination));
  const options = ['bind', 'ro', 'nosuid', 'nodev', 'noexec'];
  return files
    .filter((name) => !taken.has(`/proc/${name}`))
    .map((name) => {
      const mount = { destination: `/proc/${name}`, source: `${place}/proc/${name}`, options };
      return { ...planMount(mount, 0, '/', users, hands), at };
    });
}
