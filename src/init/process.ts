import {
  commandMissing,
  commandNotExecutable,
  executableNotFound,
  isADirectory,
  notADirectory,
  workingDirectoryMissing,
} from '../errors/catalog.js';
import { asRuntimeError, during, RuntimeError } from '../errors/error.js';
import { processWords } from '../errors/words.js';
import { whyNotExecuted } from '../host/executable.js';
import { attempt } from '../host/host.js';
import { openAt, openIfThere, readAll, workingDirectory } from '../host/io.js';
import type { Root } from '../host/root.js';
import { stat } from '../host/stat.js';
import {
  AT_EMPTY_PATH,
  AT_FDCWD,
  O_DIRECTORY,
  O_NOCTTY,
  O_NONBLOCK,
  O_PATH,
  O_RDONLY,
  O_RDWR,
  S_IFCHR,
  S_IFDIR,
  S_IFREG,
  X_OK,
} from '../linux/constants.js';
import { errno, errnoName } from '../linux/errno.js';
import type { InitContext } from './context.js';
import { openNull } from './devices.js';

const variable = (env: readonly string[], name: string): string | undefined =>
  env.find((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1);

/** passwd(5): name:password:uid:gid:gecos:directory:shell. */
export function homeOf(passwd: string, uid: number): string {
  for (const line of passwd.split('\n')) {
    const fields = line.split(':');
    if (fields.length >= 6 && fields[2] === String(uid)) return fields[5] || '/';
  }
  return '/';
}

/** Of a file that a container may have put there: it must neither block us nor fill the memory. */
const MOST_ACCOUNTS = 1 << 20;

function homeInContainer(context: InitContext, root: Root): string {
  const { host, plan } = context;
  using passwd = root.openIfThere('/etc/passwd', O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (passwd === null || stat(context, passwd.number).type !== S_IFREG) return '/';
  const text = host.engine.decode(readAll(context, passwd.number, MOST_ACCOUNTS));
  return homeOf(text, plan.process.uid);
}

/** HOME that is unset or empty comes from the container's own /etc/passwd, as runc has it. */
export function environmentOf(context: InitContext, root: Root): string[] {
  const { env } = context.plan.process;
  if (variable(env, 'HOME')) return [...env];
  return [
    ...env.filter((entry) => !entry.startsWith('HOME=')),
    `HOME=${homeInContainer(context, root)}`,
  ];
}

/** What says that a file is not there, or is not for us: execvp(3) then tries the next one. */
const unusable: readonly number[] = [
  errno.EACCES,
  errno.ELOOP,
  errno.ENAMETOOLONG,
  errno.ENODEV,
  errno.ENOENT,
  errno.ENOTDIR,
  errno.ESTALE,
  errno.ETIMEDOUT,
];

/** Zero when the file could be executed by somebody, else the errno. */
function tryExecutable(context: InitContext, path: string): number {
  const result = attempt(context, unusable, 'faccessat2', AT_FDCWD, path, X_OK, 0);
  if (result < 0) return -result;
  using file = openAt(context, AT_FDCWD, path, O_PATH);
  return stat(context, file.number).type === S_IFDIR ? errno.EISDIR : 0;
}

const refusals: Readonly<Record<number, (path: string) => RuntimeError>> = {
  [errno.ENOENT]: commandMissing,
  [errno.ENOTDIR]: notADirectory,
  [errno.EISDIR]: isADirectory,
};

/** Why root may not execute a file that is there. */
const why = (context: InitContext, path: string): string | null =>
  whyNotExecuted(
    context,
    (wanted) => openIfThere(context, AT_FDCWD, wanted, O_PATH),
    path,
    errno.EACCES,
  );

function checkPath(context: InitContext, path: string): string {
  const failed = tryExecutable(context, path);
  if (failed === 0) return path;
  if (failed === errno.EACCES) throw commandNotExecutable(path, why(context, path));
  const refusal = refusals[failed];
  throw (
    refusal?.(path) ??
    new RuntimeError('command-not-executable', `exec: "${path}": ${errnoName(failed)}`)
  );
}

/** execvp(3), with the container's PATH and in its root: found now, so that `create` can tell. */
export function findExecutable(context: InitContext, env: readonly string[]): string {
  const name = context.plan.process.args[0]!;
  if (name.includes('/')) return checkPath(context, name);
  const directories = (variable(env, 'PATH') ?? '').split(':').filter((entry) => entry !== '');
  let denied: string | null = null;
  for (const directory of directories) {
    const path = `${directory}/${name}`;
    const failed = tryExecutable(context, path);
    if (failed === 0) return path;
    if (failed === errno.EACCES) denied ??= path;
  }
  if (denied === null) throw executableNotFound(name);
  throw commandNotExecutable(denied, why(context, denied));
}

const cwdRefused = ({ plan }: InitContext, number: number): RuntimeError =>
  workingDirectoryMissing(plan.process.cwd, processWords(number));

/** What is the configuration's fault: engines know the words. */
const cwdErrors: readonly number[] = [errno.EACCES, errno.ELOOP, errno.ENOENT, errno.ENOTDIR];

function inWorkingDirectory<T>(context: InitContext, act: () => T): T {
  try {
    return act();
  } catch (thrown) {
    const number = asRuntimeError(thrown).call?.errno;
    throw number !== undefined && cwdErrors.includes(number) ? cwdRefused(context, number) : thrown;
  }
}

export function makeWorkingDirectory(context: InitContext, root: Root): void {
  const { cwd } = context.plan.process;
  inWorkingDirectory(context, () => root.makeDirectory(cwd))[Symbol.dispose]();
}

const entering = <T>(act: () => T): T => during('enter the working directory', act);

/** False when root may not enter it (a network file system): the container's user has to. */
export function enterWorkingDirectory(context: InitContext, root: Root): boolean {
  const open = () => root.open(context.plan.process.cwd, O_PATH | O_DIRECTORY);
  using directory = inWorkingDirectory(context, () => entering(open));
  return entering(() => {
    if (attempt(context, [errno.EACCES], 'fchdir', directory.number) < 0) return false;
    // CVE-2024-21626: a descriptor that leads out of the container shows here.
    if (!workingDirectory(context).startsWith('/'))
      throw new RuntimeError('invalid-config', 'the working directory is outside the container');
    return true;
  });
}

/** Descriptors 0…2 that came from the host's null device become the container's. */
export function replaceNullStdio(context: InitContext, root: Root): void {
  const from = [0, 1, 2].filter((fd) => isNull(context, fd));
  if (from.length === 0) return;
  using own = openNull(context, root, O_RDWR);
  for (const fd of from) context.host.sys.dup3(own.number, fd, 0);
}

function isNull(context: InitContext, fd: number): boolean {
  const { type, major, minor } = stat(context, fd);
  return type === S_IFCHR && major === 1 && minor === 3;
}

/** chown(2): the group stays as it is. */
const UNCHANGED = 0xffffffff;

/**
 * The caller's groups are not the container's, also where it asks for none. A user namespace made
 * without privileges denies that for good (user_namespaces(7)): then they stay, as runc has it.
 */
export function setGroups(context: InitContext): void {
  const { groups } = context.plan.process;
  if (groups === null) return;
  const list = new Uint8Array(new Uint32Array(groups).buffer);
  const expected = groups.length > 0 ? [] : [errno.EPERM];
  during(
    'set additional groups',
    () => attempt(context, expected, 'setgroups', groups.length, list),
    '/process/user/additionalGids',
  );
}

const tolerable: readonly number[] = [errno.EPERM, errno.EINVAL, errno.EROFS];

export function giveAway(context: InitContext, fd: number): void {
  const { uid } = context.plan.process;
  attempt(context, tolerable, 'fchownat', fd, '', uid, UNCHANGED, AT_EMPTY_PATH);
}

/** The process may reopen its own output through /dev/stdout: it must own it. */
export function giveStdioAway(context: InitContext): void {
  for (const fd of [0, 1, 2]) {
    if (isNull(context, fd)) continue;
    giveAway(context, fd);
  }
}
