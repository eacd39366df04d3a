/**
 * One constructor per failure that callers know by its words (containerd, dockerd, Podman, CRI-O
 * search for them), sorted. What follows the known words says which container is meant.
 */
import { errnoText } from '../linux/errno.js';
import { type ErrorDetails, RuntimeError, toData } from './error.js';
import { cwdStep } from './words.js';

export type RefusedStatus = 'running' | 'paused' | 'created' | 'stopped';

const OOM_KILLED = 'was OOM-killed (memory limit too low?)';

const quote = (text: string): string => JSON.stringify(text);

export function alreadyExists(id: string): RuntimeError {
  return new RuntimeError('exists', `container with given ID already exists: ${id}`);
}

export function badFlagSyntax(argument: string): RuntimeError {
  return usage(`bad flag syntax: ${argument}`);
}

export function badLogFormat(format: string): RuntimeError {
  return usage(`invalid log-format: ${format}`);
}

export function badRoot(): RuntimeError {
  return usage('Option --root argument should not be set to /');
}

export function badValue(option: string, value: string, allowed: string): RuntimeError {
  return usage(`invalid value ${quote(value)} for flag -${option}: must be ${allowed}`);
}

export function cannotDelete(id: string, status: RefusedStatus): RuntimeError {
  return wrongState(`cannot delete container ${id} that is not stopped: ${status}`);
}

/** `init` is alive; `errno` is what kill(2) said. */
export function cannotSignal(errno: number): RuntimeError {
  const text = errnoText(errno);
  if (text !== undefined) return new RuntimeError('syscall', `unable to signal init: ${text}`);
  const call = { name: 'pidfd_send_signal', args: [], errno };
  return new RuntimeError('syscall', 'unable to signal init', { call });
}

export function cgroupFrozen(path: string): RuntimeError {
  return new RuntimeError('host', `container's cgroup unexpectedly frozen: ${path}`, {
    hint: 'give cgroupsPath a new name, or thaw and remove that cgroup',
  });
}

export function cgroupNotEmpty(path: string, count: number): RuntimeError {
  return new RuntimeError(
    'host',
    `container's cgroup is not empty: ${count} process(es) found: ${path}`,
    { hint: 'give cgroupsPath a name that no other container uses' },
  );
}

/** The one message, with its siblings below, that may say "no such file or directory". */
export function commandMissing(path: string): RuntimeError {
  return new RuntimeError(
    'command-not-found',
    `exec: ${quote(path)}: stat ${path}: no such file or directory`,
  );
}

/** `cause`: what the file itself tells of it, if anything. */
export function commandNotExecutable(path: string, cause: string | null): RuntimeError {
  const message = `exec: ${quote(path)}: permission denied`;
  const told = cause === null ? message : `${message}: ${cause}`;
  return new RuntimeError('command-not-executable', told);
}

export function configExists(): RuntimeError {
  return new RuntimeError('exists', 'File config.json exists. Remove it first');
}

export function configMissing(bundle: string): RuntimeError {
  return new RuntimeError('not-found', 'JSON specification file config.json not found', {
    hint: `looked in ${bundle}; --bundle names another directory`,
  });
}

/** What `create` says when a hook of the container has called `delete --force`. */
export function deletedWhileCreated(id: string): RuntimeError {
  return wrongState(`container was deleted while it was created: ${id}`);
}

export function doesNotExist(id: string): RuntimeError {
  return new RuntimeError('not-found', `container does not exist: ${id}`);
}

export function emptyId(): RuntimeError {
  return usage('container id cannot be empty');
}

export function execArgsEmpty(): RuntimeError {
  return usage('exec args cannot be empty');
}

/**
 * What is told of init, in the words for a process of `exec`. Nobody counts for whom memory has run
 * out: it may have been another process of the container, long ago.
 */
export function execDied(error: RuntimeError): RuntimeError {
  const message = error.message
    .replace('container init', 'the process')
    .replace(OOM_KILLED, 'was killed, possibly for want of memory');
  return new RuntimeError(error.code, message, toData(error));
}

export function execPaused(): RuntimeError {
  return wrongState('cannot exec in a paused container (use --ignore-paused to override)');
}

export function execStopped(): RuntimeError {
  return wrongState('cannot exec in a stopped container');
}

export function executableNotFound(name: string): RuntimeError {
  return new RuntimeError(
    'command-not-found',
    `exec: ${quote(name)}: executable file not found in $PATH`,
  );
}

export function flagNeedsArgument(argument: string): RuntimeError {
  return usage(`flag needs an argument: ${argument}`);
}

export function initStillRunning(id: string): RuntimeError {
  return new RuntimeError('host', `container init still running: ${id}`);
}

export function invalidId(id: string): RuntimeError {
  return usage(`invalid container ID format: ${quote(id)}`, {
    hint: 'letters, digits and _ + - . are allowed, but not . or .. alone',
  });
}

/** Some engines know the first words, some only those of EACCES, which is what execve(2) answers. */
export function isADirectory(path: string): RuntimeError {
  const message = `exec: ${quote(path)}: is a directory: permission denied`;
  return new RuntimeError('command-not-executable', message);
}

/** process.terminal, and nobody who would hold the other end. */
export function noConsoleSocket(): RuntimeError {
  return usage('cannot allocate tty if runc will detach without setting console socket', {
    hint: 'name a socket with --console-socket, or set process.terminal to false',
  });
}

export function noHelpTopic(word: string, similar?: string): RuntimeError {
  return usage(
    `No help topic for '${word}'`,
    similar === undefined ? {} : { hint: `did you mean ${similar}?` },
  );
}

/** Of a path whose parent is a file. */
export function notADirectory(path: string): RuntimeError {
  return new RuntimeError(
    'command-not-found',
    `exec: ${quote(path)}: stat ${path}: not a directory`,
  );
}

export function notPaused(id: string): RuntimeError {
  return wrongState(`container not paused: ${id}`);
}

export function notRunning(id: string): RuntimeError {
  return wrongState(`container not running: ${id}`);
}

/** What `events` says of a container that has ended. */
export function notRunningWithId(id: string): RuntimeError {
  return wrongState(`container with id ${id} is not running`);
}

export function notSupported(what: string, hint?: string): RuntimeError {
  return new RuntimeError(
    'not-supported',
    `${what} is not supported yet`,
    hint === undefined ? {} : { hint },
  );
}

/** `memory`: limit and peak, or nothing. */
export function oomKilled(memory: string): RuntimeError {
  const words = `container init ${OOM_KILLED}`;
  return new RuntimeError('init-died', memory === '' ? words : `${words}: ${memory}`);
}

export function preservedFdClosed(fd: number, count: number): RuntimeError {
  return new RuntimeError('host', `unable to stat preserved-fd ${fd} (of ${count})`);
}

export function startPaused(id: string): RuntimeError {
  return wrongState(`cannot start a container in the paused state: ${id}`);
}

export function startRunning(id: string): RuntimeError {
  return wrongState(`cannot start an already running container: ${id}`);
}

export function startStopped(id: string): RuntimeError {
  return wrongState(`cannot start a container that has stopped: ${id}`);
}

export function undefinedFlag(name: string): RuntimeError {
  return usage(`flag provided but not defined: -${name}`);
}

export function unknownFormat(): RuntimeError {
  return usage('invalid format option', { hint: 'use table or json' });
}

/** A console socket, and no terminal to send there. */
export function uselessConsoleSocket(): RuntimeError {
  return usage('cannot use console socket if runc will not detach or allocate tty', {
    hint: 'a console socket is for a process with a terminal that is left to itself',
  });
}

/** `words` are those of the errno: the directory is one that the container's process asks for. */
export function workingDirectoryMissing(path: string, words: string): RuntimeError {
  return new RuntimeError('command-not-found', `${cwdStep(path)}: ${words}`);
}

/** `bound` is `exactly`, `a minimum of` or `a maximum of`. */
export function wrongCount(
  program: string,
  command: string,
  bound: string,
  count: number,
): RuntimeError {
  return usage(`${program}: ${quote(command)} requires ${bound} ${count} argument(s)`);
}

function usage(message: string, details: ErrorDetails = {}): RuntimeError {
  return new RuntimeError('usage', message, details);
}

function wrongState(message: string): RuntimeError {
  return new RuntimeError('wrong-state', message);
}
