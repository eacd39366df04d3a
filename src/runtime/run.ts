import { Fd } from '../host/fd.js';
import { attempt } from '../host/host.js';
import { exitCodeOf, waitReadable } from '../host/process.js';
import { PR_SET_CHILD_SUBREAPER, SIGCHLD, WNOHANG } from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import { signals } from '../linux/signals.js';
import type { RunOptions, RuntimeContext } from './context.js';
import { createAndStart } from './create.js';
import { deleteContainer, deleteEnded } from './delete.js';
import { runPoststart } from './hooks.js';

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

function forward(context: RuntimeContext, pending: Fd, init: Fd): void {
  const numbers = new Uint8Array(256);
  const nothing = [errno.EAGAIN];
  const count = attempt(context, nothing, 'read', pending.number, numbers, numbers.length);
  for (const number of numbers.subarray(0, Math.max(count, 0)))
    if (number !== SIGCHLD) context.host.raw.pidfdSendSignal(init.number, number, null, 0);
}

/** Forwards signals to init and reaps what falls to us, until init has ended: its exit code. */
function waitForEnd(context: RuntimeContext, pid: number, pending: Fd): number {
  using init = new Fd(context, context.host.sys.pidfdOpen(pid, 0));
  for (;;) {
    waitReadable(context, [init.number, pending.number], null);
    forward(context, pending, init);
    const status = reapAll(context, pid);
    if (status !== null) return exitCodeOf(status);
  }
}

function undoing<T>(act: () => T, undo: () => void): T {
  try {
    return act();
  } catch (thrown) {
    undo();
    throw thrown;
  }
}

/** What follows the start; a container that fails there is not left behind. */
const afterwards = <T>(context: RuntimeContext, { id }: RunOptions, act: () => T): T =>
  undoing(act, () => deleteContainer(context, id, { force: true }));

function runDetached(context: RuntimeContext, options: RunOptions): number {
  const { record } = createAndStart(context, options, () => {});
  afterwards(context, options, () => runPoststart(context, record));
  return 0;
}

/** A signal that comes before the container's process runs ends this program, and init with it. */
function runInForeground(context: RuntimeContext, options: RunOptions): number {
  if (!options.noSubreaper) context.host.sys.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  let pending: Fd | undefined;
  const { pid, record } = createAndStart(context, options, () => {
    pending = new Fd(context, context.host.sys.watchSignals(watched, watched.length));
  });
  using received = pending!;
  const code = afterwards(context, options, () => {
    runPoststart(context, record);
    return waitForEnd(context, pid, received);
  });
  if (!options.keep) deleteEnded(context, record);
  return code;
}

/** runc's `run`: create, start and, in the foreground, wait and delete. Answers the exit code. */
export const runContainer = (context: RuntimeContext, options: RunOptions): number =>
  options.detach ? runDetached(context, options) : runInForeground(context, options);
