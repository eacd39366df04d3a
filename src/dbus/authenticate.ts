import { RuntimeError } from '../errors/error.js';
import type { Fd } from '../host/fd.js';
import type { Context } from '../host/host.js';
import { writeText } from '../host/io.js';

/** The answer to a command is one line; this is more than any server says. */
const LONGEST_LINE = 4096;

const hex = (text: string): string =>
  [...text].map((digit) => digit.charCodeAt(0).toString(16).padStart(2, '0')).join('');

/** Up to the end of a line. Nothing follows it: a server speaks only when it is spoken to. */
function readLine(context: Context, socket: Fd, awaitReadable: () => void): string {
  let line = '';
  const buffer = new Uint8Array(LONGEST_LINE);
  while (!line.endsWith('\r\n')) {
    awaitReadable();
    const length = context.host.sys.read(socket.number, buffer, buffer.length);
    if (length === 0 || line.length > LONGEST_LINE)
      throw new RuntimeError('protocol', 'D-Bus: the bus has closed the connection', {
        hint: 'does it let this user in?',
      });
    line += context.host.engine.decode(buffer.subarray(0, length));
  }
  return line.slice(0, -2);
}

/**
 * "Authentication Protocol", mechanism EXTERNAL: the kernel tells the bus who connects, and the user
 * id has to agree. It counts outside of user namespaces.
 */
export function authenticate(
  context: Context,
  socket: Fd,
  uid: number,
  awaitReadable: () => void,
): void {
  writeText(context, socket.number, `\0AUTH EXTERNAL ${hex(String(uid))}\r\n`);
  const answer = readLine(context, socket, awaitReadable);
  if (!/^OK [0-9a-fA-F]{32}$/.test(answer))
    throw new RuntimeError('host', `D-Bus: the bus does not let user ${uid} in: ${answer}`);
  writeText(context, socket.number, 'BEGIN\r\n');
}
