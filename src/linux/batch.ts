import {
  type ArgumentType,
  type NativeName,
  type NativeRow,
  type Natives,
  natives,
} from './natives.js';

/**
 * A batch: native calls that C runs one after another without an engine (native/batch.c).
 * The first that fails is reported under its label and ends the process.
 */
export type BatchStep =
  | {
      /** `filter` and `hand` are calls with what only C can put together. */
      readonly do: 'call' | 'filter' | 'hand';
      /** What a failure is called, as one more step of the error. */
      readonly label: string;
      readonly name: NativeName;
      readonly args: readonly BatchValue[];
      /** A failure does not matter. */
      readonly tolerate?: boolean;
      /** Slot 0…7 that keeps the result, or the negated errno, for a later {@link kept} argument. */
      readonly save?: number;
    }
  /**
   * Sends `request` on the channel and waits for the answer. After one that `releases`, the parent
   * may be gone: failures are told to the container's error output as well.
   */
  | {
      readonly do: 'ask';
      readonly request: string;
      readonly releases?: true;
      /** Without an answer it goes on as well. */
      readonly tolerate?: boolean;
    }
  /**
   * Goes on in a sibling that is born with these flags of clone3(2). Its pid, as this process sees
   * it, goes to the parent in a packet `child`; this process ends.
   */
  | { readonly do: 'clone'; readonly label: string; readonly flags: number }
  /** The end: what a tolerated call has kept in a slot is told as its failure. */
  | { readonly do: 'fail'; readonly label: string; readonly name: NativeName; readonly error: Kept }
  /** Waits at the listening socket for `start`; its connection becomes the channel. */
  | { readonly do: 'await'; readonly listener: number }
  /** Runs a program (linux/program.ts); unless it succeeds, the batch ends here. */
  | {
      readonly do: 'run';
      readonly label: string;
      readonly program: Uint8Array;
      readonly input: Uint8Array;
      /** Milliseconds; negative: as long as it likes. */
      readonly timeout: number;
    };

export interface Kept {
  readonly slot: number;
}

export type BatchValue = number | bigint | string | Uint8Array | Kept | readonly string[] | null;

/** As in the native table, with `string[]` for a vector of texts and slots for numbers. */
type BatchArgument<T> = T extends Uint8Array
  ? Uint8Array | readonly string[]
  : T extends number
    ? number | Kept
    : T;

type BatchArguments<A> = A extends readonly [infer First, ...infer Rest]
  ? [BatchArgument<First>, ...BatchArguments<Rest>]
  : [];

export const call = <N extends NativeName>(
  label: string,
  name: N,
  ...args: BatchArguments<Parameters<Natives[N]>>
): BatchStep => ({ do: 'call', label, name, args: args as readonly BatchValue[] });

/** seccomp(2) with instructions of 8 bytes each; a listener is kept in a slot. */
export const loadFilter = (
  label: string,
  flags: number,
  program: Uint8Array,
  save?: number,
): BatchStep => ({
  ...{ do: 'filter', label, name: 'seccomp', args: [flags, program, program.length / 8] },
  ...(save !== undefined && { save }),
});

/** Sends a packet of ASCII and the descriptor in a slot on the channel; nothing answers it. */
export const handOver = (label: string, packet: string, descriptor: Kept): BatchStep => ({
  ...{ do: 'hand', label, name: 'sendFds', args: [packet, packet.length, descriptor] },
});

export const tolerated = (step: BatchStep): BatchStep => ({ ...step, tolerate: true }) as BatchStep;

/** Keeps the result for later arguments `{ slot }`. */
export const saved = (step: BatchStep, slot: number): BatchStep =>
  ({ ...step, save: slot }) as BatchStep;

const rowNumbers = Object.fromEntries(
  Object.keys(natives).map((name, index) => [name, index]),
) as Readonly<Record<NativeName, number>>;

/** The name of the system call that an instruction with this row makes. */
export function callOfRow(row: number): string | undefined {
  const found: [string, NativeRow] | undefined = Object.entries(natives)[row];
  return found && (found[1].call ?? found[0]);
}

const HEADER = 8;
const INSTRUCTION = 64;
const NO_SLOT = 0xff;
const operations = {
  call: 0,
  ask: 1,
  await: 2,
  filter: 3,
  hand: 4,
  clone: 5,
  run: 6,
  fail: 7,
} as const;
/** Options of an instruction. */
const TOLERATE = 1;
const RELEASE = 2;
/** Bits at which the bytes of an instruction's first word begin. */
const POINTERS = 8;
const SLOTS = 16;
const OPTIONS = 24;

export type CallStep = Extract<BatchStep, { args: readonly BatchValue[] }>;
type RunStep = Extract<BatchStep, { do: 'run' }>;

/**
 * A program in the making: instructions as 32-bit words, then all texts, then all blobs. Programs
 * are made on the start path, so the texts become bytes in one go; `width` tells how many bytes a
 * text will have.
 */
class Program {
  readonly words: Uint32Array;
  readonly texts: string[] = [];
  /** Blobs, and the word that each one's offset goes to. */
  readonly blobs: { readonly word: number; readonly bytes: Uint8Array }[] = [];
  end: number;
  readonly #width: (text: string) => number;
  /** Of the instruction that is being written, in words. */
  #at = HEADER / 4;

  constructor(count: number, width: (text: string) => number) {
    this.end = HEADER + INSTRUCTION * count;
    this.words = new Uint32Array(this.end / 4);
    this.words[0] = count;
    this.#width = width;
  }

  #text(text: string): number {
    const at = this.end;
    this.texts.push(text);
    this.end = at + this.#width(text) + 1;
    return at;
  }

  /** Offsets of texts, 0 at the end: C makes pointers of them when it comes to the call. */
  #vector(texts: readonly string[]): Uint8Array {
    const offsets = new Uint32Array(2 * (texts.length + 1));
    for (let i = 0; i < texts.length; i++) offsets[2 * i] = this.#text(texts[i]!);
    return new Uint8Array(offsets.buffer);
  }

  #number(word: number, value: number): void {
    this.words[word] = value;
    if (value < 0 || value > 0xffffffff) this.words[word + 1] = Math.floor(value / 2 ** 32);
  }

  #long(word: number, value: bigint): void {
    this.words[word] = Number(value & 0xffffffffn);
    this.words[word + 1] = Number((value >> 32n) & 0xffffffffn);
  }

  /** Bit `index` of the byte that tells of what kind the arguments are. */
  #mark(kind: number, index: number): void {
    this.words[this.#at]! |= 1 << (kind + index);
  }

  #argument(index: number, value: BatchValue): void {
    const word = this.#at + 4 + 2 * index;
    if (typeof value === 'number') this.#number(word, value);
    else if (typeof value === 'bigint') this.#long(word, value);
    else if (typeof value === 'string') {
      this.#mark(POINTERS, index);
      this.words[word] = this.#text(value);
    } else if (value instanceof Uint8Array) {
      this.#mark(POINTERS, index);
      this.blobs.push({ word, bytes: value });
    } else if (value !== null) this.#composite(word, index, value);
  }

  #composite(word: number, index: number, value: Kept | readonly string[]): void {
    if ('slot' in value) {
      this.#mark(SLOTS, index);
      this.words[word] = value.slot;
    } else {
      this.words[this.#at + 3]! |= 1 << index;
      this.blobs.push({ word, bytes: this.#vector(value) });
    }
  }

  #call({ label, name, args, tolerate = false, save = NO_SLOT }: CallStep): void {
    const at = this.#at;
    if (tolerate) this.words[at]! |= TOLERATE << OPTIONS;
    this.words[at + 1] = rowNumbers[name] | (save << 16);
    this.words[at + 2] = this.#text(label);
    for (let i = 0; i < args.length; i++) this.#argument(i, args[i]!);
  }

  #ask({ request, releases, tolerate }: Extract<BatchStep, { do: 'ask' }>): void {
    if (tolerate) this.words[this.#at]! |= TOLERATE << OPTIONS;
    if (releases) this.words[this.#at]! |= RELEASE << OPTIONS;
    this.#argument(0, request);
    this.#argument(1, this.#width(request));
  }

  #clone({ label, flags }: Extract<BatchStep, { do: 'clone' }>): void {
    this.words[this.#at + 1] = rowNumbers.launch;
    this.words[this.#at + 2] = this.#text(label);
    this.#argument(0, flags);
  }

  #fail({ label, name, error }: Extract<BatchStep, { do: 'fail' }>): void {
    this.words[this.#at + 1] = rowNumbers[name];
    this.words[this.#at + 2] = this.#text(label);
    this.#argument(0, error);
  }

  #run({ label, program, input, timeout }: RunStep): void {
    this.words[this.#at + 2] = this.#text(label);
    const args = [program, program.length, input, input.length, timeout];
    for (let i = 0; i < args.length; i++) this.#argument(i, args[i]!);
  }

  add(step: BatchStep): void {
    this.words[this.#at] = operations[step.do];
    if (step.do === 'await') this.#argument(0, step.listener);
    else if (step.do === 'ask') this.#ask(step);
    else if (step.do === 'run') this.#run(step);
    else if (step.do === 'clone') this.#clone(step);
    else if (step.do === 'fail') this.#fail(step);
    else this.#call(step);
    this.#at += INSTRUCTION / 4;
  }
}

const aligned = (length: number): number => (length + 7) & ~7;

/** Gives the blobs their places behind the texts. */
function place(program: Program, texts: Uint8Array): Uint8Array {
  let end = aligned(program.end);
  const placed = program.blobs.map(({ word, bytes }) => {
    const at = end;
    program.words[word] = at;
    end = aligned(at + bytes.length);
    return { at, bytes };
  });
  const whole = new Uint8Array(end);
  whole.set(new Uint8Array(program.words.buffer));
  whole.set(texts, program.words.byteLength);
  for (const { at, bytes } of placed) whole.set(bytes, at);
  return whole;
}

function write(steps: readonly BatchStep[], width: (text: string) => number): Program {
  const program = new Program(steps.length, width);
  for (let i = 0; i < steps.length; i++) program.add(steps[i]!);
  return program;
}

/** The bytes that native/batch.c runs. */
export function encodeBatch(
  steps: readonly BatchStep[],
  encode: (text: string) => Uint8Array,
): Uint8Array {
  const bytesOf = ({ texts }: Program) => encode(texts.map((text) => `${text}\0`).join(''));
  const program = write(steps, (text) => text.length);
  const texts = bytesOf(program);
  if (program.words.byteLength + texts.length === program.end) return place(program, texts);
  // Some text is not ASCII.
  const exact = write(steps, (text) => encode(text).length);
  return place(exact, bytesOf(exact));
}

/** What one argument of a call looks like to people, as strace would print it. */
export function showArgument(type: ArgumentType | undefined, value: unknown): string {
  if (value === null) return 'NULL';
  if (typeof value === 'string') return JSON.stringify(value);
  if (value instanceof Uint8Array) return `[${value.length} bytes]`;
  if (type === 'fd') return value === -100 ? 'AT_FDCWD' : String(value);
  if (type === 'u64' && typeof value === 'number' && value > 9) return `0x${value.toString(16)}`;
  return String(value);
}
