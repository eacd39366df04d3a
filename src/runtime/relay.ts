import type { Fd } from '../host/fd.js';
import { attempt, type Context } from '../host/host.js';
import { endCharacter, modesOf } from '../host/terminal.js';
import { F_GETFL, F_SETFL, O_NONBLOCK, POLLIN, POLLOUT } from '../linux/constants.js';
import { errno, errnoName } from '../linux/errno.js';

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

/** How a reader, or a terminal, tells that it is gone. */
const isGone = (result: number): boolean => result === -errno.EPIPE || result === -errno.EIO;

/** Places in the table for poll(2); whoever else is waited for comes after them. */
const [IN, TERMINAL, OUT, OTHERS] = [0, 1, 2, 3] as const;

/**
 * What comes in goes to the terminal of a container's process, what that writes goes out. However
 * slow a reader is, nothing is lost and nothing waits but {@link step} and {@link drain}.
 */
export class Relay {
  readonly #context: Context;
  readonly #master: Fd;
  #stdout: number = STDOUT;
  readonly #input = flow();
  readonly #output = flow();
  #table = new Int32Array(2 * OTHERS);
  #bytes = new Uint8Array(this.#table.buffer);
  #last = NEWLINE;
  #on = true;
  /** What was read last was so much that more will be there. */
  #plenty = false;

  constructor(context: Context, master: Fd) {
    this.#context = context;
    this.#master = master;
  }

  /** What is shown goes to standard output, or to this descriptor. */
  begin(stdout: number = STDOUT): void {
    const { sys } = this.#context.host;
    const master = this.#master;
    this.#stdout = stdout;
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
    const master = this.#master.number;
    if (this.#plenty && isEmpty(output)) this.#show();
    const types = !isEmpty(input);
    const writes = !isEmpty(output);
    const reads = input.open && !types;
    const shows = output.open && !writes;
    this.#want(IN, STDIN, reads ? POLLIN : 0);
    this.#want(TERMINAL, master, (types ? POLLOUT : 0) | (shows ? POLLIN : 0));
    this.#want(OUT, this.#stdout, writes ? POLLOUT : 0);
    const other = this.#poll(others);
    if (reads && this.#has(IN)) this.#read();
    else if (types && this.#has(TERMINAL)) this.#type();
    // Its end is told whatever was asked for.
    if (shows && this.#has(TERMINAL)) this.#show();
    if (writes && this.#has(OUT)) this.#write();
    return other;
  }

  /** Once the process has ended: true as long as something that it has written is still here. */
  drain(others: readonly number[]): boolean {
    this.#forgetInput();
    if (isEmpty(this.#output) && this.#output.open) this.#show();
    if (isEmpty(this.#output)) return false;
    this.step(others);
    return true;
  }

  /** Bits of poll(2) to wait for. None is no descriptor, for else its end would be told for ever. */
  #want(place: number, fd: number, events: number): void {
    this.#table[2 * place] = events === 0 ? -1 : fd;
    this.#table[2 * place + 1] = events;
  }

  /** Whether it has come true, or never will. */
  #has(place: number): boolean {
    return this.#table[2 * place + 1]! >>> 16 !== 0;
  }

  /** Answers whether any of the others can be read. */
  #poll(others: readonly number[]): boolean {
    const count = OTHERS + others.length;
    if (this.#table.length !== 2 * count) {
      const wanted = this.#table.subarray(0, 2 * OTHERS);
      this.#table = new Int32Array(2 * count);
      this.#table.set(wanted);
      this.#bytes = new Uint8Array(this.#table.buffer);
    }
    for (let i = 0; i < others.length; i++) this.#want(OTHERS + i, others[i]!, POLLIN);
    const found = attempt(this.#context, [errno.EINTR], 'ppoll', this.#bytes, count, null, null, 8);
    if (found < 0) this.#table.fill(0);
    return others.some((_, i) => this.#has(OTHERS + i));
  }

  /** What read(2) says: zero or an error when nothing will come any more. */
  #fill(into: Flow, fd: number): number {
    const got = this.#context.host.raw.read(fd, into.buffer, MOST);
    if (!isForLater(got)) {
      into.start = 0;
      into.end = Math.max(got, 0);
    }
    return got;
  }

  /** Negative, the errno, when nobody takes it any more. */
  #empty(from: Flow, fd: number): number {
    const rest = from.buffer.subarray(from.start, from.end);
    const sent = this.#context.host.raw.write(fd, rest, rest.length);
    if (isForLater(sent)) return 0;
    if (sent >= 0) from.start += sent;
    return sent;
  }

  #read(): void {
    const input = this.#input;
    const got = this.#fill(input, STDIN);
    if (isForLater(got)) return;
    if (got > 0) this.#last = input.buffer[got - 1]!;
    else this.#typeEnd();
    this.#type();
  }

  #type(): void {
    if (this.#empty(this.#input, this.#master.number) < 0) this.#forgetInput();
  }

  #show(): void {
    const got = this.#fill(this.#output, this.#master.number);
    this.#plenty = got >= MOST / 2;
    if (got > 0 || isForLater(got)) return;
    this.#output.open = false;
    this.#forgetInput();
  }

  #write(): void {
    const sent = this.#empty(this.#output, this.#stdout);
    if (sent >= 0) return;
    if (!isGone(sent)) this.#context.log.warn(`the output is cut: write: ${errnoName(-sent)}`);
    this.#hangUp();
  }

  #forgetInput(): void {
    this.#input.open = false;
    this.#input.start = this.#input.end;
  }

  /** termios(3), VEOF: it ends a line that has begun, and only the next one ends the input. */
  #typeEnd(): void {
    this.#input.open = false;
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
    this.#forgetInput();
    this.#output.open = false;
    this.#output.start = this.#output.end;
    this.#plenty = false;
    this.#master[Symbol.dispose]();
  }
}
