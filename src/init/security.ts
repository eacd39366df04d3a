import { asRuntimeError, during, RuntimeError, toData } from '../errors/error.js';
import type { Fd } from '../host/fd.js';
import { mountPrivateProc, writeProc } from '../host/proc.js';
import { errno } from '../linux/errno.js';
import type { InitContext } from './context.js';

const profileAt = '/process/apparmorProfile';
const labelAt = '/process/selinuxLabel';

/** A procfs that nothing of the container can have touched (CVE-2025-52881). */
const ownProc = (context: InitContext, at: string): Fd =>
  during('mount a procfs of our own', () => mountPrivateProc(context), at);

/** proc_pid_attr(5). Podman searches for the path of the file between back-quotes. */
function setAttribute(context: InitContext, proc: Fd, name: string, value: string, at: string) {
  const path = `${context.host.sys.getpid()}/attr/${name}`;
  during(`write \`/proc/${path}\``, () => writeProc(context, proc, path, value), at);
}

const unknownProfile = 'the kernel knows no AppArmor profile of that name: load it first';

function withProfileHint(act: () => void): void {
  try {
    act();
  } catch (thrown) {
    const error = asRuntimeError(thrown);
    const isUnknown = error.call?.name === 'write' && error.call.errno === errno.ENOENT;
    const details = isUnknown ? { ...toData(error), hint: unknownProfile } : toData(error);
    throw new RuntimeError(error.code, error.message, details);
  }
}

/**
 * config.md#linux-process: the next execve(2) enters the profile. With no_new_privs it could only
 * be one that allows less, so this comes first.
 */
export function chooseProfile(context: InitContext): void {
  const { apparmor } = context.plan.security;
  if (apparmor === null) return;
  using proc = ownProc(context, profileAt);
  withProfileHint(() =>
    setAttribute(context, proc, 'apparmor/exec', `exec ${apparmor}`, profileAt),
  );
}

/** The label that the next execve(2) gives to the process. */
export function chooseLabel(context: InitContext): void {
  const { selinux } = context.plan.security;
  if (selinux === null) return;
  using proc = ownProc(context, labelAt);
  setAttribute(context, proc, 'exec', selinux, labelAt);
}

/** Keys that are made meanwhile belong to the container, which could not use them otherwise. */
export function withKeyLabel(context: InitContext, act: () => void): void {
  const { selinux } = context.plan.security;
  if (selinux === null) {
    act();
    return;
  }
  using proc = ownProc(context, labelAt);
  setAttribute(context, proc, 'keycreate', selinux, labelAt);
  act();
  // An empty line takes the label back.
  setAttribute(context, proc, 'keycreate', '\n', labelAt);
}
