import { POLLIN, SIGKILL } from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import { type ProcessStat, parseStat } from '../state/status.js';
import { Fd } from './fd.js';
import { attempt, type Context } from './host.js';
import { readRecordAt } from './io.js';

/** What procfs tells of a process, or null when there is none. */
export function processStat(context: Context, proc: Fd, pid: number): ProcessStat | null {
  const text = readRecordAt(context, proc.number, `${pid}/stat`);
  return text === null ? null : parseStat(text);
}

export const isDead = ({ state }: ProcessStat) => state === 'Z' || state === 'X';

/**
 * A descriptor of the process that had this pid at this start time, or null when it is gone. The
 * pid is looked at again after pidfd_open(2), so a recycled one is never taken for it.
 */
export function openProcess(context: Context, proc: Fd, pid: number, startTime: string): Fd | null {
  if (pid === 0) return null;
  const opened = attempt(context, [errno.ESRCH, errno.EINVAL], 'pidfdOpen', pid, 0);
  if (opened < 0) return null;
  const fd = new Fd(context, opened);
  try {
    if (isAlive(context, proc, pid, startTime)) return fd;
  } catch (thrown) {
    fd[Symbol.dispose]();
    throw thrown;
  }
  fd[Symbol.dispose]();
  return null;
}

/** What procfs tells of the process that had this pid at this start time; null when it has ended. */
export function liveStat(
  context: Context,
  proc: Fd,
  pid: number,
  startTime: string,
): ProcessStat | null {
  if (pid === 0) return null;
  const found = processStat(context, proc, pid);
  return found !== null && found.startTime === startTime && !isDead(found) ? found : null;
}

export const isAlive = (context: Context, proc: Fd, pid: number, startTime: string): boolean =>
  liveStat(context, proc, pid, startTime) !== null;

const timespec = (ms: number): Uint8Array =>
  new Uint8Array(
    new BigInt64Array([BigInt(Math.trunc(ms / 1000)), BigInt(ms % 1000) * 1000000n]).buffer,
  );

/** A descriptor, and what poll(2) is to look for. */
export interface Wait {
  readonly fd: number;
  readonly events: number;
}

/**
 * Waits until something happens at one of the descriptors, or `ms` have passed (null: for ever).
 * Answers which of them; none after the time or a signal.
 */
export function waitFor(
  context: Context,
  waits: readonly Wait[],
  ms: number | null,
): readonly number[] {
  const entries = new Int32Array(waits.length * 2);
  waits.forEach(({ fd, events }, i) => {
    entries[2 * i] = fd;
    entries[2 * i + 1] = events;
  });
  const bytes = new Uint8Array(entries.buffer);
  const timeout = ms === null ? null : timespec(ms);
  const interrupted = [errno.EINTR];
  const result = attempt(context, interrupted, 'ppoll', bytes, waits.length, timeout, null, 8);
  if (result < 0) return [];
  return waits.filter((_, i) => entries[2 * i + 1]! >>> 16 !== 0).map(({ fd }) => fd);
}

/** The same until one of the descriptors can be read or has ended. */
export const waitReadable = (
  context: Context,
  fds: readonly number[],
  ms: number | null,
): readonly number[] =>
  waitFor(
    context,
    fds.map((fd) => ({ fd, events: POLLIN })),
    ms,
  );

/** SIGKILL, then the wait for the end; false when it still lives after `ms`. */
export function killAndWait(context: Context, pidfd: Fd, ms: number): boolean {
  context.host.raw.pidfdSendSignal(pidfd.number, SIGKILL, null, 0);
  return waitReadable(context, [pidfd.number], ms).length > 0;
}

/** What waitpid(2) answered: an exit code, or 128 plus the signal's number as shells have it. */
export function exitCodeOf(status: number): number {
  const signal = status & 0x7f;
  return signal === 0 ? (status >> 8) & 0xff : 128 + signal;
}
