import {
  AT_FDCWD,
  AT_REMOVEDIR,
  DT_DIR,
  O_CLOEXEC,
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_NOFOLLOW,
  O_RDONLY,
  O_WRONLY,
} from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import { Fd } from './fd.js';
import { attempt, type Context, callFailed } from './host.js';

/** struct open_how, openat2(2): three little-endian 64-bit numbers. One serves every call. */
const how = new Uint32Array(6);
const howBytes = new Uint8Array(how.buffer);

export function openHow(flags: number, mode: number, resolve: number): Uint8Array {
  how[0] = flags;
  how[2] = mode;
  how[4] = resolve;
  return howBytes;
}

/** openat2(2) with O_CLOEXEC. `dir` may be AT_FDCWD. */
export function openAt(
  context: Context,
  dir: number,
  path: string,
  flags: number,
  { mode = 0, resolve = 0 } = {},
): Fd {
  const how = openHow(flags | O_CLOEXEC, mode, resolve);
  return new Fd(context, context.host.sys.openat2(dir, path, how, 24));
}

/**
 * What openat2(2) says where there is no file: ENODEV of one in cgroupfs or procfs that goes at this
 * very moment.
 */
const ABSENT: readonly number[] = [errno.ENOENT, errno.ENOTDIR, errno.ENODEV];

/** A bare descriptor, negative when there is nothing of that name. */
function openBare(
  context: Context,
  dir: number,
  path: string,
  flags: number,
  resolve: number,
): number {
  const how = openHow(flags | O_CLOEXEC, 0, resolve);
  const fd = context.host.raw.openat2(dir, path, how, 24);
  if (fd < 0 && !ABSENT.includes(-fd)) throw callFailed('openat2', [dir, path, how, 24], -fd);
  return fd;
}

/** The same, or null when there is nothing of that name. */
export function openIfThere(
  context: Context,
  dir: number,
  path: string,
  flags: number,
  resolve = 0,
): Fd | null {
  const fd = openBare(context, dir, path, flags, resolve);
  return fd < 0 ? null : new Fd(context, fd);
}

/** Most files fit; it is part of the snapshot, so only the pages that are used are ever touched. */
const scratch = new Uint8Array(65536);

/** All bytes from a descriptor to its end. */
export function readAll(context: Context, fd: number, most = Number.POSITIVE_INFINITY): Uint8Array {
  let buffer = scratch;
  let length = 0;
  for (;;) {
    if (length === buffer.length) {
      const larger = new Uint8Array(buffer.length * 4);
      larger.set(buffer);
      buffer = larger;
    }
    const rest = length === 0 ? buffer : buffer.subarray(length);
    const got = context.host.sys.read(fd, rest, rest.length);
    length += got;
    if (got === 0 || length >= most) return buffer.slice(0, length);
  }
}

/**
 * Opens a file, fills `scratch` with one read(2) and closes it again: how many bytes there are, or
 * negative where there is no such file, or what it tells of has gone meanwhile: ENODEV of cgroups,
 * ESRCH of processes. An object for the descriptor would cost more than these calls.
 */
function fillScratch(
  context: Context,
  dir: number,
  path: string,
  flags: number,
  resolve: number,
): number {
  const fd = openBare(context, dir, path, flags, resolve);
  if (fd < 0) return fd;
  const { raw } = context.host;
  const length = raw.read(fd, scratch, scratch.length);
  raw.close(fd);
  if (length < 0 && length !== -errno.ENODEV && length !== -errno.ESRCH)
    throw callFailed('read', [fd, scratch, scratch.length], -length);
  return length;
}

/** The bytes of a file of which the size is known: nothing is made that is too large, or copied. */
export function readSized(context: Context, fd: number, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let length = 0;
  while (length < size) {
    const rest = length === 0 ? bytes : bytes.subarray(length);
    const got = context.host.sys.read(fd, rest, rest.length);
    if (got === 0) return bytes.slice(0, length);
    length += got;
  }
  return bytes;
}

/** For the reading of records alone: what hardly takes longer than its calls fills it only once. */
const recordHow = new Uint8Array(new Uint32Array([O_RDONLY | O_CLOEXEC, 0, 0, 0, 0, 0]).buffer);

/**
 * Text of a file that the kernel makes as one record, or null where there is none, or its cgroup or
 * process has gone. Such a file comes whole with one read(2) into a buffer that it does not fill.
 * One function, since `list` reads hundreds.
 */
export function readRecordAt(context: Context, dir: number, path: string): string | null {
  const { raw, engine } = context.host;
  const fd = raw.openat2(dir, path, recordHow, 24);
  if (fd < 0) return failedRead('openat2', [dir, path, recordHow, 24], fd);
  const length = raw.read(fd, scratch, scratch.length);
  raw.close(fd);
  if (length < 0) return failedRead('read', [fd, scratch, scratch.length], length);
  return length < scratch.length
    ? engine.decode(scratch, 0, length)
    : readTextAt(context, dir, path);
}

function failedRead(name: 'openat2' | 'read', args: readonly unknown[], result: number): null {
  const gone = name === 'read' ? [errno.ENODEV, errno.ESRCH] : ABSENT;
  if (!gone.includes(-result)) throw callFailed(name, args, -result);
  return null;
}

/** The first line of a file without its end, all of one that is a single line; null without file. */
export function readFirstLineAt(
  context: Context,
  dir: number,
  path: string,
  { flags = O_RDONLY, resolve = 0 } = {},
): string | null {
  const length = fillScratch(context, dir, path, flags, resolve);
  if (length < 0) return null;
  const end = scratch.indexOf(0x0a);
  if (end >= 0 && end < length) return context.host.engine.decode(scratch, 0, end);
  if (length < scratch.length) return context.host.engine.decode(scratch, 0, length);
  return readTextAt(context, dir, path, resolve).split('\n', 1)[0]!;
}

export function readFileAt(
  context: Context,
  dir: number,
  path: string,
  { resolve = 0 } = {},
): Uint8Array {
  using file = openAt(context, dir, path, O_RDONLY, { resolve });
  return readAll(context, file.number);
}

export function readTextAt(context: Context, dir: number, path: string, resolve = 0): string {
  return context.host.engine.decode(readFileAt(context, dir, path, { resolve }));
}

/** Whole file by absolute path, or by a path relative to the working directory. */
export const readFile = (context: Context, path: string): Uint8Array =>
  readFileAt(context, AT_FDCWD, path);

export function writeAll(context: Context, fd: number, bytes: Uint8Array): void {
  let rest = bytes;
  while (rest.length > 0) rest = rest.subarray(context.host.sys.write(fd, rest, rest.length));
}

export const writeText = (context: Context, fd: number, text: string): void =>
  writeAll(context, fd, context.host.engine.encode(text));

/** One write(2) to an existing file: what the files of procfs, sysfs and cgroupfs expect. */
export function writeValueAt(context: Context, dir: number, path: string, value: string): void {
  using file = openAt(context, dir, path, O_WRONLY);
  const bytes = context.host.engine.encode(value);
  context.host.sys.write(file.number, bytes, bytes.length);
}

/** Under which a file waits for its name. */
export const stagedName = (name: string): string => `.${name}`;

/**
 * Writes a file whole or not at all, in two steps: the new file under another name, then, by the
 * function that is answered, rename(2).
 */
export function stageFile(
  context: Context,
  dir: number,
  name: string,
  bytes: Uint8Array,
  mode: number,
): () => void {
  const temporary = stagedName(name);
  const { raw, sys } = context.host;
  const undoing = (act: () => void) => {
    try {
      act();
    } catch (thrown) {
      raw.unlinkat(dir, temporary, 0);
      throw thrown;
    }
  };
  raw.unlinkat(dir, temporary, 0);
  using file = openAt(context, dir, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, { mode });
  undoing(() => writeAll(context, file.number, bytes));
  return () => undoing(() => void sys.renameat2(dir, temporary, dir, name, 0));
}

export const writeAtomically = (...args: Parameters<typeof stageFile>): void =>
  stageFile(...args)();

export interface DirectoryEntry {
  readonly name: string;
  /** DT_DIR, DT_REG …, getdents64(2). */
  readonly type: number;
}

/**
 * Some more names of a directory without `.` and `..`, in the kernel's order; null at its end, and
 * of one that was removed when it was open: getdents(2), ENOENT.
 */
export function nextEntries(context: Context, dir: number): DirectoryEntry[] | null {
  const length = attempt(context, [errno.ENOENT], 'getdents64', dir, scratch, scratch.length);
  if (length <= 0) return null;
  const entries: DirectoryEntry[] = [];
  const view = new DataView(scratch.buffer);
  for (let at = 0; at < length; at += view.getUint16(at + 16, true)) {
    const end = scratch.indexOf(0, at + 19);
    const name = context.host.engine.decode(scratch, at + 19, end);
    if (name !== '.' && name !== '..') entries.push({ name, type: scratch[at + 18]! });
  }
  return entries;
}

/** Names of all directories in a directory but `.` and `..`, without an object for each. */
export function folderNames(context: Context, dir: number): Set<string> {
  const { sys, engine } = context.host;
  const names = new Set<string>();
  for (;;) {
    const length = sys.getdents64(dir, scratch, scratch.length);
    if (length === 0) break;
    for (let at = 0; at < length; at += scratch[at + 16]! + scratch[at + 17]! * 256)
      if (scratch[at + 18] === DT_DIR)
        names.add(engine.decode(scratch, at + 19, scratch.indexOf(0, at + 19)));
  }
  names.delete('.');
  names.delete('..');
  return names;
}

/** All names in a directory without `.` and `..`. */
export function listDirectory(context: Context, dir: number): DirectoryEntry[] {
  const entries: DirectoryEntry[] = [];
  for (;;) {
    const more = nextEntries(context, dir);
    if (more === null) return entries;
    for (const entry of more) entries.push(entry);
  }
}

export const listDirectoryAt = (context: Context, dir: number, path: string): DirectoryEntry[] => {
  using opened = openAt(context, dir, path, O_RDONLY | O_DIRECTORY);
  return listDirectory(context, opened.number);
};

/** Removes a directory's entry and answers the result: zero or the negated errno. */
export const removeDirectory = (context: Context, dir: number, name: string): number =>
  context.host.raw.unlinkat(dir, name, AT_REMOVEDIR);

export function readLinkAt(context: Context, dir: number, path: string): string {
  const buffer = new Uint8Array(4096);
  const length = context.host.sys.readlinkat(dir, path, buffer, buffer.length);
  return context.host.engine.decode(buffer.subarray(0, length));
}

export function workingDirectory(context: Context): string {
  const buffer = new Uint8Array(4096);
  const length = context.host.sys.getcwd(buffer, buffer.length);
  return context.host.engine.decode(buffer.subarray(0, length - 1));
}
