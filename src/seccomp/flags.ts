import { RuntimeError } from '../errors/error.js';
import type { Context } from '../host/host.js';
import {
  SECCOMP_FILTER_FLAG_NEW_LISTENER,
  SECCOMP_FILTER_FLAG_SPEC_ALLOW,
  SECCOMP_FILTER_FLAG_TSYNC,
  SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
  SECCOMP_SET_MODE_FILTER,
} from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import { type SeccompFlag, seccompFlags } from '../linux/seccomp.js';

/** seccomp(2) looks at its flags before it reads the program: without one, EFAULT means yes. */
const takes = ({ host }: Context, flags: number): boolean =>
  host.raw.seccomp(SECCOMP_SET_MODE_FILTER, flags, null) === -errno.EFAULT;

/** This one is for filters with a listener only. */
const withListener = (flags: number): number =>
  flags & SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV ? flags | SECCOMP_FILTER_FLAG_NEW_LISTENER : flags;

const isSupported = (context: Context, flag: SeccompFlag): boolean =>
  takes(context, withListener(seccompFlags[flag]));

/** What this kernel can do, as `features` tells. */
export const supportedFlags = (context: Context): SeccompFlag[] =>
  (Object.keys(seccompFlags) as SeccompFlag[]).filter((flag) => isSupported(context, flag));

/**
 * Without `flags` (an empty list is something else) speculation is allowed where the kernel can, as
 * runc has it.
 */
function wanted(context: Context, flags: readonly SeccompFlag[] | undefined): number {
  if (flags === undefined)
    return takes(context, SECCOMP_FILTER_FLAG_SPEC_ALLOW) ? SECCOMP_FILTER_FLAG_SPEC_ALLOW : 0;
  flags.forEach((flag, i) => {
    if (isSupported(context, flag)) return;
    const at = `/linux/seccomp/flags/${i}`;
    throw new RuntimeError('not-supported', `this kernel does not have ${flag}`, { at });
  });
  return flags.reduce((all, flag) => all | seccompFlags[flag], 0);
}

/** The flags to load a filter with. */
export function loadFlags(
  context: Context,
  flags: readonly SeccompFlag[] | undefined,
  notifies: boolean,
): number {
  // Of several threads (Node has some) execve(2) leaves only the one that loads the filter.
  const asked = wanted(context, flags) & ~SECCOMP_FILTER_FLAG_TSYNC;
  if (notifies) return asked | SECCOMP_FILTER_FLAG_NEW_LISTENER;
  return asked & ~SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
}
