import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

export interface CgroupMount {
  readonly path: string;
  readonly type: 'cgroup' | 'cgroup2';
}

export const unifiedPath = '/sys/fs/cgroup/unified';

/** proc_pid_mountinfo(5): the fifth field is the place; after the dash comes the type. */
export function cgroupMounts(
  text = readFileSync('/proc/self/mountinfo', 'utf8'),
): readonly CgroupMount[] {
  return text.split('\n').flatMap((line) => {
    const [, path, type] = /^(?:\S+ ){4}(\S+) .*? - (cgroup2?) /.exec(line) ?? [];
    return path !== undefined && (type === 'cgroup' || type === 'cgroup2') ? [{ path, type }] : [];
  });
}

/** cgroups(7): version 1 has one hierarchy for each controller, or for a few together. */
export function hierarchies(mounts: readonly CgroupMount[]): readonly string[] {
  return mounts.filter(({ type }) => type === 'cgroup').map(({ path }) => basename(path));
}
