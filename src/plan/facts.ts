import type { CapabilitySet } from '../linux/capabilities.js';

/** A running lxcfs. */
export interface LxcfsFacts {
  /** Where it is mounted. */
  readonly place: string;
  /** Those of its files that this version of it has. */
  readonly files: readonly string[];
}

/** All that a plan may know about the machine and its caller. */
export interface Facts {
  /** What this process may hand on; anything else a configuration asks for is left out. */
  readonly capabilities: CapabilitySet;
  readonly euid: number;
  readonly egid: number;
  /** Descriptors that systemd(1) passed to this very process, sd_listen_fds(3). */
  readonly listenFds: number;
  /** Null unless the configuration asks for it. */
  readonly lxcfs: LxcfsFacts | null;
}
