/**
 * The service manager's NOTIFY_SOCKET, sd_notify(3), for what runs in a container: a socket of the
 * container's own takes its messages, and once it is ready the manager is told so, and whom to watch.
 */
import { asRuntimeError, during, RuntimeError } from '../errors/error.js';
import { renderError } from '../errors/render.js';
import type { Mount, Spec } from '../generated/spec-types.js';
import { Fd, owned } from '../host/fd.js';
import { attempt } from '../host/host.js';
import { openIfThere } from '../host/io.js';
import { openHostProc } from '../host/proc.js';
import { openProcess, waitFor, waitReadable } from '../host/process.js';
import { bindTo, connectTo, connectToAbstract } from '../host/unix.js';
import {
  AT_FDCWD,
  O_CLOEXEC,
  O_DIRECTORY,
  O_NOFOLLOW,
  O_PATH,
  POLLOUT,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
} from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import type { ContainerRecord } from '../state/record.js';
import type { RuntimeContext } from './context.js';

const VARIABLE = 'NOTIFY_SOCKET=';
const FOLDER = 'notify';
const FILE = 'notify.sock';
/** Where the container finds it: runc's place. */
const INSIDE = '/run/notify';

/** How long the manager may take for a message, in milliseconds. */
const PATIENCE = 30_000;
/** So much of a message counts. */
const LONGEST = 4096;
/** A container may write faster than we read; the rest waits for the next turn. */
const MOST_AT_ONCE = 64;

/** The manager's socket: a path, or `@` and a name of the abstract namespace. */
function managerSocket({ host }: RuntimeContext): string | null {
  const entry = host.engine.environment.find((each) => each.startsWith(VARIABLE));
  const name = entry?.slice(VARIABLE.length);
  if (!name) return null;
  if (name.startsWith('/') || name.startsWith('@')) return name;
  throw new RuntimeError('usage', `NOTIFY_SOCKET=${name} is not supported`, {
    hint: 'it has to be an absolute path, or @ and a name; unset it otherwise',
  });
}

const folderOf = (root: string, id: string): string => `${root}/${id}/${FOLDER}`;

const mountOf = (root: string, id: string): Mount => ({
  destination: INSIDE,
  type: 'bind',
  source: folderOf(root, id),
  options: ['bind', 'nosuid', 'nodev', 'noexec', 'ro'],
});

/** The configuration of a container that is to tell the service manager when it is ready. */
export function withNotify(context: RuntimeContext, id: string, spec: Spec): Spec {
  if (managerSocket(context) === null || spec.process === undefined) return spec;
  if (!spec.linux?.namespaces?.some(({ type }) => type === 'mount'))
    throw new RuntimeError('not-supported', 'NOTIFY_SOCKET needs a mount namespace', {
      at: '/linux/namespaces',
      hint: 'unset it, or give the container one',
    });
  const env = [...(spec.process.env ?? []), `${VARIABLE}${INSIDE}/${FILE}`];
  const mounts = [...(spec.mounts ?? []), mountOf(context.root, id)];
  return { ...spec, mounts, process: { ...spec.process, env } };
}

/** The directory that is mounted; the socket comes when the container is started. */
export function makeNotifyFolder(context: RuntimeContext, directory: number): void {
  if (managerSocket(context) === null) return;
  const { sys } = context.host;
  during('make a directory for NOTIFY_SOCKET', () => {
    const before = sys.umask(0);
    try {
      sys.mkdirat(directory, FOLDER, 0o755);
    } finally {
      sys.umask(before);
    }
  });
}

const readyLine = (message: string): string | undefined =>
  message.split('\n').find((line) => line.startsWith('READY='));

export class NotifyProxy implements Disposable {
  readonly #context: RuntimeContext;
  readonly #id: string;
  readonly #manager: string;
  #socket: Fd | null = null;

  constructor(context: RuntimeContext, id: string, manager: string) {
    this.#context = context;
    this.#id = id;
    this.#manager = manager;
  }

  /** Before the container runs: whoever is quick must find somebody who listens. */
  bind(): void {
    const context = this.#context;
    const folder = folderOf(context.root, this.#id);
    using directory = openIfThere(context, AT_FDCWD, folder, O_PATH | O_DIRECTORY | O_NOFOLLOW);
    if (directory === null)
      throw new RuntimeError('wrong-state', 'the container was created without NOTIFY_SOCKET', {
        hint: 'set it for create as well, or unset it',
      });
    const bind = () => bindTo(context, directory, FILE, SOCK_DGRAM | SOCK_NONBLOCK);
    this.#socket = during('bind the container’s NOTIFY_SOCKET', bind);
  }

  /** What is to be waited for: nothing any more once the manager has been told. */
  get fds(): readonly number[] {
    return this.#socket === null ? [] : [this.#socket.number];
  }

  /** Reads what there is, and tells the manager of `mainPid` if the container is ready now. */
  relay(mainPid: number): void {
    const ready = this.#take();
    if (ready !== null) this.#tell(ready, mainPid)?.[Symbol.dispose]();
  }

  /** Until the container is ready and the manager knows it, or the process has ended; null: it has. */
  waitUntilReady(init: Fd | null, mainPid: number): void {
    while (this.#socket !== null) {
      const fds = init === null ? [] : [this.#socket.number, init.number];
      const ended = init === null || waitReadable(this.#context, fds, null).includes(init.number);
      const ready = this.#take();
      if (ready !== null) this.#awaitBarrier(this.#tell(ready, mainPid));
      else if (ended) return;
    }
  }

  [Symbol.dispose](): void {
    this.#socket?.[Symbol.dispose]();
    this.#socket = null;
  }

  /** The line that says it; descriptors that come with a message are not taken. */
  #take(): string | null {
    const { engine } = this.#context.host;
    const bytes = new Uint8Array(LONGEST);
    for (let i = 0; i < MOST_AT_ONCE && this.#socket !== null; i++) {
      const args = [this.#socket.number, bytes, bytes.length] as const;
      const length = attempt(this.#context, [errno.EAGAIN, errno.EINTR], 'read', ...args);
      if (length < 0) return null;
      const ready = readyLine(engine.decode(bytes, 0, length));
      if (ready !== undefined) return ready;
    }
    return null;
  }

  /** Answers the end of a pipe that the manager closes when it has read all; null: it was not told. */
  #tell(ready: string, mainPid: number): Fd | null {
    const context = this.#context;
    this[Symbol.dispose]();
    try {
      using manager = during('tell the service manager', () => this.#connect());
      this.#send(manager, `${ready}\n`);
      this.#send(manager, `MAINPID=${mainPid}\n`);
      return this.#sendBarrier(manager);
    } catch (thrown) {
      context.log.warn(
        `not told that the container is ready: ${renderError(asRuntimeError(thrown))}`,
      );
      return null;
    }
  }

  #connect(): Fd {
    const manager = this.#manager;
    const type = SOCK_DGRAM | SOCK_NONBLOCK;
    return manager.startsWith('@')
      ? connectToAbstract(this.#context, manager.slice(1), type)
      : connectTo(this.#context, manager, type);
  }

  #send(manager: Fd, text: string, fds: readonly number[] = []): void {
    const { engine, sys } = this.#context.host;
    waitFor(this.#context, [{ fd: manager.number, events: POLLOUT }], PATIENCE);
    const data = engine.encode(text);
    const attached = new Uint8Array(new Int32Array(fds).buffer);
    sys.sendFds(manager.number, data, data.length, attached, fds.length);
  }

  /** sd_notify(3), BARRIER=1: the manager closes the descriptor that comes with it. */
  #sendBarrier(manager: Fd): Fd {
    const ends = new Int32Array(2);
    this.#context.host.sys.pipe2(new Uint8Array(ends.buffer), O_CLOEXEC);
    return owned(new Fd(this.#context, ends[0]!), () => {
      using writing = new Fd(this.#context, ends[1]!);
      this.#send(manager, 'BARRIER=1', [writing.number]);
    });
  }

  /** It may look at us, to see who has spoken, as long as we are there. */
  #awaitBarrier(barrier: Fd | null): void {
    if (barrier === null) return;
    using reading = barrier;
    if (waitReadable(this.#context, [reading.number], PATIENCE).length === 0)
      this.#context.log.warn('the service manager has not read yet that the container is ready');
  }
}

/** Null without a service manager that wants to know. */
export function notifyProxy(context: RuntimeContext, id: string): NotifyProxy | null {
  const manager = managerSocket(context);
  return manager === null ? null : new NotifyProxy(context, id, manager);
}

/** Whoever leaves the container to itself stays until it is ready, or has ended. */
export function waitUntilReady(
  context: RuntimeContext,
  proxy: NotifyProxy | null,
  { pid, startTime }: Pick<ContainerRecord, 'pid' | 'startTime'>,
): void {
  if (proxy === null) return;
  using proc = openHostProc(context);
  using init = openProcess(context, proc, pid, startTime);
  proxy.waitUntilReady(init, pid);
}
