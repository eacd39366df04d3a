import { alignmentOf, type DbusType, parseSignature, parseSingle } from './signature.js';
import {
  type DbusValue,
  integerRange,
  isObjectPath,
  isText,
  isVariant,
  malformed,
  type TextCodec,
} from './values.js';

const LONGEST_ARRAY = 2 ** 26;

const unfit = (value: DbusValue, { code }: DbusType): Error =>
  malformed(`a value of type ${typeof value} does not fit the type ${code}`);

/** Writes values as "Marshaling (Wire Format)" has it, little-endian. */
export class Writer {
  readonly #bytes: number[] = [];
  readonly #codec: TextCodec;

  constructor(codec: TextCodec) {
    this.#codec = codec;
  }

  get length(): number {
    return this.#bytes.length;
  }

  finish(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }

  align(to: number): void {
    while (this.#bytes.length % to !== 0) this.#bytes.push(0);
  }

  integer(value: bigint, size: number): void {
    let rest = BigInt.asUintN(8 * size, value);
    for (let i = 0; i < size; i++, rest >>= 8n) this.#bytes.push(Number(rest & 0xffn));
  }

  append(bytes: Uint8Array): void {
    for (const byte of bytes) this.#bytes.push(byte);
  }

  /** Values one after another, each by its type in the signature. */
  all(signature: string, values: readonly DbusValue[]): void {
    const types = parseSignature(signature);
    if (types.length !== values.length)
      throw malformed(`${values.length} values for the signature ${signature}`);
    this.#each(types, values);
  }

  #each(types: readonly DbusType[], values: readonly DbusValue[]): void {
    types.forEach((type, i) => {
      this.#value(type, values[i]!);
    });
  }

  #value(type: DbusType, value: DbusValue): void {
    this.align(alignmentOf(type));
    if (type.code === 'a') this.#array(type, value);
    else if (type.code === 'v') this.#variant(type, value);
    else if (type.parts.length > 0) this.#structure(type, value);
    else this.#basic(type, value);
  }

  #basic(type: DbusType, value: DbusValue): void {
    const { code } = type;
    if (code === 'b' && typeof value === 'boolean') this.integer(value ? 1n : 0n, 4);
    else if (code === 'd' && typeof value === 'number') this.#double(value);
    else if ('sog'.includes(code) && typeof value === 'string') this.#text(code, value);
    else this.#integer(type, value);
  }

  #integer(type: DbusType, value: DbusValue): void {
    const range = integerRange(type.code);
    const isWide = range?.size === 8;
    if (range === null || typeof value !== (isWide ? 'bigint' : 'number')) throw unfit(value, type);
    if (!isWide && !Number.isInteger(value)) throw unfit(value, type);
    const exact = BigInt(value as number | bigint);
    if (exact < range.least || exact > range.most)
      throw malformed(`${exact} is out of the range of type ${type.code}`);
    this.integer(exact, range.size);
  }

  #double(value: number): void {
    this.append(new Uint8Array(new Float64Array([value]).buffer));
  }

  #text(code: string, text: string): void {
    if (!isText(text)) throw malformed(`${JSON.stringify(text)} cannot be sent as text`);
    if (code === 'o' && !isObjectPath(text)) throw malformed(`${text} is no object path`);
    if (code === 'g') parseSignature(text);
    const bytes = this.#codec.encode(text);
    this.integer(BigInt(bytes.length), code === 'g' ? 1 : 4);
    this.append(bytes);
    this.#bytes.push(0);
  }

  #array(type: DbusType, values: DbusValue): void {
    const element = type.parts[0]!;
    if (!Array.isArray(values)) throw unfit(values, type);
    const at = this.#bytes.length;
    this.integer(0n, 4);
    // The padding to the first element does not count, and is there without one.
    this.align(alignmentOf(element));
    const start = this.#bytes.length;
    for (const value of values) this.#value(element, value);
    const length = this.#bytes.length - start;
    if (length > LONGEST_ARRAY) throw malformed('an array is longer than 64 MiB');
    for (let i = 0; i < 4; i++) this.#bytes[at + i] = (length >>> (8 * i)) & 0xff;
  }

  #structure(type: DbusType, values: DbusValue): void {
    if (!Array.isArray(values) || values.length !== type.parts.length) throw unfit(values, type);
    this.#each(type.parts, values);
  }

  #variant(type: DbusType, value: DbusValue): void {
    if (!isVariant(value)) throw unfit(value, type);
    this.#text('g', value.signature);
    this.#value(parseSingle(value.signature), value.value);
  }
}
