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

/** A stream to a socket at a path; by way of a descriptor, for sun_path holds 108 bytes, unix(7). */
export function connectTo(context: Context, path: string): Fd {
  const { engine, sys } = context.host;
  using file = openAt(context, AT_FDCWD, path, O_PATH);
  if (stat(context, file.number).type !== S_IFSOCK)
    throw new RuntimeError('host', `${path} is not a socket`);
  const name = engine.encode(`/proc/self/fd/${file.number}`);
  const address = new Uint8Array(2 + name.length + 1);
  address[0] = AF_UNIX;
  address.set(name, 2);
  return owned(
    new Fd(context, sys.socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)),
    ({ number }) => {
      sys.connect(number, address, address.length);
    },
  );
}
