import type { Fd } from '../host/fd.js';
import type { Context } from '../host/host.js';
import type { Root } from '../host/root.js';
import type { ProgramOutput } from '../linux/program.js';
import type { Plan } from '../plan/plan.js';

/** Descriptors that the parent has opened, by the index of the mount that they are for. */
export interface HandedMounts {
  /** Detached copies of the sources of bind mounts, ID-mapped already if they have to be. */
  readonly trees: Readonly<Record<number, number>>;
  /** User namespaces for mounts that the child makes and ID-maps itself. */
  readonly userNamespaces: Readonly<Record<number, number>>;
}

/** What every step of the child is given. */
export interface InitContext extends Context {
  readonly plan: Plan;
  /** Socket to the parent. */
  readonly channel: number;
  /** Listening socket at which `start` will knock, or -1. */
  readonly listener: number;
  /** A mount namespace to enter, or -1. */
  readonly mountNamespace: number;
  /** The root directory of a container without a mount namespace that is entered, or -1. */
  readonly root: number;
  readonly mounts: HandedMounts;
  /** Where other threads of the engine wait until execve: they abort the process without it. */
  readonly engineFds?: readonly number[];
  /** Files of the host that hooks write to, opened by the parent, who may. */
  readonly hookOutput: ProgramOutput;
}

/** Where the process will live, and the terminal that it gets, if any. */
export interface Entered {
  readonly root: Root;
  readonly terminal: Fd | null;
}
