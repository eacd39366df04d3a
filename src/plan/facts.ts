import type { CapabilitySet } from '../linux/capabilities.js';

/** All that a plan may know about the machine and its caller. */
export interface Facts {
  /** What this process may hand on; anything else a configuration asks for is left out. */
  readonly capabilities: CapabilitySet;
  readonly euid: number;
  readonly egid: number;
  /** Descriptors that systemd(1) passed to this very process, sd_listen_fds(3). */
  readonly listenFds: number;
}
