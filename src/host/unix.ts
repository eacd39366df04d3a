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

const open = (context: Context, type: number): Fd =>
  new Fd(context, context.host.sys.socket(AF_UNIX, type | SOCK_CLOEXEC, 0));

const connected = (context: Context, address: Uint8Array, type: number): Fd =>
  owned(open(context, type), ({ number }) => {
    context.host.sys.connect(number, address, address.length);
  });

const pathAddress = (context: Context, path: string): Uint8Array =>
  addressOf(...context.host.engine.encode(path), 0);

/** A stream, or what else, to a socket at a path; by way of a descriptor, for sun_path holds 108 bytes, unix(7). */
export function connectTo(context: Context, path: string, type = SOCK_STREAM): Fd {
  using file = openAt(context, AT_FDCWD, path, O_PATH);
  if (stat(context, file.number).type !== S_IFSOCK)
    throw new RuntimeError('host', `${path} is not a socket`);
  return connected(context, pathAddress(context, `/proc/self/fd/${file.number}`), type);
}

/** The same in the abstract namespace, unix(7). */
export const connectToAbstract = (context: Context, name: string, type = SOCK_STREAM): Fd =>
  connected(context, addressOf(0, ...context.host.engine.encode(name)), type);

/** A socket for everybody, in place of an earlier one of that name. */
export function bindTo(context: Context, directory: Fd, name: string, type: number): Fd {
  const { raw, sys } = context.host;
  raw.unlinkat(directory.number, name, 0);
  const address = pathAddress(context, `/proc/self/fd/${directory.number}/${name}`);
  return owned(open(context, type), ({ number }) => {
    const before = sys.umask(0);
    try {
      sys.bind(number, address, address.length);
    } finally {
      sys.umask(before);
    }
  });
}
