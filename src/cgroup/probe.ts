import { RuntimeError } from '../errors/error.js';
import { attempt, type Context } from '../host/host.js';
import { AT_FDCWD } from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import type { CgroupFacts, Hierarchy, UnifiedHierarchy } from './driver.js';
import { readRecord } from './files.js';

const ROOT = '/sys/fs/cgroup';
const MEMBERSHIP = '/proc/self/cgroup';

/**
 * What cgroups there are. Nothing is read that grows with the machine: mountinfo has thousands of
 * lines on a busy host. A mounted hierarchy shows itself by the files that only the kernel makes:
 * `cgroup.controllers` in cgroup v2, `tasks` in v1 (cgroups(7)). Six system calls on a v2 host;
 * on v1 seven, and one for each hierarchy.
 */
export function probeCgroups(context: Context): CgroupFacts {
  const lines = membership(context);
  const pure = unifiedAt(context, ROOT, lines);
  if (pure !== null) return { mode: 'v2', hierarchies: [], unified: pure };
  const hierarchies = lines.flatMap((line) => mounted(context, line) ?? []);
  const unified = unifiedAt(context, `${ROOT}/unified`, lines);
  return { mode: modeOf(hierarchies.length > 0, unified !== null), hierarchies, unified };
}

const modeOf = (hierarchies: boolean, unified: boolean): CgroupFacts['mode'] => {
  if (hierarchies) return unified ? 'hybrid' : 'v1';
  return unified ? 'v2' : 'none';
};

/** A line of /proc/PID/cgroup; no controllers: the unified hierarchy. */
export interface Membership {
  readonly controllers: readonly string[];
  readonly own: string;
}

export function parseMembership(text: string): Membership[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [, controllers = '', own = '/'] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
      return { controllers: controllers === '' ? [] : controllers.split(','), own };
    });
}

function membership(context: Context): Membership[] {
  const text = readRecord(context, MEMBERSHIP);
  if (text !== null) return parseMembership(text);
  throw new RuntimeError('host', `${MEMBERSHIP} is missing`, {
    hint: 'is /proc mounted, and does the kernel have cgroups?',
  });
}

function unifiedAt(
  context: Context,
  mountpoint: string,
  lines: readonly Membership[],
): UnifiedHierarchy | null {
  const text = readRecord(context, `${mountpoint}/cgroup.controllers`);
  if (text === null) return null;
  const own = lines.find(({ controllers }) => controllers.length === 0)?.own ?? '/';
  return { mountpoint, own, controllers: text.split(/\s+/).filter((name) => name !== '') };
}

/**
 * Hierarchies of several controllers are mounted under their joined name (`cpu,cpuacct`), some in
 * another order, but then with a link for each controller.
 */
function mounted(context: Context, { controllers, own }: Membership): Hierarchy | null {
  if (controllers.length === 0) return null;
  const names = new Set([controllers.join(','), controllers[0] ?? '']);
  for (const name of names) {
    const mountpoint = `${ROOT}/${name.replace(/^name=/, '')}`;
    const path = `${mountpoint}/tasks`;
    if (attempt(context, [errno.ENOENT], 'faccessat2', AT_FDCWD, path, 0, 0) === 0)
      return { controllers, mountpoint, own };
  }
  return null;
}
