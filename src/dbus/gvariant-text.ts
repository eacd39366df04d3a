import { RuntimeError } from '../errors/error.js';
import { type DbusType, parseSingle } from './signature.js';

/** What the text of a value says before its type is known. */
export type Node =
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'number' | 'text'; readonly text: string }
  | { readonly kind: 'array' | 'tuple' | 'variant'; readonly parts: readonly Node[] }
  | { readonly kind: 'entries'; readonly parts: readonly (readonly [Node, Node])[] }
  | { readonly kind: 'typed'; readonly type: DbusType; readonly of: Node };

/** "Type keywords" of the GVariant text format. */
const keywords: Readonly<Record<string, string>> = {
  ...{ boolean: 'b', byte: 'y', int16: 'n', uint16: 'q', int32: 'i', uint32: 'u', handle: 'h' },
  ...{ int64: 'x', uint64: 't', double: 'd', string: 's', objectpath: 'o', signature: 'g' },
};

const escapes: Readonly<Record<string, string>> = {
  ...{ a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' },
};

const number =
  /[-+]?(?:0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|inf(?:inity)?\b|nan\b)/y;
const word = /[a-z]+\d*/y;
const type = /@([a-z({})]+)/y;
const space = /[ \t\r\n]*/y;

const DEEPEST = 32;

export const bad = (what: string): RuntimeError => new RuntimeError('invalid-config', what);

class Parser {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  whole(): Node {
    const node = this.#value();
    this.#match(space);
    if (this.#at < this.#text.length) throw this.#unexpected();
    return node;
  }

  #unexpected(): RuntimeError {
    const rest = this.#text.slice(this.#at, this.#at + 20);
    return bad(rest === '' ? 'the value ends too early' : `${JSON.stringify(rest)} is no value`);
  }

  #match(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found === null) return null;
    this.#at = pattern.lastIndex;
    return found[1] ?? found[0];
  }

  #takes(sign: string): boolean {
    this.#match(space);
    if (this.#text[this.#at] !== sign) return false;
    this.#at++;
    return true;
  }

  #value(): Node {
    if (++this.#depth > DEEPEST) throw bad('values are nested too deep');
    this.#match(space);
    const node = this.#composite() ?? this.#scalar() ?? this.#word();
    this.#depth--;
    return node;
  }

  #composite(): Node | null {
    if (this.#takes('[')) return { kind: 'array', parts: this.#list(']') };
    if (this.#takes('(')) return { kind: 'tuple', parts: this.#list(')') };
    if (this.#takes('{')) return { kind: 'entries', parts: this.#entries() };
    if (!this.#takes('<')) return null;
    const parts = [this.#value()];
    if (!this.#takes('>')) throw this.#unexpected();
    return { kind: 'variant', parts };
  }

  #list(end: string): Node[] {
    const parts: Node[] = [];
    while (!this.#takes(end)) {
      parts.push(this.#value());
      if (!this.#takes(',') && this.#text[this.#at] !== end) throw this.#unexpected();
    }
    return parts;
  }

  #entries(): (readonly [Node, Node])[] {
    const parts: (readonly [Node, Node])[] = [];
    while (!this.#takes('}')) {
      const key = this.#value();
      if (!this.#takes(':')) throw this.#unexpected();
      parts.push([key, this.#value()]);
      if (!this.#takes(',') && this.#text[this.#at] !== '}') throw this.#unexpected();
    }
    return parts;
  }

  #scalar(): Node | null {
    const quote = this.#text[this.#at];
    if (quote === '"' || quote === "'") return { kind: 'text', text: this.#quoted(quote) };
    const digits = this.#match(number);
    if (digits !== null) return { kind: 'number', text: digits };
    const signature = this.#match(type);
    if (signature === null) return null;
    return { kind: 'typed', type: parseSingle(signature), of: this.#value() };
  }

  #word(): Node {
    const found = this.#match(word);
    if (found === 'true' || found === 'false') return { kind: 'boolean', value: found === 'true' };
    const signature = found && Object.hasOwn(keywords, found) ? keywords[found]! : null;
    if (signature === null) throw found ? bad(`${found} is no value`) : this.#unexpected();
    return { kind: 'typed', type: parseSingle(signature), of: this.#value() };
  }

  #quoted(quote: string): string {
    let text = '';
    for (this.#at++; this.#text[this.#at] !== quote; ) {
      const next = this.#text[this.#at++];
      if (next === undefined) throw bad('a text has no end');
      text += next === '\\' ? this.#escape() : next;
    }
    this.#at++;
    return text;
  }

  #escape(): string {
    const letter = this.#text[this.#at++] ?? '';
    const length = { u: 4, U: 8 }[letter];
    if (length === undefined) return letter === '\n' ? '' : (escapes[letter] ?? letter);
    const digits = this.#text.slice(this.#at, this.#at + length);
    this.#at += length;
    const code = /^[0-9a-fA-F]+$/.test(digits) ? Number.parseInt(digits, 16) : Number.NaN;
    if (digits.length < length || !(code <= 0x10ffff)) throw bad('a text has a bad escape in it');
    return String.fromCodePoint(code);
  }
}

/** Reads the text of one value. */
export const parseText = (text: string): Node => new Parser(text).whole();
