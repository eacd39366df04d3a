/** An integer beyond 2^53: where it stands, and its exact value. */
export interface ExactInteger {
  readonly holder: object;
  readonly key: string | number;
  readonly value: bigint;
}

export interface Scanned {
  /** As JSON.parse gives it, but integers beyond 2^53 are rounded down, not to nearest. */
  readonly value: unknown;
  readonly exact: readonly ExactInteger[];
}

export interface JsonError {
  readonly line: number;
  readonly column: number;
  readonly problem: string;
  readonly excerpt: string;
}

/** Far more than any configuration needs; QuickJS has stack for about 300. */
const deepest = 100;
/** What is above 2^64 is out of every range, rounded or not. */
const beyondRanges = 1e20;

// Unrolled so that QuickJS runs over plain characters without backtracking points.
// biome-ignore lint/suspicious/noControlCharactersInRegex: RFC 8259 wants them escaped
const quoted = /"[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\u0000-\u001f]*)*"/y;
const numeral = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?/y;
const digits = /^-?[0-9]+$/;
const word = /true|false|null/y;
const words: Readonly<Record<string, unknown>> = { true: true, false: false, null: null };

interface Cursor {
  readonly text: string;
  readonly exact: ExactInteger[];
  at: number;
  depth: number;
}

class SyntaxProblem {
  readonly at: number;
  readonly problem: string;

  constructor({ at }: Cursor, problem: string) {
    this.at = at;
    this.problem = problem;
  }
}

/**
 * Reads JSON (RFC 8259) with exact integers and with positions of errors. Slower than JSON.parse:
 * for documents that JSON.parse cannot read, or not faithfully.
 */
export function scan(text: string): Scanned | JsonError {
  const cursor: Cursor = { text, exact: [], at: 0, depth: 0 };
  try {
    if (text.startsWith('\ufeff')) {
      throw new SyntaxProblem(cursor, 'a byte order mark, which RFC 8259 forbids');
    }
    return { value: readDocument(cursor), exact: cursor.exact };
  } catch (thrown) {
    if (thrown instanceof SyntaxProblem) return locate(text, thrown);
    throw thrown;
  }
}

function locate(text: string, { at, problem }: SyntaxProblem): JsonError {
  const before = text.slice(0, at).split('\n');
  const lastLine = before[before.length - 1]!;
  const rest = text.slice(at).split('\n', 1)[0]!;
  const excerpt = `${lastLine.slice(-20)}${rest.slice(0, 20)}`.trim();
  return { line: before.length, column: lastLine.length + 1, problem, excerpt };
}

function readDocument(cursor: Cursor): unknown {
  const top: unknown[] = [];
  readInto(cursor, top, 0);
  if (peek(cursor) !== '') throw new SyntaxProblem(cursor, 'expected the end of the text');
  return top[0];
}

/** Skips blanks; the next character, or nothing at the end. */
function peek(cursor: Cursor): string {
  const { text } = cursor;
  let char = text.charAt(cursor.at);
  while (char === ' ' || char === '\n' || char === '\t' || char === '\r') {
    char = text.charAt(++cursor.at);
  }
  return char;
}

function match(cursor: Cursor, pattern: RegExp): string | undefined {
  const start = cursor.at;
  pattern.lastIndex = start;
  if (!pattern.test(cursor.text)) return undefined;
  cursor.at = pattern.lastIndex;
  return cursor.text.slice(start, cursor.at);
}

function expectChar(cursor: Cursor, char: string): void {
  if (peek(cursor) !== char) throw new SyntaxProblem(cursor, `expected '${char}'`);
  cursor.at++;
}

function readInto(cursor: Cursor, holder: object, key: string | number): void {
  const value = readValue(cursor, holder, key);
  if (key !== '__proto__') {
    Reflect.set(holder, key, value);
    return;
  }
  // As in JSON.parse, a property like any other.
  const plain = { configurable: true, enumerable: true, writable: true };
  Object.defineProperty(holder, key, { value, ...plain });
}

function readValue(cursor: Cursor, holder: object, key: string | number): unknown {
  const char = peek(cursor);
  if (char === '{') return nested(cursor, readObject);
  if (char === '[') return nested(cursor, readArray);
  if (char === '"') return readString(cursor);
  if (char === 't' || char === 'f' || char === 'n') return readWord(cursor);
  return readNumber(cursor, holder, key);
}

function readWord(cursor: Cursor): unknown {
  const text = match(cursor, word);
  if (text === undefined) throw new SyntaxProblem(cursor, 'expected a value');
  return words[text];
}

function nested<T>(cursor: Cursor, read: (cursor: Cursor) => T): T {
  if (++cursor.depth > deepest) throw new SyntaxProblem(cursor, `more than ${deepest} levels`);
  cursor.at++;
  const value = read(cursor);
  cursor.depth--;
  return value;
}

function readObject(cursor: Cursor): object {
  const object = {};
  if (skipEnd(cursor, '}')) return object;
  do {
    if (peek(cursor) !== '"') throw new SyntaxProblem(cursor, 'expected a name in double quotes');
    const key = readString(cursor);
    expectChar(cursor, ':');
    readInto(cursor, object, key);
  } while (hasNext(cursor, '}'));
  return object;
}

function readArray(cursor: Cursor): unknown[] {
  const array: unknown[] = [];
  if (skipEnd(cursor, ']')) return array;
  do {
    readInto(cursor, array, array.length);
  } while (hasNext(cursor, ']'));
  return array;
}

function skipEnd(cursor: Cursor, end: string): boolean {
  if (peek(cursor) !== end) return false;
  cursor.at++;
  return true;
}

function hasNext(cursor: Cursor, end: string): boolean {
  const char = peek(cursor);
  if (char !== ',' && char !== end) throw new SyntaxProblem(cursor, `expected ',' or '${end}'`);
  cursor.at++;
  return char === ',';
}

function readString(cursor: Cursor): string {
  const text = match(cursor, quoted);
  if (text === undefined) throw new SyntaxProblem(cursor, 'a string that is not well formed');
  return text.includes('\\') ? JSON.parse(text) : text.slice(1, -1);
}

function readNumber(cursor: Cursor, holder: object, key: string | number): number {
  const text = match(cursor, numeral);
  if (text === undefined) throw new SyntaxProblem(cursor, 'expected a value');
  const rounded = Number(text);
  if (!Number.isInteger(rounded) || Number.isSafeInteger(rounded)) return rounded;
  if (Math.abs(rounded) > beyondRanges) return rounded;
  const value = digits.test(text) ? BigInt(text) : BigInt(rounded);
  cursor.exact.push({ holder, key, value });
  return floorDouble(value);
}

/**
 * The largest double that is not above the integer. The ends of the 64-bit ranges are powers of
 * two, hence doubles: after rounding down, comparing with them is exact.
 */
export function floorDouble(exact: bigint): number {
  const near = Number(exact);
  if (BigInt(near) <= exact) return near;
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, near);
  view.setBigInt64(0, view.getBigInt64(0) + (near > 0 ? -1n : 1n));
  return view.getFloat64(0);
}
