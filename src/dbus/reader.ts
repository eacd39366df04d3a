import { alignmentOf, type DbusType, parseSignature, parseSingle } from './signature.js';
import {
  type DbusValue,
  integerRange,
  isObjectPath,
  isText,
  malformed,
  type TextCodec,
} from './values.js';

const LONGEST_ARRAY = 2 ** 26;
/** Of values in values, those in variants included: "Valid Signatures" and libdbus have 64. */
const DEEPEST = 64;

/** Reads what {@link Writer} writes, from bytes that nobody has checked. */
export class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #codec: TextCodec;
  #at = 0;
  #end: number;
  #depth = 0;

  constructor(bytes: Uint8Array, codec: TextCodec) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#codec = codec;
    this.#end = bytes.length;
  }

  get at(): number {
    return this.#at;
  }

  align(to: number): void {
    while (this.#at % to !== 0)
      if (this.#bytes[this.#take(1)] !== 0) throw malformed('padding is not zero');
  }

  /** Where the next `length` bytes begin. */
  #take(length: number): number {
    const at = this.#at;
    if (length > this.#end - at) throw malformed('a message ends too early');
    this.#at = at + length;
    return at;
  }

  all(signature: string): DbusValue[] {
    return parseSignature(signature).map((type) => this.#value(type));
  }

  /** What must be the last value. */
  expectEnd(): void {
    if (this.#at !== this.#bytes.length) throw malformed('a message is longer than its values');
  }

  #value(type: DbusType): DbusValue {
    this.align(alignmentOf(type));
    if (type.parts.length === 0 && type.code !== 'v') return this.#basic(type.code);
    if (++this.#depth > DEEPEST) throw malformed('values are nested too deep');
    const value = this.#container(type);
    this.#depth--;
    return value;
  }

  #container(type: DbusType): DbusValue {
    if (type.code === 'a') return this.#array(type.parts[0]!);
    if (type.code !== 'v') return type.parts.map((part) => this.#value(part));
    const signature = this.#text('g');
    return { signature, value: this.#value(parseSingle(signature)) };
  }

  #basic(code: string): DbusValue {
    if (code === 'd') return this.#view.getFloat64(this.#take(8), true);
    if ('sog'.includes(code)) return this.#text(code);
    if (code === 'b') return this.#boolean();
    const range = integerRange(code)!;
    const wide = this.#integer(range.size);
    const value = range.least < 0n ? BigInt.asIntN(8 * range.size, wide) : wide;
    return range.size === 8 ? value : Number(value);
  }

  #integer(size: number): bigint {
    const at = this.#take(size);
    let value = 0n;
    for (let i = size - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.#bytes[at + i]!);
    return value;
  }

  #boolean(): boolean {
    const value = this.#integer(4);
    if (value > 1n) throw malformed('a boolean is neither 0 nor 1');
    return value === 1n;
  }

  #text(code: string): string {
    const length = Number(this.#integer(code === 'g' ? 1 : 4));
    const at = this.#take(length);
    if (this.#bytes[this.#take(1)] !== 0) throw malformed('a text does not end with a zero byte');
    const text = this.#codec.decode(this.#bytes.subarray(at, at + length));
    if (!isText(text)) throw malformed('a text is not UTF-8, or has a zero byte in it');
    if (code === 'o' && !isObjectPath(text)) throw malformed(`${text} is no object path`);
    if (code === 'g') parseSignature(text);
    return text;
  }

  #array(element: DbusType): DbusValue[] {
    const length = Number(this.#integer(4));
    if (length > LONGEST_ARRAY) throw malformed('an array is longer than 64 MiB');
    this.align(alignmentOf(element));
    const outer = this.#end;
    const end = this.#at + length;
    if (end > outer) throw malformed('an array is longer than its message');
    this.#end = end;
    const values: DbusValue[] = [];
    while (this.#at < end) values.push(this.#value(element));
    this.#end = outer;
    return values;
  }
}
