import type { Spec } from '../generated/spec-types.js';
import { annotation } from '../spec/annotations.js';
import { mountContexts } from '../spec/rules/annotations.js';
import type { MountPlan, SecurityPlan } from './plan.js';

/** What the policy labels by its own rules, and takes no label from a mount for. */
const unlabelled: readonly string[] = ['proc', 'sysfs'];

export function planSecurity({ process, linux, annotations }: Spec): SecurityPlan {
  const label = linux?.mountLabel;
  return {
    apparmor: process?.apparmorProfile || null,
    selinux: process?.selinuxLabel || null,
    mounts: label ? [[annotations?.[annotation.mountContext] || 'context', label]] : [],
  };
}

const isLabelled = ({ kind, type, config }: MountPlan): boolean =>
  kind === 'filesystem' &&
  !unlabelled.includes(type) &&
  !config.some(([key]) => mountContexts.includes(key));

/** config-linux.md#mount-label: new file systems of the container carry it. */
export const labelMounts = (
  mounts: readonly MountPlan[],
  { mounts: label }: SecurityPlan,
): readonly MountPlan[] =>
  label.length === 0
    ? mounts
    : mounts.map((mount) =>
        isLabelled(mount) ? { ...mount, config: [...mount.config, ...label] } : mount,
      );
