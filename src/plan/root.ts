import type { Spec } from '../generated/spec-types.js';
import { mountWords } from '../linux/mount-options.js';
import { cleanPath } from './path.js';
import type { RootPlan } from './plan.js';

/** config.md#root; config-linux.md#rootfs-mount-propagation: private unless asked otherwise. */
export function planRoot(spec: Spec, bundle: string, pivot: boolean): RootPlan {
  const path = spec.root?.path ?? '';
  const word = mountWords[spec.linux?.rootfsPropagation || 'rprivate'];
  return {
    path: cleanPath(path.startsWith('/') ? path : `${bundle}/${path}`),
    readonly: spec.root?.readonly === true,
    propagation: { type: word?.propagation ?? 0, recursive: word?.recursive === true },
    pivot,
  };
}
