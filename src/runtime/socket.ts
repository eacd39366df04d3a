import { Fd, owned } from '../host/fd.js';
import { type Context, callFailed } from '../host/host.js';
import { openIfThere } from '../host/io.js';
import {
  AF_UNIX,
  O_DIRECTORY,
  O_NOFOLLOW,
  O_PATH,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_SEQPACKET,
} from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import { START_SOCKET } from '../state/store.js';

/**
 * The socket at which a created container's init waits for `start`. Its path goes by way of
 * /proc/self/fd, since a state root may be longer than the 108 bytes of sun_path, unix(7).
 */
function addressOf(context: Context, directory: number): Uint8Array {
  const path = context.host.engine.encode(`/proc/self/fd/${directory}/${START_SOCKET}`);
  const address = new Uint8Array(2 + path.length + 1);
  address[0] = AF_UNIX;
  address.set(path, 2);
  return address;
}

const open = (context: Context, flags: number): Fd =>
  new Fd(context, context.host.sys.socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | flags, 0));

export function listenForStart(context: Context, directory: number): Fd {
  const address = addressOf(context, directory);
  return owned(open(context, 0), ({ number }) => {
    context.host.sys.bind(number, address, address.length);
    context.host.sys.listen(number, 8);
  });
}

/** A connection to the waiting init, or null when nobody waits any more. */
export function connectToInit(context: Context, directory: number): Fd | null {
  const socket = open(context, 0);
  const address = addressOf(context, directory);
  const result = context.host.raw.connect(socket.number, address, address.length);
  if (result === 0) return socket;
  socket[Symbol.dispose]();
  if (result === -errno.ECONNREFUSED || result === -errno.ENOENT) return null;
  throw callFailed('connect', [socket.number, address, address.length], -result);
}

/** The same of a container in an open state root. `start` takes the socket away: most have none. */
export function isWaitingIn(context: Context, root: number, id: string): boolean {
  const { raw } = context.host;
  if (raw.faccessat2(root, `${id}/${START_SOCKET}`, 0, 0) === -errno.ENOENT) return false;
  using directory = openIfThere(context, root, id, O_PATH | O_DIRECTORY | O_NOFOLLOW);
  return directory !== null && isWaiting(context, directory.number);
}

/** Whether init still waits: it takes our connection, finds no word in it and goes on waiting. */
export function isWaiting(context: Context, directory: number): boolean {
  using socket = open(context, SOCK_NONBLOCK);
  const address = addressOf(context, directory);
  const result = context.host.raw.connect(socket.number, address, address.length);
  // EAGAIN: the queue of connections is full, so there is a queue.
  return result === 0 || result === -errno.EAGAIN;
}

/** After the release: nothing waits here any more. */
export function removeStartSocket(context: Context, directory: number): void {
  context.host.raw.unlinkat(directory, START_SOCKET, 0);
}
