import { RuntimeError } from '../errors/error.js';
import {
  AF_UNIX,
  AT_FDCWD,
  O_PATH,
  S_IFSOCK,
  SOCK_CLOEXEC,
  SOCK_STREAM,
} from '../linux/constants.js';
import { Fd, owned } from './fd.js';
import type { Context } from './host.js';
import { openAt } from './io.js';
import { stat } from './stat.js';

/** struct sockaddr_un: an abstract name begins with a zero byte, and has no other at its end. */
const addressOf = (...name: readonly number[]): Uint8Array => Uint8Array.of(AF_UNIX, 0, ...name);

const connected = (context: Context, address: Uint8Array): Fd =>
  owned(
    new Fd(context, context.host.sys.socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)),
    ({ number }) => {
      context.host.sys.connect(number, address, address.length);
    },
  );

/** A stream to a socket at a path; by way of a descriptor, for sun_path holds 108 bytes, unix(7). */
export function connectTo(context: Context, path: string): Fd {
  using file = openAt(context, AT_FDCWD, path, O_PATH);
  if (stat(context, file.number).type !== S_IFSOCK)
    throw new RuntimeError('host', `${path} is not a socket`);
  const name = context.host.engine.encode(`/proc/self/fd/${file.number}`);
  return connected(context, addressOf(...name, 0));
}

/** A stream to a socket in the abstract namespace, unix(7). */
export const connectToAbstract = (context: Context, name: string): Fd =>
  connected(context, addressOf(0, ...context.host.engine.encode(name)));
