import { RuntimeError } from '../errors/error.js';
import type { Spec } from '../generated/spec-types.js';
import type { Context } from '../host/host.js';
import { isApparmorEnabled, isSelinuxEnabled } from '../host/lsm.js';

const off = (message: string, at: string, hint: string): RuntimeError =>
  new RuntimeError('host', message, { at, hint });

/** runc's words; SELinux is asked for by either label. */
const labelWithout = (at: string): RuntimeError =>
  off(
    'selinux label is specified in config, but selinux is disabled or not supported',
    at,
    'boot the machine with SELinux, or leave the label out',
  );

/** Confinement that this machine does not know is an error, never left out. */
export function checkLsm(context: Context, { process, linux }: Spec): void {
  const at = process?.selinuxLabel ? '/process/selinuxLabel' : '/linux/mountLabel';
  if ((process?.selinuxLabel || linux?.mountLabel) && !isSelinuxEnabled(context))
    throw labelWithout(at);
  if (process?.apparmorProfile && !isApparmorEnabled(context))
    throw off(
      'apparmor profile is specified in config, but apparmor is disabled or not supported',
      '/process/apparmorProfile',
      'boot the machine with AppArmor, or leave the profile out',
    );
}
