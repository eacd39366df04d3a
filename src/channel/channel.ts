import { type ErrorData, RuntimeError } from '../errors/error.js';
import { Fd } from '../host/fd.js';
import { type Context, callFailed } from '../host/host.js';
import { AF_UNIX, SOCK_CLOEXEC, SOCK_SEQPACKET } from '../linux/constants.js';
import { errno } from '../linux/errno.js';

/** What the child says. `failed` comes from a batch (native/batch.c), the others from TypeScript. */
export type Packet =
  /** From the batch: there is a process, in the cgroups of its parent still. */
  | { readonly type: 'arrived' }
  /** From the batch: the user and time namespaces are there, and have to be set up from outside. */
  | { readonly type: 'entered' }
  /** From the batch: the pid of the process that goes on, and its own first word. */
  | { readonly type: 'child'; readonly pid: number }
  | { readonly type: 'born' }
  | { readonly type: 'ready' }
  /** With the descriptor of a seccomp filter's listener, by a batch. */
  | { readonly type: 'listener' }
  /** With the descriptor of the master of the process's terminal. */
  | { readonly type: 'terminal' }
  /** With the root directory of a process whose execve(2) has failed, and the path of its program. */
  | { readonly type: 'root'; readonly path: string }
  /** Execve(2) has failed: one byte answers it; and once more, when the root can be looked at. */
  | { readonly type: 'unexecuted' }
  /** Now is the time for the hooks of the runtime; one byte answers it. */
  | { readonly type: 'hooks' }
  | { readonly type: 'error'; readonly error: ErrorData }
  | {
      readonly type: 'failed';
      readonly step: string;
      /** Of the native table; -1 for what is none of its calls. */
      readonly row: number;
      readonly errno: number;
    };

/** Largest packet: an error with its steps fits many times. */
const buffer = new Uint8Array(65536);
const counted = new Uint8Array(4);
const single = new Int32Array(2);

/** Two ends of a socket pair; each packet arrives whole, and an end that is gone reads as EOF. */
export function socketPair(context: Context): readonly [Fd, Fd] {
  const fds = new Int32Array(2);
  const bytes = new Uint8Array(fds.buffer);
  context.host.sys.socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, bytes);
  return [new Fd(context, fds[0]!), new Fd(context, fds[1]!)];
}

export function send(context: Context, socket: number, packet: Packet): void {
  const bytes = context.host.engine.encode(JSON.stringify(packet));
  context.host.sys.sendFds(socket, bytes, bytes.length, null, 0);
}

/** The same with a descriptor. */
export function sendFd(context: Context, socket: number, packet: Packet, fd: Fd): void {
  const bytes = context.host.engine.encode(JSON.stringify(packet));
  const fds = new Uint8Array(new Int32Array([fd.number]).buffer);
  context.host.sys.sendFds(socket, bytes, bytes.length, fds, 1);
}

const answer = new Uint8Array(1);

/** Sends a request and waits until it is done. Without a parent there is nothing left to do. */
export function ask(context: Context, socket: number, packet: Packet): void {
  send(context, socket, packet);
  const length = context.host.sys.recvFds(socket, answer, answer.length, counted, 0);
  if (length === 0) throw new RuntimeError('protocol', 'nobody waits for the container any more');
}

/** The next packet, or null when the other end is closed. What it says is not trusted. */
export const receive = (context: Context, socket: number): Packet | null =>
  receiveWith(context, socket, counted, 0);

/** The same with the descriptor that it may bring. */
export function receiveFd(
  context: Context,
  socket: number,
): { readonly packet: Packet | null; readonly fd: Fd | null } {
  single[0] = 0;
  const packet = receiveWith(context, socket, new Uint8Array(single.buffer), 1);
  return { packet, fd: single[0] === 1 ? new Fd(context, single[1]!) : null };
}

function receiveWith(
  context: Context,
  socket: number,
  fds: Uint8Array,
  count: number,
): Packet | null {
  const length = context.host.raw.recvFds(socket, buffer, buffer.length, fds, count);
  // A peer that was killed with data of ours unread resets the connection: unix(7).
  if (length === 0 || length === -errno.ECONNRESET) return null;
  if (length < 0) throw callFailed('recvFds', [socket, buffer, buffer.length, fds, count], -length);
  const text = context.host.engine.decode(buffer.subarray(0, length));
  const packet = parse(text);
  if (isPacket(packet)) return packet;
  throw new RuntimeError('protocol', `unexpected packet from the container's init: ${text}`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

const shapes: Readonly<Record<string, (packet: Record<string, unknown>) => boolean>> = {
  arrived: () => true,
  entered: () => true,
  child: ({ pid }) => Number.isInteger(pid) && (pid as number) > 0,
  born: () => true,
  ready: () => true,
  listener: () => true,
  terminal: () => true,
  unexecuted: () => true,
  root: ({ path }) => typeof path === 'string',
  hooks: () => true,
  error: ({ error }) => isErrorData(error),
  failed: ({ step, row, errno }) =>
    typeof step === 'string' && typeof row === 'number' && typeof errno === 'number',
};

const isPacket = (value: unknown): value is Packet =>
  isObject(value) &&
  typeof value.type === 'string' &&
  Object.hasOwn(shapes, value.type) &&
  shapes[value.type]!(value);

const isErrorData = (value: unknown): value is ErrorData =>
  isObject(value) &&
  typeof value.code === 'string' &&
  typeof value.message === 'string' &&
  Array.isArray(value.steps) &&
  value.steps.every((step) => typeof step === 'string');
