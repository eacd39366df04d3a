import {
  AT_EMPTY_PATH,
  AT_SYMLINK_NOFOLLOW,
  S_IFMT,
  STATX_BASIC_STATS,
  STATX_BTIME,
  STATX_MNT_ID,
} from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import { type Context, callFailed } from './host.js';

/** What the callers need of statx(2). */
export interface Stat {
  /** S_IFDIR, S_IFREG … */
  readonly type: number;
  /** Permission bits. */
  readonly permissions: number;
  readonly uid: number;
  readonly gid: number;
  /** Device that a character or block special file stands for. */
  readonly major: number;
  readonly minor: number;
  /** Bit mask of STATX_ATTR_…; bits that the kernel does not know are clear. */
  readonly attributes: number;
  readonly inode: number;
  /** 0 for a directory that has been removed. */
  readonly links: number;
}

/** struct statx and struct statfs; one buffer serves every call. */
const buffer = new Uint8Array(256);
const view = new DataView(buffer.buffer);

function decode(): Stat {
  const mode = view.getUint16(28, true);
  return {
    attributes: view.getUint32(8, true),
    uid: view.getUint32(20, true),
    gid: view.getUint32(24, true),
    type: mode & S_IFMT,
    permissions: mode & 0o7777,
    major: view.getUint32(0x80, true),
    minor: view.getUint32(0x84, true),
    inode: view.getUint32(32, true) + view.getUint32(36, true) * 2 ** 32,
    links: view.getUint32(16, true),
  };
}

const flags = AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH;

/** The file itself, never what a link points to; `path` "" is the descriptor. */
export function statIfThere(context: Context, dir: number, path: string): Stat | null {
  const result = context.host.raw.statx(dir, path, flags, STATX_BASIC_STATS, buffer);
  if (result === -errno.ENOENT) return null;
  if (result < 0) throw callFailed('statx', [dir, path, flags, STATX_BASIC_STATS, buffer], -result);
  return decode();
}

export function stat(context: Context, dir: number, path = ''): Stat {
  const found = statIfThere(context, dir, path);
  if (found === null) throw callFailed('statx', [dir, path, flags], errno.ENOENT);
  return found;
}

const withBirth = STATX_BASIC_STATS | STATX_BTIME;

/** Device, inode, time of birth: the number of an inode alone is given out again. */
const lastIdentity = (): string =>
  [0x88, 0x8c, 32, 36, 80, 84, 88].map((at) => view.getUint32(at, true)).join(' ');

/** What no other file has, before or after this one, and how many names it still has. */
export function identify(context: Context, fd: number): { identity: string; links: number } {
  context.host.sys.statx(fd, '', flags, withBirth, buffer);
  return { identity: lastIdentity(), links: view.getUint32(16, true) };
}

/** The owner alone; null when there is nothing of that name. */
export function ownerOf(context: Context, dir: number, path: string): number | null {
  const result = context.host.raw.statx(dir, path, flags, STATX_BASIC_STATS, buffer);
  if (result === 0) return view.getUint32(20, true);
  if (result === -errno.ENOENT) return null;
  throw callFailed('statx', [dir, path, flags, STATX_BASIC_STATS, buffer], -result);
}

export interface FileStat extends Stat {
  readonly size: number;
  /** Seconds. */
  readonly modified: number;
}

/** With what only few ask for. */
export function statFile(context: Context, dir: number, path = ''): FileStat {
  const found = stat(context, dir, path);
  const seconds = Number(view.getBigInt64(112, true));
  const modified = seconds + view.getUint32(120, true) / 1e9;
  return { ...found, size: Number(view.getBigUint64(40, true)), modified };
}

/** Magic number of the file system that a descriptor is on, statfs(2). */
export function fileSystemOf(context: Context, fd: number): number {
  context.host.sys.fstatfs(fd, buffer);
  return view.getUint32(0, true);
}

/** ST_NOEXEC … of the mount that a descriptor is on: f_flags of struct statfs. */
export function mountFlagsOf(context: Context, fd: number): number {
  context.host.sys.fstatfs(fd, buffer);
  return view.getUint32(80, true);
}

/** Of the mount that a descriptor is on, as mountinfo has it. */
export function mountIdOf(context: Context, fd: number): number {
  context.host.sys.statx(fd, '', flags, STATX_MNT_ID, buffer);
  return view.getUint32(0x90, true);
}

/** Time of access and of modification of what was looked at last, as utimensat(2) takes them. */
export function timesOfLast(): Uint8Array {
  const times = new Uint8Array(32);
  times.set(buffer.subarray(0x40, 0x4c), 0);
  times.set(buffer.subarray(0x70, 0x7c), 16);
  return times;
}
