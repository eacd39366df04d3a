import { attempt, type Context, callFailed } from '../host/host.js';
import { listDirectory, openIfThere } from '../host/io.js';
import {
  AT_FDCWD,
  DT_DIR,
  O_DIRECTORY,
  O_RDONLY,
  SIGKILL,
  STATX_BASIC_STATS,
} from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import type { CgroupRecord } from './driver.js';
import { writeIfThere } from './files.js';
import { isFrozen, setFreezer, thaw } from './freezer.js';

/** Every process in the container's cgroups and in those that it made below them. */
export function processesIn(context: Context, record: CgroupRecord): number[] {
  const found = new Set<number>();
  const collect = (path: string): void => {
    for (const pid of members(context, path)) found.add(pid);
    for (const name of children(context, path)) collect(`${path}/${name}`);
  };
  for (const { path } of record.directories) collect(path);
  return [...found].sort((a, b) => a - b);
}

/** Pids of one cgroup, without those that a pid namespace hides: they read as 0. */
function members(context: Context, path: string): number[] {
  using file = openIfThere(context, AT_FDCWD, `${path}/cgroup.procs`, O_RDONLY);
  if (file === null) return [];
  return readMembers(context, file.number)
    .split('\n')
    .flatMap((line) => Number(line) || []);
}

/** ENODEV: the cgroup has just gone. EOPNOTSUPP: threaded, its processes are listed further up. */
function readMembers(context: Context, fd: number): string {
  const buffer = new Uint8Array(4096);
  let text = '';
  for (;;) {
    const length = context.host.raw.read(fd, buffer, buffer.length);
    if (length === -errno.ENODEV || length === -errno.EOPNOTSUPP || length === 0) return text;
    if (length < 0) throw callFailed('read', [fd, buffer, buffer.length], -length);
    text += context.host.engine.decode(buffer.subarray(0, length));
  }
}

/** stx_nlink of struct statx, statx(2). */
const NLINK = 16;

/** A directory of cgroupfs has two links and one more for each child: most need no listing. */
export function children(context: Context, path: string): string[] {
  const buffer = new Uint8Array(256);
  const result = context.host.raw.statx(AT_FDCWD, path, 0, STATX_BASIC_STATS, buffer);
  if (result === 0 && new DataView(buffer.buffer).getUint32(NLINK, true) === 2) return [];
  using directory = openIfThere(context, AT_FDCWD, path, O_RDONLY | O_DIRECTORY);
  if (directory === null) return [];
  const entries = listDirectory(context, directory.number);
  return entries.filter(({ type }) => type === DT_DIR).map(({ name }) => name);
}

/**
 * Signals every process once. SIGKILL in v2 is one write that no fork escapes (cgroup.kill, Linux
 * 5.14). Elsewhere the cgroup is frozen meanwhile; a process that was just being made may be
 * missed, so the caller repeats until none is left. Nothing frozen dies: SIGKILL always thaws.
 */
export function killAll(context: Context, record: CgroupRecord, signal: number): void {
  if (signal === SIGKILL && record.mode === 'v2' && killUnified(context, record)) return;
  const frozen = isFrozen(context, record);
  if (!frozen) setFreezer(context, record, 'frozen');
  try {
    for (const pid of processesIn(context, record)) signalOne(context, pid, signal);
  } finally {
    if (!frozen || signal === SIGKILL) thaw(context, record);
  }
}

const killUnified = (context: Context, { directories }: CgroupRecord): boolean =>
  directories.every(({ path }) => writeIfThere(context, `${path}/cgroup.kill`, '1'));

function signalOne(context: Context, pid: number, signal: number): void {
  attempt(context, [errno.ESRCH], 'kill', pid, signal);
}
