import type { BpfInstruction } from '../linux/bpf.js';
import type { UnitPlan, UnitRecord } from './systemd/types.js';
import type { DeviceList } from './v1/devices.js';

/** One mounted v1 hierarchy. */
export interface Hierarchy {
  /** `cpu`, `cpuacct` …, or `name=systemd`. */
  readonly controllers: readonly string[];
  /** Where it is mounted: /sys/fs/cgroup/cpu. */
  readonly mountpoint: string;
  /** The runtime's own cgroup in it: `/` or `/a/b`. */
  readonly own: string;
}

export interface UnifiedHierarchy {
  readonly mountpoint: string;
  readonly own: string;
  /** What cgroup.controllers of the mount point names. */
  readonly controllers: readonly string[];
}

/** What this machine offers, read from /sys/fs/cgroup and /proc/self/cgroup. */
export interface CgroupFacts {
  readonly mode: 'v1' | 'hybrid' | 'v2' | 'none';
  /** v1 and hybrid. */
  readonly hierarchies: readonly Hierarchy[];
  /** hybrid: /sys/fs/cgroup/unified; v2: /sys/fs/cgroup. */
  readonly unified: UnifiedHierarchy | null;
}

/** One write(2) of `value` to `file`; `at` is the JSON pointer that asked for it. */
export interface FileWrite {
  readonly file: string;
  readonly value: string;
  readonly at: string;
  /** Nothing is lost where the kernel lacks the file. */
  readonly mayLack?: true;
  /**
   * It and its neighbours of one controller restrict each other: the kernel may want another order,
   * and answers EINVAL.
   */
  readonly swaps?: true;
  /** Written where the kernel lacks `file`: another scheduler's name for the same. */
  readonly instead?: { readonly file: string; readonly value: string };
  /** Another file that the kernel changes with this one. */
  readonly disturbs?: string;
}

/**
 * A file of cpuset v1 in a new cgroup. It starts empty, and a cgroup without CPUs or memory nodes
 * takes no process (cpuset(7)): it gets `value`, or what the parent has.
 */
export interface InheritedFile {
  readonly mountpoint: string;
  readonly directory: string;
  readonly name: string;
  readonly value: string | null;
  readonly at: string;
}

/** What the files say together must be at most `most` before limits are written. */
export interface UsageCheck {
  /** `memory limit` or `memory+swap limit`. */
  readonly what: string;
  readonly files: readonly string[];
  readonly most: string;
  readonly at: string;
}

/**
 * v1: time for real-time processes. A cgroup can have only what every cgroup above it has, and none
 * has any in the beginning (sched-rt-group.rst).
 */
export interface RealtimePlan {
  readonly mountpoint: string;
  readonly directory: string;
  /** Of cpu.rt_period_us and cpu.rt_runtime_us. */
  readonly limits: readonly NamedLimit[];
}

export interface NamedLimit {
  readonly name: string;
  readonly value: string;
  readonly at: string;
}

/** v1: rules for devices.allow and devices.deny; v2: a program for bpf(2). */
export type DevicePlan =
  | { readonly kind: 'list'; readonly directory: string; readonly list: DeviceList }
  | {
      readonly kind: 'filter';
      readonly directory: string;
      readonly program: readonly BpfInstruction[];
      /** Nothing is forbidden but what is always: a caller who may load no filter goes without. */
      readonly optional: boolean;
    };

/** A container's cgroups as state.json keeps them: all that kill, delete and status need. */
export interface CgroupRecord {
  readonly mode: CgroupFacts['mode'];
  /** Absolute directories, one per hierarchy; with their controllers. */
  readonly directories: readonly CgroupDirectory[];
  /** Of systemd, which made them and has to end it. */
  readonly unit?: UnitRecord;
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
  /** What systemd makes before the container can be there. */
  readonly unit?: UnitPlan;
  /** What a mount of type `cgroup` shows: the container's cgroups, or those that it stays in. */
  readonly view: CgroupRecord;
  /** v2: the host's uid that the container's cgroup is given to, or null. */
  readonly owner: number | null;
  /** v1: what a new cgroup needs before anything can join. */
  readonly inherited: readonly InheritedFile[];
  readonly realtime: RealtimePlan | null;
  /** v2: hands controllers down from the root to the container's parent. */
  readonly before: readonly FileWrite[];
  readonly checks: readonly UsageCheck[];
  /** Written when the container is ready, before its process runs. */
  readonly limits: readonly FileWrite[];
  /** Null when every device is allowed and nothing has to be changed for that. */
  readonly devices: DevicePlan | null;
  /** What the kernel has no longer and nobody would miss: told, not refused. */
  readonly notes: readonly string[];
}

/** New limits for a container that is there; nothing else of it changes. */
export interface UpdatePlan
  extends Pick<CgroupPlan, 'before' | 'realtime' | 'checks' | 'limits' | 'notes'> {
  /** v1: files of cpuset, which have to hold all that those of the cgroups below hold. */
  readonly places: readonly FileWrite[];
}
