import { Fd } from '../host/fd.js';
import { attempt } from '../host/host.js';
import { exitCodeOf, waitReadable } from '../host/process.js';
import { SIGCHLD, SIGCONT, SIGWINCH, WNOHANG } from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import { signals } from '../linux/signals.js';
import type { RuntimeContext } from './context.js';
import type { NotifyProxy } from './notify.js';
import { UserTerminal } from './user-terminal.js';

/** Signals that end or stop this program itself, or that nobody can catch. */
const notForwarded = [
  ...['SIGKILL', 'SIGSTOP', 'SIGPIPE', 'SIGSEGV', 'SIGBUS', 'SIGILL', 'SIGFPE'],
  // What uses its terminal from the background stops, as a shell's user expects.
  ...['SIGTTIN', 'SIGTTOU'],
];

/** What nobody means as an order to end. */
const patient: readonly number[] = [SIGCHLD, SIGCONT, SIGWINCH];

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

/** This program while a process of a container runs that it waits for. */
export class Foreground implements Disposable {
  readonly #context: RuntimeContext;
  #signals: Fd | null = null;
  #terminal: UserTerminal | null = null;

  readonly #proxy: NotifyProxy | null;

  /** A service manager that wants to know hears of the process, but watches this program. */
  constructor(context: RuntimeContext, proxy: NotifyProxy | null = null) {
    this.#context = context;
    this.#proxy = proxy;
  }

  /** From now on signals wait in a pipe, and keys go to the container. Takes the terminal over. */
  begin(terminal: Fd | null): void {
    const context = this.#context;
    this.#proxy?.bind();
    this.#signals = new Fd(context, context.host.sys.watchSignals(watched, watched.length));
    if (terminal === null) return;
    this.#terminal = new UserTerminal(context, terminal);
    this.#terminal.begin();
  }

  /** Forwards signals to a process and reaps what falls to us, until it has ended: its exit code. */
  waitForEnd(pid: number): number {
    const context = this.#context;
    using process = new Fd(context, context.host.sys.pidfdOpen(pid, 0));
    for (;;) {
      const notices = this.#proxy?.fds ?? [];
      if (!this.#wait([process.number, this.#signals!.number, ...notices])) continue;
      if (notices.length > 0) this.#proxy?.relay(context.host.sys.getpid());
      for (const signal of this.#received()) this.#forward(process, signal);
      const status = reapAll(context, pid);
      if (status === null) continue;
      // What follows, a slow reader or hooks, may take its time, and can be interrupted.
      this.#terminal?.release();
      this.#drain();
      return exitCodeOf(status);
    }
  }

  [Symbol.dispose](): void {
    this.#terminal?.[Symbol.dispose]();
    this.#signals?.[Symbol.dispose]();
  }

  /** False when it was for the terminal alone. */
  #wait(fds: readonly number[]): boolean {
    if (this.#terminal !== null) return this.#terminal.relay.step(fds);
    waitReadable(this.#context, fds, null);
    return true;
  }

  #received(): Uint8Array {
    const numbers = new Uint8Array(256);
    const args = [this.#signals!.number, numbers, numbers.length] as const;
    const count = attempt(this.#context, [errno.EAGAIN], 'read', ...args);
    return numbers.subarray(0, Math.max(count, 0));
  }

  #forward(process: Fd, signal: number): void {
    if (signal === SIGCHLD) return;
    if (signal === SIGWINCH) {
      // It is about our terminal, which the container does not have.
      this.#terminal?.resize();
      return;
    }
    if (signal === SIGCONT) this.#terminal?.resume();
    this.#context.host.raw.pidfdSendSignal(process.number, signal, null, 0);
  }

  /** Whoever does not want to wait for a slow reader may still interrupt us. */
  #drain(): void {
    while (this.#terminal?.relay.drain([this.#signals!.number]))
      if (this.#received().some((signal) => !patient.includes(signal))) return;
  }
}
