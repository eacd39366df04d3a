import { during, RuntimeError } from '../errors/error.js';
import { type Fd, owned } from '../host/fd.js';
import type { Root } from '../host/root.js';
import { fileSystemOf, stat } from '../host/stat.js';
import { AT_FDCWD, O_NOFOLLOW, O_PATH, PROC_SUPER_MAGIC, S_IFDIR } from '../linux/constants.js';
import type { MountPlan } from '../plan/plan.js';
import { attach, changeMount, cloneMount, type FsConfig, newMount } from './attach.js';
import { mountCgroups } from './cgroups.js';
import type { InitContext } from './context.js';
import { copyUp } from './copy-up.js';

/** A mount that turns read-only once everything has been made in it. */
export interface LateMount {
  readonly mount: Fd;
  readonly attributes: number;
  readonly plan: MountPlan;
}

/** procfs and sysfs under a link would show up where the image wants it (CVE-2019-19921). */
const ordinary = ['proc', 'sysfs'];

function targetOf(root: Root, plan: MountPlan, isDirectory: boolean, context: InitContext): Fd {
  const found = isDirectory ? openDirectory(root, plan, context) : root.makeFile(plan.destination);
  return owned(found, ({ number }) => {
    const inProc = fileSystemOf(context, number) === PROC_SUPER_MAGIC;
    if (!inProc || plan.destination.startsWith('/proc')) return;
    throw new RuntimeError(
      'invalid-config',
      `"${plan.destination}" cannot be mounted because it is inside /proc`,
      { hint: 'the path leads through a symbolic link of the image' },
    );
  });
}

function openDirectory(root: Root, plan: MountPlan, context: InitContext): Fd {
  if (!ordinary.includes(plan.type)) return root.makeDirectory(plan.destination);
  const there = root.openIfThere(plan.destination, O_PATH | O_NOFOLLOW);
  if (there === null) return root.makeDirectory(plan.destination);
  return owned(there, ({ number }) => {
    if (stat(context, number).type === S_IFDIR) return;
    throw new RuntimeError(
      'invalid-config',
      `filesystem "${plan.type}" must be mounted on ordinary directory`,
    );
  });
}

function configOf(context: InitContext, plan: MountPlan, target: Fd): FsConfig {
  const source = ['source', plan.source] as const;
  if (!plan.inheritMode) return [source, ...plan.config];
  const mode = stat(context, target.number).permissions.toString(8);
  return [source, ['mode', mode], ...plan.config];
}

function mountFileSystem(context: InitContext, root: Root, plan: MountPlan): Fd {
  using target = targetOf(root, plan, true, context);
  const config = configOf(context, plan, target);
  return owned(newMount(context, plan.type, config, plan.attributes.set), (mount) => {
    if (plan.copyUp) copyUp(context, target, mount);
    attach(context, mount, target);
  });
}

const mountBind = (context: InitContext, root: Root, plan: MountPlan): Fd =>
  owned(cloneMount(context, AT_FDCWD, plan.source, plan.tree), (mount) =>
    placeBind(context, root, plan, mount),
  );

function placeBind(context: InitContext, root: Root, plan: MountPlan, mount: Fd): void {
  if (plan.destination === '/proc' && fileSystemOf(context, mount.number) !== PROC_SUPER_MAGIC)
    throw new RuntimeError(
      'invalid-config',
      `"${plan.destination}" cannot be mounted because it is not of type proc`,
    );
  const isDirectory = stat(context, mount.number).type === S_IFDIR;
  using target = targetOf(root, plan, isDirectory, context);
  const { set, clear } = plan.attributes;
  if ((set | clear) !== 0) changeMount(context, mount.number, { set, clear });
  attach(context, mount, target);
}

/** mount(8) remount: other attributes for what is mounted there already. */
function remount(context: InitContext, root: Root, plan: MountPlan): Fd {
  return owned(root.open(plan.destination), ({ number }) =>
    changeMount(context, number, plan.attributes),
  );
}

const kinds = {
  filesystem: mountFileSystem,
  bind: mountBind,
  remount,
  cgroup: (context: InitContext, root: Root, plan: MountPlan) => {
    using target = targetOf(root, plan, true, context);
    return mountCgroups(context, plan, target);
  },
} as const;

function mountOne(context: InitContext, root: Root, plan: MountPlan): LateMount {
  const { set, clear } = plan.recursive;
  const mount = owned(kinds[plan.kind](context, root, plan), ({ number }) => {
    if ((set | clear) !== 0) changeMount(context, number, { set, clear, recursive: true });
    for (const { type, recursive } of plan.propagation)
      changeMount(context, number, { propagation: type, recursive });
  });
  return { mount, attributes: plan.late, plan };
}

/** All mounts in the order of the configuration; answers those that have to turn read-only later. */
export function mountAll(context: InitContext, root: Root): LateMount[] {
  const late: LateMount[] = [];
  for (const plan of context.plan.mounts) {
    const done = during(`mount ${plan.destination}`, () => mountOne(context, root, plan), plan.at);
    if (done.attributes === 0) done.mount[Symbol.dispose]();
    else late.push(done);
  }
  return late;
}

export function finishMounts(context: InitContext, late: readonly LateMount[]): void {
  for (const { mount, attributes, plan } of late) {
    during(
      `mount ${plan.destination} read-only`,
      () => changeMount(context, mount.number, { set: attributes }),
      plan.at,
    );
    mount[Symbol.dispose]();
  }
}
