import type { CgroupRecord } from '../cgroup/driver.js';
import type { ExecCpuAffinity, Linux } from '../generated/spec-types.js';
import type { NamespaceKind } from '../linux/namespaces.js';
import type { LaterHooks } from '../plan/hooks.js';

/** Directories of the container's groups: of what limits it, and of what counts for it alone. */
export interface ResctrlRecord {
  readonly group: string;
  readonly monitor: string | null;
}

/**
 * The first line of state.json: what tells the status of a container and describes it. `list` reads
 * no more of each.
 */
export interface ContainerHead {
  /** Of this format; another number is refused by name. */
  readonly version: 1;
  /** `creating` until init has reported that it is ready. */
  readonly phase: 'creating' | 'created';
  readonly ociVersion: string;
  /** 0 while creating. */
  readonly pid: number;
  /** Field 22 of /proc/PID/stat: a recycled pid has another one. */
  readonly startTime: string;
  readonly bundle: string;
  readonly rootfs: string;
  readonly created: string;
  readonly annotations: Readonly<Record<string, string>>;
  /** The file that tells whether its processes are frozen; null without a cgroup of its own. */
  readonly freezer: string | null;
}

/** What state.json holds; private to this program. */
export interface ContainerRecord extends ContainerHead {
  readonly id: string;
  /** The container has a pid namespace of its own: its processes die with init. */
  readonly ownPids: boolean;
  readonly cgroup: CgroupRecord;
  /** Every kind that the configuration lists: what a further process has to enter. */
  readonly namespaces: readonly NamespaceKind[];
  /** The session keyring is the caller's. */
  readonly noNewKeyring?: true;
  /** What holds for every process of the container. */
  readonly linux?: Pick<Linux, 'personality' | 'memoryPolicy'>;
  /** Where the container is in resctrl. */
  readonly rdt?: ResctrlRecord;
  /** Directories of resctrl that the container takes with it. */
  readonly resctrl?: readonly string[];
  /** For processes that are added later (config.md#linux-process); init has nothing of it. */
  readonly execCpuAffinity?: ExecCpuAffinity;
  /** Only when there are any. */
  readonly hooks?: LaterHooks;
}
