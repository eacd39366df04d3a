import { asRuntimeError } from '../errors/error.js';
import { Fd } from '../host/fd.js';
import type { Context } from '../host/host.js';
import {
  AT_EMPTY_PATH,
  AT_RECURSIVE,
  FSCONFIG_CMD_CREATE,
  FSCONFIG_CMD_RECONFIGURE,
  FSCONFIG_SET_FLAG,
  FSCONFIG_SET_STRING,
  FSMOUNT_CLOEXEC,
  FSOPEN_CLOEXEC,
  FSPICK_CLOEXEC,
  FSPICK_EMPTY_PATH,
  MOUNT_ATTR__ATIME,
  MOVE_MOUNT_F_EMPTY_PATH,
  MOVE_MOUNT_T_EMPTY_PATH,
  OPEN_TREE_CLOEXEC,
  OPEN_TREE_CLONE,
} from '../linux/constants.js';
import { errno } from '../linux/errno.js';

export interface MountChange {
  readonly set?: number;
  readonly clear?: number;
  /** MS_PRIVATE, MS_SLAVE … */
  readonly propagation?: number;
  readonly recursive?: boolean;
  /** With MOUNT_ATTR_IDMAP: the user namespace whose ids the mount has. */
  readonly userNamespace?: number;
}

/** struct mount_attr: four little-endian 64-bit numbers. One serves every call. */
const attributes = new Uint32Array(8);
const attributeBytes = new Uint8Array(attributes.buffer);

/** mount_setattr(2) on the mount that a descriptor is the root of. */
export function changeMount(context: Context, mount: number, change: MountChange): void {
  const { set = 0, clear = 0, propagation = 0, recursive = false, userNamespace = 0 } = change;
  attributes[0] = set;
  // The kernel wants the whole access time field cleared when one of its values is set.
  attributes[2] = (set | clear) & MOUNT_ATTR__ATIME ? clear | MOUNT_ATTR__ATIME : clear;
  attributes[4] = propagation;
  attributes[6] = userNamespace;
  const flags = AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0);
  context.host.sys.mountSetattr(mount, '', flags, attributeBytes, 32);
}

const cloning = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH;

/** A detached copy of the mount at a path or descriptor, open_tree(2). */
export const cloneMount = (
  context: Context,
  dir: number,
  path: string,
  tree: boolean,
  flags = 0,
): Fd =>
  new Fd(
    context,
    context.host.sys.openTree(dir, path, cloning | flags | (tree ? AT_RECURSIVE : 0)),
  );

/** Puts a detached mount on top of what a descriptor stands for. */
export const attach = (context: Context, mount: Fd, target: Fd): void => {
  const flags = MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH;
  context.host.sys.moveMount(mount.number, '', target.number, '', flags);
};

export type FsConfig = readonly (readonly [key: string, value: string | null])[];

function configure({ host }: Context, fs: number, config: FsConfig): void {
  for (const [key, value] of config) {
    const command = value === null ? FSCONFIG_SET_FLAG : FSCONFIG_SET_STRING;
    host.sys.fsconfig(fs, command, key, value, 0);
  }
}

/** A new detached mount of a file system: fsopen(2), fsconfig(2), fsmount(2). */
export function newMount(context: Context, type: string, config: FsConfig, attributes: number): Fd {
  const { sys } = context.host;
  using fs = new Fd(context, sys.fsopen(type, FSOPEN_CLOEXEC));
  configure(context, fs.number, config);
  sys.fsconfig(fs.number, FSCONFIG_CMD_CREATE, null, null, 0);
  return new Fd(context, sys.fsmount(fs.number, FSMOUNT_CLOEXEC, attributes));
}

/** Other options for the file system of the mount that a descriptor is the root of: fspick(2). */
export function reconfigure(context: Context, mount: number, config: FsConfig): void {
  const { sys } = context.host;
  using fs = new Fd(context, sys.fspick(mount, '', FSPICK_CLOEXEC | FSPICK_EMPTY_PATH));
  configure(context, fs.number, config);
  sys.fsconfig(fs.number, FSCONFIG_CMD_RECONFIGURE, null, null, 0);
}

const errnoOf = (thrown: unknown): number => asRuntimeError(thrown).call?.errno ?? 0;

/** Something else, if it is there, where the first fails with one of these errors. */
export function orElse(expected: readonly number[], act: () => Fd, otherwise: () => Fd): Fd {
  try {
    return act();
  } catch (first) {
    if (!expected.includes(errnoOf(first))) throw first;
    try {
      return otherwise();
    } catch (second) {
      throw errnoOf(second) === errno.ENOENT ? first : second;
    }
  }
}
