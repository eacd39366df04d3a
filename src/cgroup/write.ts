import { RuntimeError } from '../errors/error.js';
import { Fd } from '../host/fd.js';
import { type Context, callFailed } from '../host/host.js';
import { openHow } from '../host/io.js';
import { AT_FDCWD, O_CLOEXEC, O_WRONLY } from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import type { NativeName } from '../linux/natives.js';
import type { FileWrite } from './driver.js';
import type { Journal } from './journal.js';
import { limitHint } from './limit-hints.js';

/** The call that failed, and what it was to write where. */
interface Outcome {
  readonly call: NativeName;
  readonly args: readonly unknown[];
  readonly errno: number;
  readonly file: string;
  readonly value: string;
}

function attempt(context: Context, file: string, values: readonly string[]): Outcome | null {
  const open = [AT_FDCWD, file, openHow(O_WRONLY | O_CLOEXEC, 0, 0), 24] as const;
  const opened = context.host.raw.openat2(...open);
  const first = { file, value: values[0] ?? '' };
  if (opened < 0) return { call: 'openat2', args: open, errno: -opened, ...first };
  using fd = new Fd(context, opened);
  for (const value of values) {
    const bytes = context.host.engine.encode(value);
    const written = context.host.raw.write(fd.number, bytes, bytes.length);
    const args = [fd.number, value, bytes.length];
    if (written < 0) return { call: 'write', args, errno: -written, file, value };
  }
  return null;
}

/** The same for a container that is there: what is overwritten can be taken back. */
function attemptKept(
  context: Context,
  { file, value, disturbs }: FileWrite,
  journal: Journal | null,
): Outcome | null {
  if (journal === null) return attempt(context, file, [value]);
  const before = journal.look(file, value);
  const disturbed = disturbs && before.length > 0 ? journal.lookAt(disturbs) : [];
  const failed = attempt(context, file, [value]);
  if (failed === null) journal.keep([...disturbed, ...before]);
  return failed;
}

const isAbsent = ({ call, errno: error }: Outcome): boolean =>
  call === 'openat2' && error === errno.ENOENT;

function attemptEither(
  context: Context,
  write: FileWrite,
  journal: Journal | null,
): Outcome | null {
  const failed = attemptKept(context, write, journal);
  if (failed === null || write.instead === undefined || !isAbsent(failed)) return failed;
  const other = attemptKept(context, { ...write.instead, at: write.at }, journal);
  return other !== null && isAbsent(other) ? failed : other;
}

/** Writes a limit; a failure says which limit, which file and what to do. */
export function writeLimit(
  context: Context,
  write: FileWrite,
  journal: Journal | null = null,
): void {
  const failed = attemptEither(context, write, journal);
  if (failed !== null && !harmless(write, failed)) throw refused(context, write, failed);
}

/** One write for each value. */
export function writeLimits(
  context: Context,
  file: string,
  values: readonly string[],
  at: string,
): void {
  const failed = attempt(context, file, values);
  if (failed !== null) throw refused(context, { at }, failed);
}

/** Writes a limit that may have to wait for others; false when it has to. */
function writeFirst(context: Context, write: FileWrite, journal: Journal | null): boolean {
  const failed = attemptEither(context, write, journal);
  if (failed === null || harmless(write, failed)) return true;
  if (failed.errno === errno.EINVAL) return false;
  throw refused(context, write, failed);
}

/** Limits that restrict each other: what is refused is tried again after the others. */
export function writeTogether(
  context: Context,
  writes: readonly FileWrite[],
  journal: Journal | null = null,
): void {
  let waiting = writes;
  while (waiting.length > 1) {
    const refusedNow = waiting.filter((write) => !writeFirst(context, write, journal));
    if (refusedNow.length === waiting.length) break;
    waiting = refusedNow;
  }
  for (const write of waiting) writeLimit(context, write, journal);
}

const harmless = ({ mayLack }: FileWrite, failed: Outcome): boolean =>
  mayLack === true && isAbsent(failed);

function refused(
  context: Context,
  { at, instead }: Pick<FileWrite, 'at' | 'instead'>,
  failed: Outcome,
): RuntimeError {
  const { call } = callFailed(failed.call, failed.args, failed.errno);
  const { file, value } = failed;
  const hint = limitHint(context, file, failed.errno);
  const either = instead && isAbsent(failed) ? `, nor ${instead.file}` : '';
  return new RuntimeError('syscall', `cannot set ${file}${either} to ${JSON.stringify(value)}`, {
    at,
    ...(call && { call }),
    ...(hint !== undefined && { hint }),
  });
}
