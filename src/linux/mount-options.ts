import {
  MOUNT_ATTR__ATIME,
  MOUNT_ATTR_NOATIME,
  MOUNT_ATTR_NODEV,
  MOUNT_ATTR_NODIRATIME,
  MOUNT_ATTR_NOEXEC,
  MOUNT_ATTR_NOSUID,
  MOUNT_ATTR_NOSYMFOLLOW,
  MOUNT_ATTR_RDONLY,
  MOUNT_ATTR_RELATIME,
  MOUNT_ATTR_STRICTATIME,
  MS_PRIVATE,
  MS_SHARED,
  MS_SLAVE,
  MS_UNBINDABLE,
} from './constants.js';

/** Words that no system call knows by itself. */
export type MountExtension =
  | 'copyUp'
  | 'idmap'
  | 'ridmap'
  | 'copySymlink'
  | 'sourceNoFollow'
  | 'destinationNoFollow';

/** What one word of a mount's options means; words that stand in no table go to the file system. */
export interface MountWord {
  /** Attributes of the mount, mount_setattr(2). */
  readonly set?: number;
  readonly clear?: number;
  /** The attributes hold for every mount below as well. */
  readonly recursive?: true;
  readonly propagation?: number;
  readonly bind?: 'bind' | 'rbind';
  readonly remount?: true;
  /** Parameter without value of the file system's superblock, fsconfig(2). */
  readonly flag?: string;
  readonly extension?: MountExtension;
  /** Understood, but asks for nothing. */
  readonly nothing?: true;
}

const attribute = (set: number, clear = 0): MountWord => ({ set, clear });
const atime = (value: number): MountWord => ({ set: value, clear: MOUNT_ATTR__ATIME });

const attributes: Readonly<Record<string, MountWord>> = {
  ro: attribute(MOUNT_ATTR_RDONLY),
  rw: attribute(0, MOUNT_ATTR_RDONLY),
  nosuid: attribute(MOUNT_ATTR_NOSUID),
  suid: attribute(0, MOUNT_ATTR_NOSUID),
  nodev: attribute(MOUNT_ATTR_NODEV),
  dev: attribute(0, MOUNT_ATTR_NODEV),
  noexec: attribute(MOUNT_ATTR_NOEXEC),
  exec: attribute(0, MOUNT_ATTR_NOEXEC),
  nodiratime: attribute(MOUNT_ATTR_NODIRATIME),
  diratime: attribute(0, MOUNT_ATTR_NODIRATIME),
  nosymfollow: attribute(MOUNT_ATTR_NOSYMFOLLOW),
  symfollow: attribute(0, MOUNT_ATTR_NOSYMFOLLOW),
  relatime: atime(MOUNT_ATTR_RELATIME),
  norelatime: atime(MOUNT_ATTR_RELATIME),
  noatime: atime(MOUNT_ATTR_NOATIME),
  atime: atime(MOUNT_ATTR_RELATIME),
  strictatime: atime(MOUNT_ATTR_STRICTATIME),
  nostrictatime: atime(MOUNT_ATTR_RELATIME),
};

const recursive = Object.fromEntries(
  Object.entries(attributes).map(([word, meaning]) => [
    `r${word}`,
    { ...meaning, recursive: true } as MountWord,
  ]),
);

const propagation: Readonly<Record<string, MountWord>> = {
  private: { propagation: MS_PRIVATE },
  shared: { propagation: MS_SHARED },
  slave: { propagation: MS_SLAVE },
  unbindable: { propagation: MS_UNBINDABLE },
  rprivate: { propagation: MS_PRIVATE, recursive: true },
  rshared: { propagation: MS_SHARED, recursive: true },
  rslave: { propagation: MS_SLAVE, recursive: true },
  runbindable: { propagation: MS_UNBINDABLE, recursive: true },
};

const flag = (name: string): MountWord => ({ flag: name });

/** config.md#mounts, mount(8): every word with a meaning of its own. */
export const mountWords: Readonly<Record<string, MountWord>> = {
  ...attributes,
  ...recursive,
  ...propagation,
  bind: { bind: 'bind' },
  rbind: { bind: 'rbind' },
  remount: { remount: true },
  tmpcopyup: { extension: 'copyUp' },
  idmap: { extension: 'idmap' },
  ridmap: { extension: 'ridmap' },
  'copy-symlink': { extension: 'copySymlink' },
  'src-nofollow': { extension: 'sourceNoFollow' },
  'dest-nofollow': { extension: 'destinationNoFollow' },
  defaults: { nothing: true },
  sync: flag('sync'),
  async: flag('async'),
  dirsync: flag('dirsync'),
  lazytime: flag('lazytime'),
  nolazytime: flag('nolazytime'),
  mand: flag('mand'),
  nomand: flag('nomand'),
  // Kept by file systems themselves or by mount(8) alone: the kernel's fsconfig(2) knows no such word.
  iversion: { nothing: true },
  noiversion: { nothing: true },
  silent: { nothing: true },
  loud: { nothing: true },
};
