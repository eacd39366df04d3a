import { during, RuntimeError } from '../errors/error.js';
import { Fd, owned } from '../host/fd.js';
import { attempt, type Context } from '../host/host.js';
import { readLinkAt } from '../host/io.js';
import type { Root } from '../host/root.js';
import { fileSystemOf, stat } from '../host/stat.js';
import {
  AT_FDCWD,
  AT_SYMLINK_NOFOLLOW,
  O_NOFOLLOW,
  O_PATH,
  PROC_SUPER_MAGIC,
  S_IFDIR,
  S_IFLNK,
} from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import type { MountPlan } from '../plan/plan.js';
import {
  attach,
  changeMount,
  cloneMount,
  type FsConfig,
  newMount,
  orElse,
  reconfigure,
} from './attach.js';
import { mountCgroups } from './cgroups.js';
import type { InitContext } from './context.js';
import { copyUp } from './copy-up.js';
import { idmapMount } from './idmap.js';
import { changeUnlocked } from './locked.js';

/** A mount that turns read-only once everything has been made in it. */
export interface LateMount {
  readonly mount: Fd;
  readonly attributes: number;
  readonly plan: MountPlan;
}

/** procfs and sysfs under a link would show up where the image wants it (CVE-2019-19921). */
const ordinary = ['proc', 'sysfs'];

function targetOf(root: Root, plan: MountPlan, isDirectory: boolean, context: InitContext): Fd {
  const link = plan.destinationNoFollow
    ? root.openIfThere(plan.destination, O_PATH | O_NOFOLLOW)
    : null;
  const found =
    link ?? (isDirectory ? openDirectory(root, plan, context) : root.makeFile(plan.destination));
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

/** The user namespace for an ID-mapped mount, once its file system has all that it starts with. */
function giveIds(context: InitContext, plan: MountPlan, mount: Fd, index: number): void {
  const users = context.mounts.userNamespaces[index];
  if (users !== undefined) idmapMount(context, plan, mount.number, users);
}

/** What belongs to a namespace, and where the host shows that of its own. */
const ofNamespaces: Readonly<Record<string, string>> = {
  sysfs: '/sys',
  mqueue: '/dev/mqueue',
};

/**
 * A user namespace that has no network or ipc namespace of its own may not mount sysfs or mqueue
 * anew: what the host has mounted shows the same. Its options are kept, with ours on top.
 */
function bindOfHost(context: InitContext, plan: MountPlan, place: string): Fd {
  const { set } = plan.attributes;
  return owned(cloneMount(context, AT_FDCWD, place, true), ({ number }) => {
    if (set !== 0) changeUnlocked(context, number, { set, recursive: true });
  });
}

function makeFileSystem(context: InitContext, plan: MountPlan, config: FsConfig): Fd {
  const make = () => newMount(context, plan.type, config, plan.attributes.set);
  const place = ofNamespaces[plan.type];
  if (place === undefined) return make();
  return orElse([errno.EPERM], make, () => bindOfHost(context, plan, place));
}

function mountFileSystem(context: InitContext, root: Root, plan: MountPlan, index: number): Fd {
  using target = targetOf(root, plan, true, context);
  const config = configOf(context, plan, target);
  return owned(makeFileSystem(context, plan, config), (mount) => {
    if (plan.copyUp) copyUp(context, target, mount);
    giveIds(context, plan, mount, index);
    attach(context, mount, target);
  });
}

/** A detached copy of what a bind mount shows; of a symbolic link itself where that is asked for. */
export const cloneSource = (context: Context, plan: MountPlan): Fd => {
  const { source, tree, sourceNoFollow, copySymlink } = plan;
  const flags = sourceNoFollow || copySymlink ? AT_SYMLINK_NOFOLLOW : 0;
  return cloneMount(context, AT_FDCWD, source, tree, flags);
};

function mountBind(context: InitContext, root: Root, plan: MountPlan, index: number): Fd {
  const handed = context.mounts.trees[index];
  const source = handed === undefined ? cloneSource(context, plan) : new Fd(context, handed);
  return owned(source, (mount) => {
    if (plan.copySymlink && stat(context, mount.number).type === S_IFLNK)
      return copySymlink(context, root, plan, mount);
    giveIds(context, plan, mount, index);
    placeBind(context, root, plan, mount);
  });
}

/** crun's copy-symlink: what stands there already must be the same link. */
function copySymlink(context: InitContext, root: Root, plan: MountPlan, mount: Fd): void {
  const target = readLinkAt(context, mount.number, '');
  const { parent, name } = root.place(plan.destination);
  using directory = parent;
  const args = [target, directory.number, name] as const;
  if (attempt(context, [errno.EEXIST], 'symlinkat', ...args) === 0) return;
  const there = stat(context, directory.number, name).type === S_IFLNK;
  if (there && readLinkAt(context, directory.number, name) === target) return;
  throw new RuntimeError('invalid-config', `something else stands at ${plan.destination} already`, {
    hint: `the symbolic link to ${target} cannot be copied there`,
  });
}

function placeBind(context: InitContext, root: Root, plan: MountPlan, mount: Fd): void {
  if (plan.destination === '/proc' && fileSystemOf(context, mount.number) !== PROC_SUPER_MAGIC)
    throw new RuntimeError(
      'invalid-config',
      `"${plan.destination}" cannot be mounted because it is not of type proc`,
    );
  const isDirectory = stat(context, mount.number).type === S_IFDIR;
  using target = targetOf(root, plan, isDirectory, context);
  const { set, clear } = plan.attributes;
  if ((set | clear) !== 0) changeUnlocked(context, mount.number, { set, clear });
  attach(context, mount, target);
}

/** mount(8) remount: other options for what is mounted there already, and for its file system. */
function remount(context: InitContext, root: Root, plan: MountPlan): Fd {
  return owned(root.open(plan.destination), ({ number }) => {
    changeMount(context, number, plan.attributes);
    if (plan.config.length > 0) reconfigure(context, number, plan.config);
  });
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

function mountOne(context: InitContext, root: Root, plan: MountPlan, index: number): LateMount {
  const { set, clear } = plan.recursive;
  const mount = owned(kinds[plan.kind](context, root, plan, index), ({ number }) => {
    if ((set | clear) !== 0) changeUnlocked(context, number, { set, clear, recursive: true });
    for (const { type, recursive } of plan.propagation)
      changeMount(context, number, { propagation: type, recursive });
  });
  return { mount, attributes: plan.late, plan };
}

/** Several mounts may share one. Nothing that is started later may find them open. */
function closeUserNamespaces({ host, mounts }: InitContext): void {
  for (const number of new Set(Object.values(mounts.userNamespaces))) host.raw.close(number);
}

/** All mounts in the order of the configuration; answers those that have to turn read-only later. */
export function mountAll(context: InitContext, root: Root): LateMount[] {
  const late: LateMount[] = [];
  context.plan.mounts.forEach((plan, i) => {
    const act = () => mountOne(context, root, plan, i);
    const done = during(`mount ${plan.destination}`, act, plan.at);
    if (done.attributes === 0) done.mount[Symbol.dispose]();
    else late.push(done);
  });
  closeUserNamespaces(context);
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
