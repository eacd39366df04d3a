import type { CgroupRecord } from '../cgroup/driver.js';
import { noConsoleSocket, uselessConsoleSocket } from '../errors/catalog.js';
import { during } from '../errors/error.js';
import type { Process } from '../generated/spec-types.js';
import type { Fd } from '../host/fd.js';
import type { Context } from '../host/host.js';
import { terminalName } from '../host/terminal.js';
import { connectTo } from '../host/unix.js';
import type { Launched } from './launch.js';
import { awaitTerminal } from './serve.js';

/** Where the terminal of a process goes: to a socket, or, without one, to this program's user. */
export interface ConsolePlace {
  /** Whether this program stays until the process has ended. */
  readonly foreground: boolean;
  readonly socket: string | undefined;
}

/** As runc has it: who holds the terminal is known before anything is made. */
export function checkConsole({ terminal = false }: Process, place: ConsolePlace): void {
  const { foreground, socket } = place;
  if (terminal && !foreground && socket === undefined) throw noConsoleSocket();
  if (socket !== undefined && (foreground || !terminal)) throw uselessConsoleSocket();
}

/** Connected early, so that a socket that is not there fails before anything is made. */
export const connectConsole = (context: Context, { socket }: ConsolePlace): Fd | null =>
  socket === undefined
    ? null
    : during('connect to the console socket', () => connectTo(context, socket));

/** One message with one descriptor; without any data it would be lost on a stream, unix(7). */
function sendTerminal(context: Context, socket: Fd, master: Fd): void {
  const { engine, sys } = context.host;
  const name = engine.encode(terminalName(context, master));
  const fds = new Uint8Array(new Int32Array([master.number]).buffer);
  sys.sendFds(socket.number, name, name.length, fds, 1);
}

/** Takes the terminal from init and sends it on; answers it when it stays with us. */
export function serveTerminal(
  context: Context,
  { pid, channel }: Launched,
  cgroup: CgroupRecord,
  socket: Fd | null,
): Fd | null {
  const master = awaitTerminal(context, channel, pid, cgroup);
  if (socket === null) return master;
  using sent = master;
  during('send the terminal to the console socket', () => sendTerminal(context, socket, sent));
  return null;
}
