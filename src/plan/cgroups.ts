import type { CgroupRecord } from '../cgroup/driver.js';
import type { Spec } from '../generated/spec-types.js';
import { nameOf } from './path.js';
import type { CgroupViewPlan } from './plan.js';

/** What a mount of type `cgroup` will show: the host's hierarchies under the host's names. */
export function planCgroupView(spec: Spec, record: CgroupRecord): CgroupViewPlan {
  const v1 = record.directories.filter(({ controllers }) => controllers.length > 0);
  const unified = record.directories.find(({ controllers }) => controllers.length === 0);
  return {
    namespaced: (spec.linux?.namespaces ?? []).some(({ type }) => type === 'cgroup'),
    hierarchies: v1.map(({ mountpoint, controllers, path }) => ({
      name: nameOf(mountpoint),
      controllers,
      directory: path,
    })),
    unified: unified?.path ?? null,
  };
}
