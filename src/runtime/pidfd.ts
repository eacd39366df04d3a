import { during } from '../errors/error.js';
import type { Spec } from '../generated/spec-types.js';
import { Fd } from '../host/fd.js';
import type { Context } from '../host/host.js';
import { connectTo } from '../host/unix.js';
import { cleanPath } from '../plan/path.js';
import { annotation } from '../spec/annotations.js';

/** A descriptor travels with at least one byte of data, unix(7). */
const BLANK = new Uint8Array([0x20]);

function send(context: Context, path: string, pid: number): void {
  const { sys } = context.host;
  // Init is our child and not yet waited for, so that its number is its own.
  using pidfd = new Fd(context, sys.pidfdOpen(pid, 0));
  using socket = connectTo(context, path);
  const fds = new Uint8Array(new Int32Array([pidfd.number]).buffer);
  sys.sendFds(socket.number, BLANK, BLANK.length, fds, 1);
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
  during('send a pidfd of init', () => send(context, absolute, pid), at);
}
