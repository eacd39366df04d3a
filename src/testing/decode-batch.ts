import { decode } from '../engine/node/text.js';
import { type NativeName, natives } from '../linux/natives.js';

/** An argument as C sees it: a number, an earlier result, or a place in the program. */
export type DecodedArgument =
  | { readonly is: 'number'; readonly value: bigint }
  | { readonly is: 'slot'; readonly slot: number }
  | { readonly is: 'pointer'; readonly offset: number }
  | { readonly is: 'vector'; readonly offset: number };

export interface DecodedStep {
  readonly operation: (typeof operations)[number];
  readonly name: NativeName;
  readonly label: string;
  readonly tolerate: boolean;
  /** Of an `ask`: afterwards the parent may be gone. */
  readonly releases: boolean;
  readonly save: number | null;
  readonly args: readonly DecodedArgument[];
}

const operations = ['call', 'ask', 'await', 'filter', 'hand', 'clone', 'run', 'fail'] as const;
const names = Object.keys(natives) as NativeName[];
const HEADER = 8;
const INSTRUCTION = 64;
const NO_SLOT = 0xff;

/** The text at an offset up to its NUL. */
export function textAt(program: Uint8Array, offset: number): string {
  return decode(program.subarray(offset, program.indexOf(0, offset)));
}

/** The texts of a vector of offsets that ends with a zero. */
export function vectorAt(program: Uint8Array, offset: number): string[] {
  const view = new DataView(program.buffer);
  const texts: string[] = [];
  for (let at = offset; ; at += 8) {
    const to = Number(view.getBigUint64(at, true));
    if (to === 0) return texts;
    texts.push(textAt(program, to));
  }
}

/** Reads a program by the rules of native/batch.c; offsets stay offsets. */
export function decodeBatch(program: Uint8Array): DecodedStep[] {
  const view = new DataView(program.buffer);
  return Array.from({ length: view.getUint32(0, true) }, (_, i) =>
    decodeStep(program, view, HEADER + INSTRUCTION * i),
  );
}

function decodeStep(program: Uint8Array, view: DataView, at: number): DecodedStep {
  const [pointers, slots] = [view.getUint8(at + 1), view.getUint8(at + 2)];
  const save = view.getUint16(at + 6, true);
  const vectors = view.getUint32(at + 12, true);
  const argument = (i: number): DecodedArgument => {
    const value = view.getBigUint64(at + 16 + 8 * i, true);
    if (slots & (1 << i)) return { is: 'slot', slot: Number(value) };
    if (vectors & (1 << i)) return { is: 'vector', offset: Number(value) };
    return pointers & (1 << i) ? { is: 'pointer', offset: Number(value) } : { is: 'number', value };
  };
  return {
    operation: operations[view.getUint8(at)]!,
    name: names[view.getUint16(at + 4, true)]!,
    label: textAt(program, view.getUint32(at + 8, true)),
    tolerate: (view.getUint8(at + 3) & 1) !== 0,
    releases: (view.getUint8(at + 3) & 2) !== 0,
    save: save === NO_SLOT ? null : save,
    args: [0, 1, 2, 3, 4, 5].map(argument),
  };
}
