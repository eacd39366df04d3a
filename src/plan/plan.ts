import type { IdMapping } from '../generated/spec-types.js';
import type { CapabilitySet } from '../linux/capabilities.js';
import type { NamespaceKind } from '../linux/namespaces.js';
import type { InitHooksPlan } from './hooks.js';

/**
 * All that will be done inside a container, computed before anything is done: plain JSON, so that
 * the same Plan reaches a forked child by copy-on-write and a re-executed one by a memfd.
 */
export interface Plan {
  readonly id: string;
  /** A further process of a container that is there: nothing is built. */
  readonly enters?: true;
  readonly namespaces: NamespacesPlan;
  readonly session: SessionPlan;
  readonly security: SecurityPlan;
  readonly root: RootPlan;
  readonly mounts: readonly MountPlan[];
  readonly devices: DevicesPlan;
  readonly paths: PathsPlan;
  readonly cgroups: CgroupViewPlan;
  readonly identity: IdentityPlan;
  readonly process: ProcessPlan;
  readonly terminal: TerminalPlan | null;
  /** Limits that the parent sets: nobody in a user namespace may raise one, setrlimit(2). */
  readonly parentRlimits: readonly RlimitPlan[];
  readonly hooks: InitHooksPlan | null;
}

export interface NamespacesPlan {
  /** clone3(2) flags of the container's process. */
  readonly clone: number;
  /**
   * Null when that process is born right away. Otherwise a stage before it joins what is to be
   * joined and unshares these: what is made in a user namespace belongs to its root, and the pid and
   * time namespaces that a process has chosen are those of its children.
   */
  readonly stage: number | null;
  /** unshare(2) flags once the child is in its cgroups. */
  readonly unshare: number;
  /** Namespaces that exist already; the child enters them in this order. */
  readonly joins: readonly {
    readonly kind: NamespaceKind;
    readonly path: string;
    readonly at: string;
  }[];
  /** True when the container has a mount namespace of its own. */
  readonly mount: boolean;
  /** True when the network namespace is new, so that its loopback is down. */
  readonly loopback: boolean;
  readonly user: UserPlan | null;
  /** Lines of /proc/PID/timens_offsets. */
  readonly timeOffsets: string;
}

/** A user namespace. When one is joined, its mappings must be these, if there are any. */
export interface UserPlan {
  readonly kind: 'new' | 'join';
  readonly uids: readonly IdMapping[];
  readonly gids: readonly IdMapping[];
}

export interface SessionPlan {
  /** Name of the session keyring to join, or null to keep the caller's. */
  readonly keyring: string | null;
}

export interface SecurityPlan {
  /** AppArmor profile of the process, or null for the caller's. */
  readonly apparmor: string | null;
  /** SELinux label of the process, or null for what the policy chooses. */
  readonly selinux: string | null;
  /** fsconfig(2): the label of new file systems, or nothing. */
  readonly mounts: readonly (readonly [key: string, label: string])[];
}

export interface RootPlan {
  /** Absolute path in the host. */
  readonly path: string;
  readonly readonly: boolean;
  /** MS_PRIVATE, MS_SLAVE … of the container's root mount, and whether it goes for all below. */
  readonly propagation: { readonly type: number; readonly recursive: boolean };
  readonly pivot: boolean;
}

export interface Attributes {
  readonly set: number;
  readonly clear: number;
}

/** The ids of an ID-mapped mount, mount_setattr(2): those of a user namespace. */
export interface IdmapPlan {
  /** A user namespace that exists already, or '' for one with these mappings. */
  readonly path: string;
  /** Lines of uid_map and gid_map, user_namespaces(7). */
  readonly uids: string;
  readonly gids: string;
  /** For everything below as well. */
  readonly recursive: boolean;
}

export interface MountPlan {
  /** JSON pointer. */
  readonly at: string;
  readonly kind: 'filesystem' | 'bind' | 'remount' | 'cgroup';
  readonly destination: string;
  readonly source: string;
  readonly type: string;
  /** rbind: everything mounted below the source comes along. */
  readonly tree: boolean;
  readonly attributes: Attributes;
  /** rro, rnosuid … : for the mount and all below. */
  readonly recursive: Attributes;
  readonly propagation: readonly { readonly type: number; readonly recursive: boolean }[];
  /** fsconfig(2): key and value, or null for a flag. */
  readonly config: readonly (readonly [key: string, value: string | null])[];
  /** Attributes that wait until devices and mount points have been made in it. */
  readonly late: number;
  /** tmpfs without `mode=`: takes over the mode of the directory that it covers. */
  readonly inheritMode: boolean;
  /** tmpcopyup: what a tmpfs covers is copied into it. */
  readonly copyUp?: true;
  readonly idmap?: IdmapPlan;
  /** The parent opens the source: the child has no power over it, or cannot reach it. */
  readonly handed?: true;
  /** src-nofollow: a source that is a symbolic link is mounted itself. */
  readonly sourceNoFollow?: true;
  /** dest-nofollow: a symbolic link at the destination is mounted over. */
  readonly destinationNoFollow?: true;
  /** copy-symlink: a source that is a symbolic link is made anew at the destination. */
  readonly copySymlink?: true;
}

export interface DevicePlan {
  readonly at: string;
  readonly path: string;
  /** S_IFCHR, S_IFBLK or S_IFIFO with the permission bits. */
  readonly mode: number;
  readonly major: number;
  readonly minor: number;
  readonly uid: number;
  readonly gid: number;
}

export interface LinkPlan {
  readonly path: string;
  readonly target: string;
  /** Made only if the target is there. */
  readonly optional?: true;
}

export interface DevicesPlan {
  readonly nodes: readonly DevicePlan[];
  readonly links: readonly LinkPlan[];
}

/** What a mount of type `cgroup` shows. */
export interface CgroupViewPlan {
  /** True when the container has a cgroup namespace of its own. */
  readonly namespaced: boolean;
  /** v1: one entry per hierarchy. */
  readonly hierarchies: readonly {
    /** Directory below the mount: `cpu,cpuacct`. */
    readonly name: string;
    readonly controllers: readonly string[];
    /** The container's own cgroup. */
    readonly directory: string;
  }[];
  /** v2: the container's own cgroup. */
  readonly unified: string | null;
}

export interface PathsPlan {
  readonly masked: readonly string[];
  readonly readonly: readonly string[];
  /** Files below /proc/sys with their values. */
  readonly sysctls: readonly {
    readonly file: string;
    readonly value: string;
    readonly at: string;
  }[];
}

export interface IdentityPlan {
  readonly hostname: string | null;
  readonly domainname: string | null;
}

export interface Capabilities {
  readonly bounding: CapabilitySet;
  readonly effective: CapabilitySet;
  readonly permitted: CapabilitySet;
  readonly inheritable: CapabilitySet;
  readonly ambient: CapabilitySet;
}

export interface RlimitPlan {
  readonly name: string;
  /** RLIMIT_… of getrlimit(2). */
  readonly resource: number;
  /** Decimal text: they have 64 bits, and a Plan is plain JSON. */
  readonly soft: string;
  readonly hard: string;
}

/** What the process is given besides limits; a field that is absent is left as it is. */
export interface TuningPlan {
  readonly scheduler?: SchedulerPlan;
  /** As ioprio_set(2) takes it: class and level. */
  readonly ioPriority?: { readonly name: string; readonly value: number };
  readonly personality?: { readonly name: string; readonly value: number };
  readonly memoryPolicy?: MemoryPolicyPlan;
}

export interface SchedulerPlan {
  readonly name: string;
  readonly policy: number;
  readonly flags: number;
  readonly nice: number;
  readonly priority: number;
  /** Nanoseconds as decimal text: they have 64 bits, and a Plan is plain JSON. */
  readonly runtime: string;
  readonly deadline: string;
  readonly period: string;
}

export interface MemoryPolicyPlan {
  readonly name: string;
  /** With its flags. */
  readonly mode: number;
  readonly nodes: readonly number[];
}

/** A pseudoterminal that the process gets as its standard streams. */
export interface TerminalPlan {
  /** Bound at /dev/console, which is made first or has to be there; null: there it is not ours. */
  readonly console: 'made' | 'found' | null;
  readonly size: { readonly rows: number; readonly columns: number } | null;
}

/** A filter of system calls, ready to be loaded. */
export interface SeccompPlan {
  /** struct sock_filter, one after the other, as a text that stands for bytes (Engine.decode). */
  readonly program: string;
  /** SECCOMP_FILTER_FLAG_…, seccomp(2). */
  readonly flags: number;
  /** Somebody outside decides about calls: init hands the listener to its parent. */
  readonly notifies: boolean;
}

export interface ProcessPlan {
  readonly args: readonly string[];
  /** Without HOME when the configuration has none: the child looks it up. */
  readonly env: readonly string[];
  readonly cwd: string;
  readonly uid: number;
  readonly gid: number;
  /** Null: those of the caller stay. */
  readonly groups: readonly number[] | null;
  readonly umask: number | null;
  readonly capabilities: Capabilities;
  readonly noNewPrivileges: boolean;
  readonly rlimits: readonly RlimitPlan[];
  readonly tuning: TuningPlan;
  readonly seccomp: SeccompPlan | null;
  /** Descriptors 3 … 3+n-1 that the process inherits. */
  readonly extraFds: number;
}
