import { Fd } from '../host/fd.js';
import { attempt } from '../host/host.js';
import { exitCodeOf, waitReadable } from '../host/process.js';
import { SIGCHLD, WNOHANG } from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import { signals } from '../linux/signals.js';
import type { RuntimeContext } from './context.js';

/** Signals that end or stop this program itself, or that nobody can catch. */
const notForwarded = ['SIGKILL', 'SIGSTOP', 'SIGPIPE', 'SIGSEGV', 'SIGBUS', 'SIGILL', 'SIGFPE'];

const watched = new Uint8Array(
  Object.entries(signals)
    .filter(([name, number]) => !notForwarded.includes(name) && number < 32)
    .map(([, number]) => number),
);

/** Every child that has ended; the status of `pid` if it is among them. */
function reapAll(context: RuntimeContext, pid: number): number | null {
  const status = new Int32Array(1);
  const bytes = new Uint8Array(status.buffer);
  let found: number | null = null;
  for (;;) {
    const ended = context.host.raw.wait4(-1, bytes, WNOHANG, null);
    if (ended <= 0) return found;
    if (ended === pid) found = status[0]!;
  }
}

function forward(context: RuntimeContext, pending: Fd, process: Fd): void {
  const numbers = new Uint8Array(256);
  const nothing = [errno.EAGAIN];
  const count = attempt(context, nothing, 'read', pending.number, numbers, numbers.length);
  for (const number of numbers.subarray(0, Math.max(count, 0)))
    if (number !== SIGCHLD) context.host.raw.pidfdSendSignal(process.number, number, null, 0);
}

/** From now on signals wait in a pipe. */
export const watchSignals = (context: RuntimeContext): Fd =>
  new Fd(context, context.host.sys.watchSignals(watched, watched.length));

/** Forwards signals to a process and reaps what falls to us, until it has ended: its exit code. */
export function waitForEnd(context: RuntimeContext, pid: number, pending: Fd): number {
  using process = new Fd(context, context.host.sys.pidfdOpen(pid, 0));
  for (;;) {
    waitReadable(context, [process.number, pending.number], null);
    forward(context, pending, process);
    const status = reapAll(context, pid);
    if (status !== null) return exitCodeOf(status);
  }
}
