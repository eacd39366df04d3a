import { parentIn } from '../state/status.js';
import type { Fd } from './fd.js';
import type { Context } from './host.js';
import { readRecordAt, readTextAt } from './io.js';
import { stat } from './stat.js';

/** 0 of a process that is the first, or whose parent is outside of the pid namespace. */
function parentOf(context: Context, proc: Fd, process: number | 'self'): number {
  const text = readRecordAt(context, proc.number, `${process}/stat`);
  return text === null ? 0 : parentIn(text);
}

/**
 * Who holds the lock of flock(2) on a file, proc_locks(5): it tells of those as well whose
 * descriptors may not be looked at, as from inside a user namespace. Its number of a device is not
 * that of stat(2) on every file system, so the inode alone has to do.
 */
function holdersOf(context: Context, proc: Fd, fd: number): Set<number> {
  const { inode } = stat(context, fd);
  const line = new RegExp(`: FLOCK +ADVISORY +WRITE +(\\d+) [^ ]*:${inode} `, 'g');
  const text = readTextAt(context, proc.number, 'locks');
  return new Set([...text.matchAll(line)].map(([, pid]) => Number(pid)));
}

/** Whether who has started us, or who has started that one, holds the lock on this file. */
export function isHeldAbove(context: Context, proc: Fd, fd: number): boolean {
  const holders = holdersOf(context, proc, fd);
  if (holders.size === 0) return false;
  let pid = parentOf(context, proc, 'self');
  while (pid > 0 && !holders.has(pid)) pid = parentOf(context, proc, pid);
  return pid > 0;
}
