import type { Spec } from '../generated/spec-types.js';
import { pointer } from '../spec/complaint.js';

/** A network device that goes from the runtime's network namespace into the container's. */
export interface NetDevicePlan {
  /** JSON pointer. */
  readonly at: string;
  /** Its name in the runtime's namespace. */
  readonly host: string;
  /** Its name in the container; with `%d` a template for one that is free. */
  readonly name: string;
}

/** config-linux.md#network-devices */
export const planNetDevices = ({ linux }: Spec): readonly NetDevicePlan[] =>
  Object.entries(linux?.netDevices ?? {}).map(([host, { name }]) => ({
    at: pointer('linux', 'netDevices', host),
    host,
    name: name || host,
  }));
