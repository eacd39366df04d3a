import { type Fd, owned } from '../host/fd.js';
import { openAt } from '../host/io.js';
import {
  AT_FDCWD,
  MOUNT_ATTR_NODEV,
  MOUNT_ATTR_NOEXEC,
  MOUNT_ATTR_NOSUID,
  MOUNT_ATTR_RDONLY,
  O_DIRECTORY,
  O_PATH,
} from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import type { CgroupViewPlan, MountPlan } from '../plan/plan.js';
import { attach, changeMount, cloneMount, type FsConfig, newMount, orElse } from './attach.js';
import type { InitContext } from './context.js';

type HierarchyView = CgroupViewPlan['hierarchies'][number];

const baseConfig: FsConfig = [
  ['source', 'cgroup'],
  ['mode', '755'],
];

const safe = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;

/** cgroups(7): controllers are flags of a v1 mount, a named hierarchy is `name=`. */
const hierarchyConfig = ({ controllers }: HierarchyView): FsConfig =>
  controllers.map((controller) =>
    controller.startsWith('name=') ? ['name', controller.slice(5)] : [controller, null],
  );

/** Not allowed in this user namespace, or not with these options: see cgroup_namespaces(7). */
const refused = [errno.EPERM, errno.EBUSY];

/**
 * Inside a cgroup namespace a new mount shows the container's cgroup as its root; without one, or
 * where it is refused, the container's own directory is bound.
 */
function mountOwn(
  context: InitContext,
  type: string,
  config: FsConfig,
  directory: string,
  attributes: number,
): Fd {
  const bind = () =>
    owned(cloneMount(context, AT_FDCWD, directory, false), ({ number }) =>
      changeMount(context, number, { set: attributes }),
    );
  if (!context.plan.cgroups.namespaced) return bind();
  return orElse(refused, () => newMount(context, type, config, attributes), bind);
}

/** `cpu,cpuacct` is reached as `cpu` and as `cpuacct` too. */
function linkControllers(context: InitContext, directory: Fd, view: HierarchyView): void {
  if (view.controllers.length < 2) return;
  for (const controller of view.controllers)
    context.host.sys.symlinkat(view.name, directory.number, controller);
}

function mountV1(context: InitContext, plan: MountPlan, target: Fd): Fd {
  const readonly = plan.attributes.set & MOUNT_ATTR_RDONLY;
  const config = [...baseConfig, ...context.plan.security.mounts];
  const base = newMount(context, 'tmpfs', config, plan.attributes.set & ~readonly);
  return owned(base, ({ number }) => {
    attach(context, base, target);
    for (const view of context.plan.cgroups.hierarchies)
      placeHierarchy(context, base, view, safe | readonly);
    if (readonly !== 0) changeMount(context, number, { set: readonly });
  });
}

function placeHierarchy(
  context: InitContext,
  base: Fd,
  view: HierarchyView,
  attributes: number,
): void {
  context.host.sys.mkdirat(base.number, view.name, 0o755);
  using directory = openAt(context, base.number, view.name, O_PATH | O_DIRECTORY);
  const config = hierarchyConfig(view);
  using mount = mountOwn(context, 'cgroup', config, view.directory, attributes);
  attach(context, mount, directory);
  linkControllers(context, base, view);
}

const mountV2 = (context: InitContext, plan: MountPlan, target: Fd, own: string): Fd =>
  owned(mountOwn(context, 'cgroup2', plan.config, own, plan.attributes.set), (mount) =>
    attach(context, mount, target),
  );

/** config-linux.md#cgroup-ownership, #default-filesystems: a mount of type `cgroup`. */
export function mountCgroups(context: InitContext, plan: MountPlan, target: Fd): Fd {
  const { unified, hierarchies } = context.plan.cgroups;
  if (hierarchies.length === 0 && unified !== null) return mountV2(context, plan, target, unified);
  return mountV1(context, plan, target);
}
