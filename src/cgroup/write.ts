import { RuntimeError } from '../errors/error.js';
import { Fd } from '../host/fd.js';
import { type Context, callFailed } from '../host/host.js';
import { openHow } from '../host/io.js';
import { AT_FDCWD, O_CLOEXEC, O_WRONLY } from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import type { NativeName } from '../linux/natives.js';
import type { FileWrite } from './driver.js';
import { parentOf, readRecord } from './files.js';

/** The call that failed, and what it was to write. */
interface Outcome {
  readonly call: NativeName;
  readonly args: readonly unknown[];
  readonly errno: number;
  readonly value: string;
}

function attempt(context: Context, file: string, values: readonly string[]): Outcome | null {
  const open = [AT_FDCWD, file, openHow(O_WRONLY | O_CLOEXEC, 0, 0), 24] as const;
  const opened = context.host.raw.openat2(...open);
  if (opened < 0) return { call: 'openat2', args: open, errno: -opened, value: values[0] ?? '' };
  using fd = new Fd(context, opened);
  for (const value of values) {
    const bytes = context.host.engine.encode(value);
    const written = context.host.raw.write(fd.number, bytes, bytes.length);
    const args = [fd.number, value, bytes.length];
    if (written < 0) return { call: 'write', args, errno: -written, value };
  }
  return null;
}

/** Writes a limit; a failure says which limit, which file and what to do. */
export function writeLimit(context: Context, write: FileWrite): void {
  const failed = attempt(context, write.file, [write.value]);
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
  if (failed !== null) throw refused(context, { file, at }, failed);
}

/** Writes a limit that may have to wait for the next one; false when it has to. */
export function writeFirst(context: Context, write: FileWrite): boolean {
  const failed = attempt(context, write.file, [write.value]);
  if (failed === null || harmless(write, failed)) return true;
  if (failed.errno === errno.EINVAL) return false;
  throw refused(context, write, failed);
}

const harmless = ({ mayLack }: FileWrite, failed: Outcome): boolean =>
  mayLack === true && failed.call === 'openat2' && failed.errno === errno.ENOENT;

function refused(
  context: Context,
  { file, at }: Pick<FileWrite, 'file' | 'at'>,
  failed: Outcome,
): RuntimeError {
  const { call } = callFailed(failed.call, failed.args, failed.errno);
  const hint = hintFor(context, file, failed.errno);
  return new RuntimeError('syscall', `cannot set ${file} to ${JSON.stringify(failed.value)}`, {
    at,
    ...(call && { call }),
    ...(hint !== undefined && { hint }),
  });
}

function hintFor(context: Context, file: string, error: number): string | undefined {
  const name = file.slice(file.lastIndexOf('/') + 1);
  const controller = name.slice(0, name.indexOf('.'));
  if (error === errno.EBUSY && controller === 'memory') return usage(context, parentOf(file));
  if (error === errno.ENOENT) return absent(controller);
  return hints.find(([prefix, number]) => name.startsWith(prefix) && number === error)?.[2];
}

const absent = (controller: string): string =>
  `this kernel lacks the file, or no cgroup.subtree_control above enables ${controller}; a cgroup that holds processes itself cannot enable it`;

/** What keeps the limit from going lower. */
function usage(context: Context, directory: string): string {
  const of = (name: string) => readRecord(context, `${directory}/${name}`)?.trim() ?? 'unknown';
  return `memory in use: ${of('memory.usage_in_bytes')}, at most so far: ${of('memory.max_usage_in_bytes')}`;
}

const hints: readonly (readonly [prefix: string, error: number, hint: string])[] = [
  ['memory.', errno.EINVAL, 'a cgroup above may have a lower limit, or the value is out of range'],
  [
    'cpu.cfs',
    errno.EINVAL,
    'quota is at least 1000, period 1000 to 1000000, and a cgroup above may allow less',
  ],
  [
    'cpu.max',
    errno.EINVAL,
    'quota is at least 1000, period 1000 to 1000000, burst at most the quota',
  ],
  ['cpu.idle', errno.EINVAL, 'idle is 0 or 1'],
  ['cpu.', errno.EINVAL, 'an idle cgroup takes no shares'],
  ['cpuset.', errno.EINVAL, 'a list such as 0-3,7 is wanted'],
  ['cpuset.', errno.EACCES, 'the cgroup above does not have all of these'],
  ['cpuset.', errno.ERANGE, 'this machine has no such number'],
  ['cpuset.', errno.ENODEV, 'none of these is on-line'],
  ['pids.', errno.EINVAL, 'at most 4194304, or -1 for no limit'],
  ['devices.', errno.EPERM, 'the cgroup above does not allow this device'],
  ['devices.', errno.EINVAL, 'a cgroup with children cannot change to allowing or denying all'],
];
