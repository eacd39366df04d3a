import type { BusAddress } from '../../dbus/address.js';
import type { Property } from './property.js';

/** What the systemd that makes the unit tells of itself. */
export interface SystemdFacts {
  readonly version: number;
  /** The cgroup below which it keeps its units; `/` or empty for the root. */
  readonly cgroup: string;
  readonly bus: BusAddress;
  /** It is a user's, not the machine's. */
  readonly user: boolean;
}

/** What systemd is asked to make. */
export interface UnitPlan {
  readonly name: string;
  /** All but the processes, which are not there yet. A slice takes none. */
  readonly properties: readonly Property[];
  readonly takesProcesses: boolean;
}

/** How the unit is found again. */
export interface UnitRecord {
  readonly name: string;
  readonly bus: BusAddress;
}
