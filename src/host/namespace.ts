import { AT_FDCWD, NS_GET_NSTYPE, NSFS_MAGIC } from '../linux/constants.js';
import { type NamespaceKind, namespaceKinds } from '../linux/namespaces.js';
import type { Context } from './host.js';
import { readTextAt } from './io.js';
import { fileSystemOf } from './stat.js';

/** What kind of namespace a descriptor stands for, ioctl_nsfs(2); null for anything else. */
export function namespaceKindOf(context: Context, fd: number): NamespaceKind | null {
  if (fileSystemOf(context, fd) !== NSFS_MAGIC) return null;
  const flag = context.host.sys.ioctl(fd, NS_GET_NSTYPE, null);
  const kinds = Object.keys(namespaceKinds) as NamespaceKind[];
  return kinds.find((kind) => namespaceKinds[kind].flag === flag) ?? null;
}

/** user_namespaces(7): the first namespace maps every id to itself. */
export function inFirstUserNamespace(context: Context): boolean {
  const map = readTextAt(context, AT_FDCWD, '/proc/self/uid_map');
  return /^\s*0\s+0\s+4294967295\s*$/.test(map);
}
