import type { Fd } from '../host/fd.js';
import type { Context } from '../host/host.js';

/** One mounted v1 hierarchy. */
export interface Hierarchy {
  /** `cpu`, `cpuacct` …, or `name=systemd`. */
  readonly controllers: readonly string[];
  /** Where it is mounted: /sys/fs/cgroup/cpu. */
  readonly mountpoint: string;
  /** The runtime's own cgroup in it: `/` or `/a/b`. */
  readonly own: string;
}

/** What this machine offers, read from /sys/fs/cgroup and /proc/self/cgroup. */
export interface CgroupFacts {
  readonly mode: 'v1' | 'hybrid' | 'v2' | 'none';
  /** v1 and hybrid. */
  readonly hierarchies: readonly Hierarchy[];
  /** hybrid: /sys/fs/cgroup/unified; v2: /sys/fs/cgroup. */
  readonly unified: { readonly mountpoint: string; readonly own: string } | null;
}

/** One write(2) of `value` to `file`; `at` is the JSON pointer that asked for it. */
export interface FileWrite {
  readonly file: string;
  readonly value: string;
  readonly at: string;
}

/** A container's cgroups as state.json keeps them: all that kill, delete and status need. */
export interface CgroupRecord {
  readonly mode: CgroupFacts['mode'];
  /** Absolute directories, one per hierarchy; with their controllers. */
  readonly directories: readonly CgroupDirectory[];
}

export interface CgroupDirectory {
  readonly path: string;
  /** Empty for the unified hierarchy. */
  readonly controllers: readonly string[];
  /** The part of `path` that existed before and is never removed. */
  readonly mountpoint: string;
}

/** What will be done to the cgroups; pure data. */
export interface CgroupPlan {
  readonly record: CgroupRecord;
  /** Written when the directories are made (cpuset of v1), before anything joins. */
  readonly before: readonly FileWrite[];
  /** Written when the container is ready, before its process runs. */
  readonly limits: readonly FileWrite[];
  /** v2: the device filter, instructions of bpf(2); null when there is nothing to filter. */
  readonly deviceFilter: readonly number[] | null;
}

/** How a new process gets into the cgroups. */
export interface Entrances extends Disposable {
  /** Directory for clone3(2) CLONE_INTO_CGROUP, or null. */
  readonly unified: Fd | null;
  /** v1 `tasks` files open for writing: the process writes `0` to each. */
  readonly tasks: readonly Fd[];
}

export type { Context };
