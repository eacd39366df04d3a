import { RuntimeError } from '../errors/error.js';
import type { Mount } from '../generated/spec-types.js';
import { MOUNT_ATTR_RDONLY } from '../linux/constants.js';
import type { UserNamespace } from './idmaps.js';
import { planExtensions } from './mount-extensions.js';
import { type MountOptions, readOptions } from './mount-options.js';
import { cleanPath } from './path.js';
import type { MountPlan } from './plan.js';

/** Where lxcfs may put its files; anything else under /proc is refused (CVE-2019-16884). */
const allowedInProc: readonly string[] = [
  'cpuinfo',
  'diskstats',
  'meminfo',
  'stat',
  'swaps',
  'uptime',
  'loadavg',
  'slabinfo',
  'sys/kernel/ns_last_pid',
  'sys/crypto/fips_enabled',
].map((name) => `/proc/${name}`);

/** Directories that other things are made in, so they turn read-only last. */
const isLate = (type: string, destination: string) => type === 'tmpfs' || destination === '/dev';

function kindOf(mount: Mount, parsed: MountOptions): MountPlan['kind'] {
  if (parsed.remount) return 'remount';
  if (parsed.bind !== null || mount.type === 'bind') return 'bind';
  return mount.type === 'cgroup' || mount.type === 'cgroup2' ? 'cgroup' : 'filesystem';
}

function checkDestination(destination: string, kind: string, type: string, at: string): void {
  const refuse = (message: string) => {
    throw new RuntimeError('invalid-config', message, { at: `${at}/destination` });
  };
  if (destination === '/') refuse('a mount cannot cover the root of the container');
  const inside = destination.startsWith('/proc/');
  if (inside && !allowedInProc.includes(destination))
    refuse(`"${destination}" cannot be mounted because it is inside /proc`);
  if (destination === '/proc' && kind === 'filesystem' && type !== 'proc')
    refuse(`"${destination}" cannot be mounted because it is not of type proc`);
}

/** What a mount of some kind must have, and what it cannot have. */
function checkKind(
  mount: Mount,
  kind: string,
  type: string,
  parsed: MountOptions,
  at: string,
): void {
  const words = parsed.data.join(',');
  if (kind === 'filesystem' && type === '')
    throw new RuntimeError('invalid-config', 'a mount that is no bind mount needs a type', { at });
  if (kind === 'bind' && mount.source === undefined)
    throw new RuntimeError('invalid-config', 'a bind mount needs a source', { at });
  // mount(8), "Bind mount operation": such a remount changes the mount alone.
  const bound = kind === 'bind' || (kind === 'remount' && parsed.bind !== null);
  if (bound && words !== '')
    throw new RuntimeError(
      'invalid-config',
      `bind mounts cannot have any filesystem-specific options applied: "${words}"`,
      { at: `${at}/options` },
    );
}

/** mount_setattr(2): it takes CAP_SYS_ADMIN over the file system. */
function refuseIdmap(at: string): never {
  throw new RuntimeError('not-supported', 'ID-mapped mounts take privileges over the host', {
    at,
    hint: 'a rootless runtime has none: give the files an owner that the container’s ids reach',
  });
}

const isTmpfs = (kind: string, type: string) => kind === 'filesystem' && type === 'tmpfs';

/** config.md#mounts: one entry → what to do. Options are read here and nowhere else. */
export function planMount(
  mount: Mount,
  index: number,
  bundle: string,
  users: UserNamespace | null = null,
  hands = true,
): MountPlan {
  const at = `/mounts/${index}`;
  const parsed = readOptions(mount.options ?? []);
  const kind = kindOf(mount, parsed);
  const destination = cleanPath(mount.destination);
  const type = kind === 'bind' ? 'bind' : (mount.type ?? '');
  checkDestination(destination, kind, type, at);
  checkKind(mount, kind, type, parsed, at);
  const source = mount.source ?? type;
  const late = kind !== 'bind' && isLate(type, destination) ? MOUNT_ATTR_RDONLY : 0;
  const { attributes, recursive } = parsed;
  const extensions = planExtensions(mount, parsed, isTmpfs(kind, type) ? 'tmpfs' : kind, users, at);
  if (extensions.idmap && !hands) refuseIdmap(at);
  return {
    at,
    kind,
    destination,
    source: kind === 'bind' && !source.startsWith('/') ? cleanPath(`${bundle}/${source}`) : source,
    type,
    tree: parsed.bind === 'rbind',
    attributes: { set: attributes.set & ~late, clear: attributes.clear },
    recursive: { set: recursive.set & ~late, clear: recursive.clear },
    propagation: parsed.propagation,
    config: parsed.config,
    late: (attributes.set | recursive.set) & late,
    inheritMode: type === 'tmpfs' && !parsed.data.some((word) => word.startsWith('mode=')),
    ...extensions,
    ...(kind === 'bind' && users !== null && hands && { handed: true }),
  };
}
