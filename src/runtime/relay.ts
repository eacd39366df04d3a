import type { Fd } from '../host/fd.js';
import { attempt, type Context } from '../host/host.js';
import { endCharacter, modesOf } from '../host/terminal.js';
import { F_GETFL, F_SETFL, O_NONBLOCK, POLLIN, POLLOUT } from '../linux/constants.js';
import { errno } from '../linux/errno.js';

/** A pipe that says it can be written to takes that much at once, pipe(7) PIPE_BUF. */
const MOST = 4096;
const NEWLINE = 0x0a;
const [STDIN, STDOUT] = [0, 1] as const;

/** Bytes on their way. */
interface Flow {
  readonly buffer: Uint8Array;
  start: number;
  end: number;
  /** Whether more may come. */
  open: boolean;
}

const flow = (): Flow => ({ buffer: new Uint8Array(MOST), start: 0, end: 0, open: true });

const isEmpty = ({ start, end }: Flow): boolean => start === end;

const isForLater = (result: number): boolean => result === -errno.EAGAIN || result === -errno.EINTR;

/** When: bits of poll(2). Not at all is no descriptor, for else its end would be told for ever. */
type Wish = readonly [fd: number, events: number];

/**
 * What comes in goes to the terminal of a container's process, what that writes goes out. However
 * slow a reader is, nothing is lost and nothing waits but {@link step} and {@link drain}.
 */
export class Relay {
  readonly #context: Context;
  readonly #master: Fd;
  readonly #input = flow();
  readonly #output = flow();
  #last = NEWLINE;
  #on = true;

  constructor(context: Context, master: Fd) {
    const { sys } = context.host;
    this.#context = context;
    this.#master = master;
    sys.fcntl(master.number, F_SETFL, sys.fcntl(master.number, F_GETFL, 0) | O_NONBLOCK);
  }

  /** False once the terminal has been hung up. */
  get isOn(): boolean {
    return this.#on;
  }

  /** Waits for what there is to move, or for one of these; moves what can be moved. True for these. */
  step(others: readonly number[]): boolean {
    const input = this.#input;
    const output = this.#output;
    const reads = input.open && isEmpty(input) ? POLLIN : 0;
    const types = isEmpty(input) ? 0 : POLLOUT;
    const shows = output.open && isEmpty(output) ? POLLIN : 0;
    const writes = isEmpty(output) ? 0 : POLLOUT;
    const master = this.#master.number;
    const [other, stdin, terminal, stdout] = this.#poll(others, [
      [STDIN, reads],
      [master, types | shows],
      [STDOUT, writes],
    ]);
    if (reads && stdin) this.#read();
    // Its end is told whatever was asked for.
    if (types && terminal && !this.#empty(input, master)) input.open = false;
    if (shows && terminal && !this.#fill(output, master)) output.open = input.open = false;
    if (writes && stdout && !this.#empty(output, STDOUT)) this.#hangUp();
    return other === true;
  }

  /** Once the process has ended: true as long as something that it has written is still here. */
  drain(others: readonly number[]): boolean {
    this.#input.open = false;
    this.#input.start = this.#input.end;
    if (isEmpty(this.#output) && this.#output.open)
      this.#output.open = this.#fill(this.#output, this.#master.number);
    if (isEmpty(this.#output)) return false;
    this.step(others);
    return true;
  }

  /** Whether any of the others, and which of the wishes, has come true or never will. */
  #poll(others: readonly number[], wishes: readonly Wish[]): boolean[] {
    const all = [...others.map((fd): Wish => [fd, POLLIN]), ...wishes];
    const entries = new Int32Array(2 * all.length);
    all.forEach(([fd, events], i) => {
      entries[2 * i] = events === 0 ? -1 : fd;
      entries[2 * i + 1] = events;
    });
    const args = [new Uint8Array(entries.buffer), all.length, null, null, 8] as const;
    const found = attempt(this.#context, [errno.EINTR], 'ppoll', ...args);
    const ready = all.map((_, i) => found > 0 && entries[2 * i + 1]! >>> 16 !== 0);
    return [ready.slice(0, others.length).includes(true), ...ready.slice(others.length)];
  }

  /** False when nothing will come any more. */
  #fill(into: Flow, fd: number): boolean {
    const got = this.#context.host.raw.read(fd, into.buffer, MOST);
    if (isForLater(got)) return true;
    into.start = 0;
    into.end = Math.max(got, 0);
    return got > 0;
  }

  /** False when nobody takes it any more. */
  #empty(from: Flow, fd: number): boolean {
    const rest = from.buffer.subarray(from.start, from.end);
    const sent = this.#context.host.raw.write(fd, rest, rest.length);
    if (isForLater(sent)) return true;
    from.start = sent < 0 ? from.end : from.start + sent;
    return sent >= 0;
  }

  #read(): void {
    const input = this.#input;
    if (this.#fill(input, STDIN)) {
      if (!isEmpty(input)) this.#last = input.buffer[input.end - 1]!;
      return;
    }
    input.open = false;
    this.#typeEnd();
  }

  /** termios(3), VEOF: it ends a line that has begun, and only the next one ends the input. */
  #typeEnd(): void {
    const modes = modesOf(this.#context, this.#master.number);
    if (modes === null) return;
    const count = this.#last === NEWLINE ? 1 : 2;
    this.#input.buffer.fill(endCharacter(modes), 0, count);
    this.#input.start = 0;
    this.#input.end = count;
  }

  /** As when a terminal is switched off: who still writes to it is told so. */
  #hangUp(): void {
    this.#on = false;
    this.#input.open = this.#output.open = false;
    this.#input.start = this.#input.end;
    this.#master[Symbol.dispose]();
  }
}
