import { RuntimeError } from '../errors/error.js';

const AT = '/linux/cgroupsPath';

/** The components of a path without `.`, `..` and empty ones; `..` cannot leave the top. */
export function components(path: string): string[] {
  const kept: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') kept.pop();
    else if (part !== '' && part !== '.') kept.push(part);
  }
  return kept;
}

/** The kernel writes paths as text, one a line: cgroup_mkdir() refuses a newline too. */
function checkText(path: string): void {
  if (!/[\0\n]/.test(path)) return;
  throw new RuntimeError('invalid-config', 'cgroupsPath has a NUL or a newline in it', { at: AT });
}

/**
 * The container's cgroup within one hierarchy. An absolute path counts from the mount point; a
 * relative one from the runtime's own cgroup in v1. In v2 it counts from the parent of that, since
 * a cgroup with processes in it can hand no controllers to its children (cgroups(7)).
 */
export function cgroupPath(
  cgroupsPath: string | undefined,
  id: string,
  own: string,
  kind: 'v1' | 'v2',
): string {
  const wanted = cgroupsPath || id;
  checkText(wanted);
  const below = components(wanted);
  if (below.length === 0) {
    throw new RuntimeError(
      'invalid-config',
      `cgroupsPath ${JSON.stringify(wanted)} names no cgroup`,
      {
        at: AT,
        hint: 'a container cannot live in the root cgroup: name a new one below it',
      },
    );
  }
  const start = wanted.startsWith('/')
    ? []
    : components(own).slice(0, kind === 'v1' ? undefined : -1);
  return `/${[...start, ...below].join('/')}`;
}

/** Every directory from the mount point to the parent of `path`. */
export function ancestors(mountpoint: string, path: string): string[] {
  const names = components(path.slice(mountpoint.length));
  return names.map((_, i) => [mountpoint, ...names.slice(0, i)].join('/'));
}
