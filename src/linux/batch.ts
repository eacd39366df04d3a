import { type ArgumentType, type NativeName, type Natives, natives } from './natives.js';

/**
 * A batch: native calls that C runs one after another without an engine (native/batch.c).
 * The first that fails is reported under its label and ends the process.
 */
export type BatchStep =
  | {
      readonly do: 'call';
      /** What a failure is called, as one more step of the error. */
      readonly label: string;
      readonly name: NativeName;
      readonly args: readonly BatchValue[];
      /** A failure does not matter. */
      readonly tolerate?: boolean;
      /** Slot 0…7 that keeps the result for a later {@link kept} argument. */
      readonly save?: number;
    }
  /** Sends `request` on the channel and waits for the answer. */
  | { readonly do: 'ask'; readonly request: string }
  /** Waits at the listening socket for `start`; its connection becomes the channel. */
  | { readonly do: 'await'; readonly listener: number };

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

export const tolerated = (step: BatchStep): BatchStep => ({ ...step, tolerate: true }) as BatchStep;

const rowNumbers = Object.fromEntries(
  Object.keys(natives).map((name, index) => [name, index]),
) as Readonly<Record<NativeName, number>>;

const HEADER = 8;
const INSTRUCTION = 64;
const NO_SLOT = 0xff;
const operations = { call: 0, relocate: 1, ask: 2, await: 3 } as const;

/** Data behind the instructions: texts, bytes and vectors, each at an offset of the program. */
class Data {
  readonly parts: { at: number; bytes: Uint8Array }[] = [];
  readonly vectors: { at: number; count: number }[] = [];
  end: number;
  readonly encode: (text: string) => Uint8Array;

  constructor(start: number, encode: (text: string) => Uint8Array) {
    this.end = start;
    this.encode = encode;
  }

  bytes(bytes: Uint8Array, extra = 0): number {
    const at = this.end;
    this.parts.push({ at, bytes });
    this.end = (at + bytes.length + extra + 7) & ~7;
    return at;
  }

  text(text: string): number {
    return this.bytes(this.encode(text), 1);
  }

  /** A vector of pointers, NULL at its end, that C relocates before use. */
  vector(texts: readonly string[]): number {
    const offsets = new Uint32Array(2 * (texts.length + 1));
    texts.forEach((text, i) => {
      offsets[2 * i] = this.text(text);
    });
    const at = this.bytes(new Uint8Array(offsets.buffer));
    this.vectors.push({ at, count: texts.length });
    return at;
  }
}

interface Encoded {
  operation: number;
  pointers: number;
  slots: number;
  options: number;
  row: number;
  save: number;
  label: number;
  args: (number | bigint)[];
}

const blank = (operation: number, args: (number | bigint)[]): Encoded => ({
  operation,
  pointers: 0,
  slots: 0,
  options: 0,
  row: 0,
  save: NO_SLOT,
  label: 0,
  args,
});

function encodeArgument(
  data: Data,
  step: Encoded,
  value: BatchValue,
  index: number,
): number | bigint {
  if (typeof value === 'number' || typeof value === 'bigint') return value;
  if (value === null) return 0;
  if (!(value instanceof Uint8Array) && !Array.isArray(value) && typeof value === 'object') {
    step.slots |= 1 << index;
    return (value as Kept).slot;
  }
  step.pointers |= 1 << index;
  if (typeof value === 'string') return data.text(value);
  return value instanceof Uint8Array ? data.bytes(value) : data.vector(value as readonly string[]);
}

function encodeStep(data: Data, step: BatchStep): Encoded {
  if (step.do === 'await') return blank(operations.await, [step.listener]);
  if (step.do === 'ask') {
    const encoded = blank(operations.ask, []);
    const request = data.encode(step.request);
    encoded.pointers = 1;
    encoded.args = [data.bytes(request, 1), request.length];
    return encoded;
  }
  const encoded = blank(operations.call, []);
  encoded.row = rowNumbers[step.name];
  encoded.options = step.tolerate ? 1 : 0;
  encoded.save = step.save ?? NO_SLOT;
  encoded.label = data.text(step.label);
  encoded.args = step.args.map((value, i) => encodeArgument(data, encoded, value, i));
  return encoded;
}

function writeStep(view: DataView, at: number, step: Encoded): void {
  view.setUint8(at, step.operation);
  view.setUint8(at + 1, step.pointers);
  view.setUint8(at + 2, step.slots);
  view.setUint8(at + 3, step.options);
  view.setUint16(at + 4, step.row, true);
  view.setUint16(at + 6, step.save, true);
  view.setUint32(at + 8, step.label, true);
  step.args.forEach((value, i) => {
    view.setBigUint64(at + 16 + 8 * i, BigInt.asUintN(64, BigInt(value)), true);
  });
}

/** The bytes that native/batch.c runs. */
export function encodeBatch(
  steps: readonly BatchStep[],
  encode: (text: string) => Uint8Array,
): Uint8Array {
  const vectors = steps.reduce(
    (sum, step) => sum + (step.do === 'call' ? step.args.filter(Array.isArray).length : 0),
    0,
  );
  const count = steps.length + vectors;
  const data = new Data(HEADER + INSTRUCTION * count, encode);
  const encoded = steps.map((step) => encodeStep(data, step));
  const relocations = data.vectors.map(({ at, count: many }) =>
    blank(operations.relocate, [at, many]),
  );
  const program = new Uint8Array(data.end);
  const view = new DataView(program.buffer);
  view.setUint32(0, count, true);
  [...relocations, ...encoded].forEach((step, i) => {
    writeStep(view, HEADER + INSTRUCTION * i, step);
  });
  for (const { at, bytes } of data.parts) program.set(bytes, at);
  return program;
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
