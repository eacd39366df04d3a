import type { Context } from '../host/host.js';

/** What every verb is given first. */
export interface RuntimeContext extends Context {
  /** Absolute path of the state root. */
  readonly root: string;
  /** True when the caller named the root, so that a missing one is an error to `list`. */
  readonly rootGiven: boolean;
  readonly cgroupManager: 'cgroupfs' | 'systemd' | 'disabled';
  readonly rootless: 'true' | 'false' | 'auto';
  /** Where resctrl is; otherwise it is looked for. */
  readonly resctrl?: string;
}

export interface CreateOptions {
  readonly id: string;
  /** Absolute path. */
  readonly bundle: string;
  /** Absolute path. */
  readonly pidFile?: string;
  /** Absolute path of a socket that is given the terminal of a process nobody here waits for. */
  readonly consoleSocket?: string;
  /** Absolute path of a socket that is given a pidfd of the process. */
  readonly pidfdSocket?: string;
  readonly noPivot?: boolean;
  readonly noNewKeyring?: boolean;
  readonly preserveFds?: number;
}

export interface RunOptions extends CreateOptions {
  readonly detach?: boolean;
  readonly keep?: boolean;
  readonly noSubreaper?: boolean;
}

/** What `state` prints (runtime.md#state), with runc's additions. */
export interface ContainerState {
  readonly ociVersion: string;
  readonly id: string;
  /** 0 when stopped. */
  readonly pid: number;
  readonly status: 'created' | 'running' | 'paused' | 'stopped';
  readonly bundle: string;
  readonly rootfs: string;
  /** RFC 3339 with nanoseconds, UTC. */
  readonly created: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly owner: string;
}
