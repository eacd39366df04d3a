import { malformed } from './values.js';

/** A single complete type, by the letter that its signature begins with. */
export interface DbusType {
  /** A basic type, `a`, `v`, `(` or `{`. */
  readonly code: string;
  /** The element of an array, the members of a structure, key and value of a dictionary's entry. */
  readonly parts: readonly DbusType[];
}

const BASIC = 'ybnqiuxtdsogh';
const LONGEST = 255;
/** "Valid Signatures": of arrays, and of structures. */
const DEEPEST = 32;

const simple = [...BASIC, 'v'];
const basicTypes = new Map(simple.map((code): [string, DbusType] => [code, { code, parts: [] }]));

interface Depth {
  readonly arrays: number;
  readonly structures: number;
}

class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get done(): boolean {
    return this.#at === this.#text.length;
  }

  #wrong(): Error {
    return malformed(`${JSON.stringify(this.#text)} is no valid signature`);
  }

  #next(): string {
    return this.#text[this.#at++] ?? '';
  }

  type(depth: Depth): DbusType {
    if (depth.arrays > DEEPEST || depth.structures > DEEPEST) throw this.#wrong();
    const code = this.#next();
    const basic = basicTypes.get(code);
    if (basic !== undefined) return basic;
    if (code === 'a') return this.#array({ ...depth, arrays: depth.arrays + 1 });
    if (code !== '(') throw this.#wrong();
    return { code, parts: this.#until(')', { ...depth, structures: depth.structures + 1 }) };
  }

  #array(depth: Depth): DbusType {
    if (this.#text[this.#at] !== '{') return { code: 'a', parts: [this.type(depth)] };
    this.#at++;
    const parts = this.#until('}', { ...depth, structures: depth.structures + 1 });
    if (parts.length !== 2 || !BASIC.includes(parts[0]!.code)) throw this.#wrong();
    return { code: 'a', parts: [{ code: '{', parts }] };
  }

  #until(end: string, depth: Depth): DbusType[] {
    const parts: DbusType[] = [];
    while (this.#text[this.#at] !== end) parts.push(this.type(depth));
    this.#at++;
    if (parts.length === 0) throw this.#wrong();
    return parts;
  }
}

/** All complete types of a signature. */
export function parseSignature(text: string): DbusType[] {
  if (text.length > LONGEST) throw malformed('a signature is longer than 255 bytes');
  const parser = new Parser(text);
  const types: DbusType[] = [];
  while (!parser.done) types.push(parser.type({ arrays: 0, structures: 0 }));
  return types;
}

/** The type of a variant: exactly one. */
export function parseSingle(text: string): DbusType {
  const [type, ...more] = parseSignature(text);
  if (type === undefined || more.length > 0)
    throw malformed(`a variant has type ${JSON.stringify(text)}`);
  return type;
}

const alignments: Readonly<Record<string, number>> = {
  ...{ y: 1, b: 4, n: 2, q: 2, i: 4, u: 4, x: 8, t: 8, d: 8, h: 4 },
  ...{ s: 4, o: 4, g: 1, a: 4, '(': 8, '{': 8, v: 1 },
};

/** "Summary of D-Bus marshalling": what a value's place in a message is a multiple of. */
export const alignmentOf = ({ code }: DbusType): number => alignments[code]!;
