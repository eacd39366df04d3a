import { during } from '../errors/error.js';
import { type Fd, owned } from '../host/fd.js';
import { openAt } from '../host/io.js';
import { Root } from '../host/root.js';
import { stat } from '../host/stat.js';
import {
  AT_FDCWD,
  CLONE_FS,
  CLONE_NEWNS,
  MNT_DETACH,
  MOUNT_ATTR_RDONLY,
  MOVE_MOUNT_F_EMPTY_PATH,
  MS_PRIVATE,
  MS_SHARED,
  MS_SLAVE,
  MS_UNBINDABLE,
  O_DIRECTORY,
  O_NOFOLLOW,
  O_PATH,
  STATX_ATTR_MOUNT_ROOT,
} from '../linux/constants.js';
import { parentOf } from '../plan/path.js';
import { attach, changeMount, cloneMount } from './attach.js';
import type { InitContext } from './context.js';

/**
 * What we mount below a shared mount would appear in the host as well, so the mount that holds the
 * root file system leaves its peer group first.
 */
function makeParentPrivate(context: InitContext, path: string): void {
  for (let at = path; ; at = parentOf(at)) {
    using directory = openAt(context, AT_FDCWD, at, O_PATH | O_DIRECTORY);
    if (at !== '/' && !(stat(context, directory.number).attributes & STATX_ATTR_MOUNT_ROOT))
      continue;
    changeMount(context, directory.number, { propagation: MS_PRIVATE });
    return;
  }
}

/** setns(2) refuses a process whose threads share their working directory and root. */
export function joinMountNamespace(context: InitContext): void {
  context.host.sys.unshare(CLONE_FS);
  context.host.sys.setns(context.mountNamespace, CLONE_NEWNS);
}

/** The root file system as a mount of its own, in the container's mount namespace. */
export function enterMountNamespace(context: InitContext): Root {
  const { namespaces, root } = context.plan;
  if (context.mountNamespace >= 0) joinMountNamespace(context);
  if (!namespaces.mount)
    return new Root(
      context,
      openAt(context, AT_FDCWD, root.path, O_PATH | O_DIRECTORY | O_NOFOLLOW),
    );
  context.host.sys.unshare(CLONE_NEWNS);
  using host = openAt(context, AT_FDCWD, '/', O_PATH | O_DIRECTORY);
  const { type } = root.propagation;
  // Unbindable would keep the sources of bind mounts from being bound; nothing of it stays anyway.
  const propagation = type === MS_UNBINDABLE ? MS_PRIVATE : type;
  changeMount(context, host.number, { propagation, recursive: true });
  if (type === MS_SHARED) makeParentPrivate(context, root.path);
  const mount = during(`root file system ${root.path}`, () => {
    using directory = openAt(context, AT_FDCWD, root.path, O_PATH | O_DIRECTORY | O_NOFOLLOW);
    return owned(cloneMount(context, directory.number, '', true), (clone) => {
      // pivot_root(2): the new root must not be shared yet.
      if (type === MS_SHARED) changeMount(context, clone.number, { propagation: MS_PRIVATE });
      attach(context, clone, directory);
    });
  });
  return new Root(context, mount);
}

/** pivot_root(2), "pivot_root(".", ".")": no directory is needed to put the old root in. */
function pivot(context: InitContext): void {
  const { sys } = context.host;
  using old = openAt(context, AT_FDCWD, '/', O_PATH | O_DIRECTORY);
  sys.pivotRoot('.', '.');
  sys.fchdir(old.number);
  // Unmounting must not reach the host through peer groups.
  changeMount(context, old.number, { propagation: MS_SLAVE, recursive: true });
  sys.umount2('.', MNT_DETACH);
}

/**
 * Without pivot_root (an initramfs has no parent to swap with) the root file system is moved over
 * `/`; the host's file systems are taken out of reach below it first.
 */
function moveRoot(context: InitContext, root: Root): void {
  const { raw, sys } = context.host;
  for (const path of ['/proc', '/sys']) raw.umount2(path, MNT_DETACH);
  sys.moveMount(root.fd.number, '', AT_FDCWD, '/', MOVE_MOUNT_F_EMPTY_PATH);
  sys.fchdir(root.fd.number);
  sys.chroot('.');
}

export function switchRoot(context: InitContext, root: Root): void {
  const { sys } = context.host;
  sys.fchdir(root.fd.number);
  if (!context.plan.namespaces.mount) sys.chroot('.');
  else if (context.plan.root.pivot) pivot(context);
  else moveRoot(context, root);
  sys.chdir('/');
  finishPropagation(context, root.fd);
}

function finishPropagation(context: InitContext, root: Fd): void {
  const { type } = context.plan.root.propagation;
  if (context.plan.namespaces.mount && type !== MS_PRIVATE)
    changeMount(context, root.number, { propagation: type });
}

export function finishRoot(context: InitContext, root: Root): void {
  if (context.plan.root.readonly)
    during('make the root file system read-only', () =>
      changeMount(context, root.fd.number, { set: MOUNT_ATTR_RDONLY }),
    );
}
