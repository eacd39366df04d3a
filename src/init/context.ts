import type { Context } from '../host/host.js';
import type { Plan } from '../plan/plan.js';

/** What every step of the child is given. */
export interface InitContext extends Context {
  readonly plan: Plan;
  /** Socket to the parent. */
  readonly channel: number;
  /** Listening socket at which `start` will knock, or -1. */
  readonly listener: number;
  /** A mount namespace to enter, or -1. */
  readonly mountNamespace: number;
}
