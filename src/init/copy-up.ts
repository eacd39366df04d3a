import { during, RuntimeError } from '../errors/error.js';
import type { Fd } from '../host/fd.js';
import { attempt } from '../host/host.js';
import { nextEntries, openAt, readLinkAt } from '../host/io.js';
import { type Stat, stat, statIfThere, timesOfLast } from '../host/stat.js';
import {
  AT_EMPTY_PATH,
  AT_SYMLINK_NOFOLLOW,
  MOUNT_ATTR_NODEV,
  MOUNT_ATTR_NOSYMFOLLOW,
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_NOCTTY,
  O_NOFOLLOW,
  O_NONBLOCK,
  O_RDONLY,
  O_WRONLY,
  S_IFBLK,
  S_IFCHR,
  S_IFDIR,
  S_IFLNK,
  S_IFREG,
  SEEK_DATA,
  SEEK_END,
  SEEK_HOLE,
  SEEK_SET,
} from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import { changeMount, cloneMount } from './attach.js';
import type { InitContext } from './context.js';
import { deviceNumber } from './devices.js';
import { copyAttributes } from './xattrs.js';

/** Each level holds two descriptors open. */
const MOST_LEVELS = 256;

/** sendfile(2) moves no more in one call. */
const MOST_BYTES = 0x7ffff000;

/** An entry that is copied: from a directory into another one, both known by descriptor. */
interface Entry {
  readonly from: number;
  readonly to: number;
  readonly name: string;
  readonly level: number;
}

/** Where the data after `offset` begins and ends; null when only a hole follows, lseek(2). */
function nextData(context: InitContext, fd: number, offset: number): [number, number] | null {
  const start = attempt(context, [errno.ENXIO], 'lseek', fd, offset, SEEK_DATA);
  return start < 0 ? null : [start, context.host.sys.lseek(fd, start, SEEK_HOLE)];
}

/** Holes stay holes: a file of the image may claim to be far larger than the memory. */
function copyData(context: InitContext, from: number, to: number): void {
  const { sys } = context.host;
  const size = sys.lseek(from, 0, SEEK_END);
  for (let at = 0; at < size; ) {
    const part = nextData(context, from, at);
    if (part === null) break;
    at = copyPart(context, from, to, part[0], Math.min(part[1], size));
  }
  if (size > 0) sys.ftruncate(to, size);
}

function copyPart(context: InitContext, from: number, to: number, at: number, end: number): number {
  const { sys } = context.host;
  sys.lseek(from, at, SEEK_SET);
  sys.lseek(to, at, SEEK_SET);
  for (let left = end - at; left > 0; ) {
    const moved = sys.sendfile(to, from, null, Math.min(left, MOST_BYTES));
    // It has become shorter meanwhile.
    if (moved === 0) break;
    left -= moved;
  }
  return end;
}

/** chown(2) takes set-user-id bits and capabilities of a file away, so they come after it. */
function finishOpen(context: InitContext, from: number, to: number, found: Stat): void {
  const { sys } = context.host;
  if (found.uid !== 0 || found.gid !== 0) sys.fchownat(to, '', found.uid, found.gid, AT_EMPTY_PATH);
  sys.fchmod(to, found.permissions);
  copyAttributes(context, from, to);
}

function setTimes(context: InitContext, { to, name }: Entry, times: Uint8Array): void {
  context.host.sys.utimensat(to, name, times, AT_SYMLINK_NOFOLLOW);
}

function copyDirectory(context: InitContext, entry: Entry): void {
  const { from, to, name, level } = entry;
  if (level === MOST_LEVELS)
    throw new RuntimeError(
      'invalid-config',
      `directories below ${MOST_LEVELS} others are too many`,
    );
  const flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;
  using source = openAt(context, from, name, flags);
  const found = stat(context, source.number);
  const times = timesOfLast();
  context.host.sys.mkdirat(to, name, 0o700);
  using target = openAt(context, to, name, flags);
  copyEntries(context, source.number, target.number, level + 1);
  finishOpen(context, source.number, target.number, found);
  setTimes(context, entry, times);
}

function copyFile(context: InitContext, entry: Entry): void {
  const { from, to, name } = entry;
  // What it is may change after the look at it: to open a fifo must not block.
  using source = openAt(context, from, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
  const found = stat(context, source.number);
  const times = timesOfLast();
  if (found.type !== S_IFREG)
    throw new RuntimeError('host', 'it is no longer the file that it was a moment ago');
  const flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;
  using target = openAt(context, to, name, flags, { mode: 0o600 });
  copyData(context, source.number, target.number);
  finishOpen(context, source.number, target.number, found);
  setTimes(context, entry, times);
}

function copyLink(context: InitContext, entry: Entry, found: Stat, times: Uint8Array): void {
  const { from, to, name } = entry;
  context.host.sys.symlinkat(readLinkAt(context, from, name), to, name);
  finishClosed(context, entry, found, times);
}

/** Devices, fifos and sockets are never opened. */
function copyNode(context: InitContext, entry: Entry, found: Stat, times: Uint8Array): void {
  const { type, permissions, major, minor } = found;
  const isDevice = type === S_IFCHR || type === S_IFBLK;
  // In a user namespace no device can be made, nor would any in such a tmpfs work.
  const expected = isDevice ? [errno.EPERM] : [];
  const number = isDevice ? deviceNumber(major, minor) : 0;
  const args = [entry.to, entry.name, type | permissions, number] as const;
  if (attempt(context, expected, 'mknodat', ...args) < 0) return;
  finishClosed(context, entry, found, times);
}

function finishClosed(context: InitContext, entry: Entry, found: Stat, times: Uint8Array): void {
  const { uid, gid } = found;
  if (uid !== 0 || gid !== 0)
    context.host.sys.fchownat(entry.to, entry.name, uid, gid, AT_SYMLINK_NOFOLLOW);
  setTimes(context, entry, times);
}

const copiers: Readonly<Record<number, typeof copyNode>> = {
  [S_IFDIR]: copyDirectory,
  [S_IFREG]: copyFile,
  [S_IFLNK]: copyLink,
};

function copyEntry(context: InitContext, entry: Entry): void {
  const found = statIfThere(context, entry.from, entry.name);
  // Something else of the machine may remove it meanwhile.
  if (found === null) return;
  (copiers[found.type] ?? copyNode)(context, entry, found, timesOfLast());
}

/** A part of the names at a time: the image decides how many there are. */
function copyEntries(context: InitContext, from: number, to: number, level: number): void {
  for (;;) {
    const entries = nextEntries(context, from);
    if (entries === null) return;
    for (const { name } of entries)
      during(`copy ${name}`, () => copyEntry(context, { from, to, name, level }));
  }
}

/**
 * `tmpcopyup`: what a tmpfs is going to hide is copied into it before. The tree is walked in a
 * detached copy of its mounts, in which no link is followed and no device can be opened; names are
 * looked up one at a time below descriptors, so that no rename leads out of it.
 */
export function copyUp(context: InitContext, target: Fd, mount: Fd): void {
  using tree = cloneMount(context, target.number, '', true);
  const set = MOUNT_ATTR_NODEV | MOUNT_ATTR_NOSYMFOLLOW;
  changeMount(context, tree.number, { set, recursive: true });
  using from = openAt(context, tree.number, '.', O_RDONLY | O_DIRECTORY);
  using to = openAt(context, mount.number, '.', O_RDONLY | O_DIRECTORY);
  copyEntries(context, from.number, to.number, 0);
}
