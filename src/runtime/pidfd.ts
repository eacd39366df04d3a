import { during } from '../errors/error.js';
import type { Spec } from '../generated/spec-types.js';
import { Fd } from '../host/fd.js';
import type { Context } from '../host/host.js';
import { connectTo } from '../host/unix.js';
import { cleanPath } from '../plan/path.js';
import { annotation } from '../spec/annotations.js';

/** What comes with the descriptor: runc's words for an init, and for a process that joins it. */
export type PidfdKind = 'standard' | 'setns';

/** One message with one descriptor: it travels with at least one byte of data, unix(7). */
function send(context: Context, socket: Fd, text: string, pid: number): void {
  const { engine, sys } = context.host;
  // The process is our child and not yet waited for, so that its number is its own.
  using pidfd = new Fd(context, sys.pidfdOpen(pid, 0));
  const fds = new Uint8Array(new Int32Array([pidfd.number]).buffer);
  const data = engine.encode(text);
  sys.sendFds(socket.number, data, data.length, fds, 1);
}

/** Connected early, so that a socket that is not there fails before anything is made. */
export const connectForPidfd = (context: Context, path: string | undefined): Fd | null =>
  path === undefined ? null : during('connect to the pidfd socket', () => connectTo(context, path));

/** `--pidfd-socket`: whoever listens there is given a pidfd of the process before it runs. */
export function handPidfd(context: Context, socket: Fd | null, kind: PidfdKind, pid: number): void {
  if (socket !== null)
    during('send a pidfd to the pidfd socket', () => send(context, socket, kind, pid));
}

/** crun's annotation: a stream socket that is given a pidfd of init. */
export function sendPidfd(
  context: Context,
  { annotations }: Spec,
  bundle: string,
  pid: number,
): void {
  const path = annotations?.[annotation.pidfdReceiver];
  if (!path) return;
  const absolute = path.startsWith('/') ? path : cleanPath(`${bundle}/${path}`);
  const at = `/annotations/${annotation.pidfdReceiver}`;
  const act = () => {
    using socket = connectTo(context, absolute);
    send(context, socket, ' ', pid);
  };
  during('send a pidfd of init', act, at);
}
