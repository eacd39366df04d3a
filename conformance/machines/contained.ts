/** What is started here ends with this program, however that ends, SIGKILL included. */
import { quietly } from '../../native/setup/run.js';

export type Command = readonly [program: string, args: readonly string[]];

/** PR_SET_PDEATHSIG: the kernel's own watch. For a program that starts no other. */
export const tied = (program: string, args: readonly string[]): Command => [
  'setpriv',
  ['--pdeathsig', 'KILL', program, ...args],
];

const namespaces = ['--mount', '--propagation', 'private', '--mount-proc', '--pid'];

/**
 * For a program with children, daemons and mounts: no process and no mount outlives the first
 * process of these namespaces. Takes root.
 */
export const contained = (program: string, args: readonly string[]): Command =>
  tied('unshare', [...namespaces, '--fork', '--kill-child', program, ...args]);

/** Runs such a program; its output matters only if it fails. */
export const quietlyContained = (
  what: string,
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<void> => quietly(what, ...contained(program, args), env);
