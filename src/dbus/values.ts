import { RuntimeError } from '../errors/error.js';

/**
 * What D-Bus carries, by its specification, "Type System": 64-bit integers are bigints, arrays and
 * structures are arrays, dictionaries are arrays of pairs.
 */
export type DbusValue = boolean | number | bigint | string | Variant | readonly DbusValue[];

/** A value that brings its type along. */
export interface Variant {
  readonly signature: string;
  readonly value: DbusValue;
}

/** The bytes of texts, as an engine has it. */
export interface TextCodec {
  encode(text: string): Uint8Array;
  /** Bytes that are not UTF-8 become lone surrogates. */
  decode(bytes: Uint8Array): string;
}

export const malformed = (what: string): RuntimeError =>
  new RuntimeError('protocol', `D-Bus: ${what}`);

export const isVariant = (value: DbusValue): value is Variant =>
  typeof value === 'object' && 'signature' in value;

interface Range {
  readonly least: bigint;
  readonly most: bigint;
}

const unsigned = (bits: bigint): Range => ({ least: 0n, most: 2n ** bits - 1n });
const signed = (bits: bigint): Range => ({
  least: -(2n ** (bits - 1n)),
  most: 2n ** (bits - 1n) - 1n,
});

/** What an integer type can hold, and in how many bytes; null for any other type. */
export function integerRange(code: string): (Range & { readonly size: 1 | 2 | 4 | 8 }) | null {
  const row = integers[code];
  if (row === undefined) return null;
  const [size, isSigned] = row;
  const bits = BigInt(8 * size);
  return { size, ...(isSigned ? signed(bits) : unsigned(bits)) };
}

/** By the letters of signatures: bytes, and whether there are negative ones. */
const integers: Readonly<Record<string, readonly [size: 1 | 2 | 4 | 8, isSigned: boolean]>> = {
  y: [1, false],
  n: [2, true],
  q: [2, false],
  i: [4, true],
  u: [4, false],
  h: [4, false],
  x: [8, true],
  t: [8, false],
};

/** "Valid Object Paths". */
export const isObjectPath = (text: string): boolean =>
  /^\/([A-Za-z0-9_]+(\/[A-Za-z0-9_]+)*)?$/.test(text);

/** Strings hold Unicode without U+0000; a lone surrogate stands for a byte that is no such thing. */
export const isText = (text: string): boolean => !/[\0\ud800-\udfff]/u.test(text);
