import { bad, type Node, parseText } from './gvariant-text.js';
import { type DbusType, parseSingle } from './signature.js';
import { type DbusValue, integerRange, isObjectPath, isText, type Variant } from './values.js';

const decimal = /^[-+]?\d+$/;
const whole = /^[-+]?(0[xX][0-9a-fA-F]+|\d+)$/;

/** A leading zero means octal, as in C and in GVariant. */
function bigintOf(text: string): bigint {
  const digits = text.replace(/^[-+]/, '').replace(/^0(?=\d)/, '0o');
  if (!whole.test(text) || (decimal.test(text) && /^0o.*[89]/.test(digits)))
    throw bad(`${text} is no whole number`);
  return text.startsWith('-') ? -BigInt(digits) : BigInt(digits);
}

function integer(text: string, code: string): DbusValue {
  const range = integerRange(code)!;
  const value = bigintOf(text);
  if (value < range.least || value > range.most) throw bad(`${text} is out of range`);
  return range.size === 8 ? value : Number(value);
}

const double = (text: string): number => Number(text.replace(/inf(inity)?/, 'Infinity'));

/** The signature that a text has by itself: whole numbers are int32. */
function typeOf(node: Node): string {
  switch (node.kind) {
    case 'boolean':
      return 'b';
    case 'text':
      return 's';
    case 'number':
      return whole.test(node.text) ? 'i' : 'd';
    case 'typed':
      return signatureOf(node.type);
    case 'variant':
      return 'v';
    case 'tuple':
      return `(${node.parts.map(typeOf).join('')})`;
    case 'array':
      return `a${common(node.parts)}`;
    case 'entries':
      return `a{${common(node.parts.map(([key]) => key))}${common(node.parts.map(([, value]) => value))}}`;
  }
}

const signatureOf = ({ code, parts }: DbusType): string => {
  const inner = parts.map(signatureOf).join('');
  if (code === '(') return `(${inner})`;
  return code === '{' ? `{${inner}}` : code + inner;
};

/** The type that every element can have. */
function common(nodes: readonly Node[]): string {
  if (nodes.length === 0) throw bad('an empty array does not tell its type: write @as []');
  const fits = (signature: string) => {
    try {
      for (const node of nodes) read(node, parseSingle(signature));
      return true;
    } catch {
      return false;
    }
  };
  const found = [...new Set(nodes.map(typeOf))].find(fits);
  if (found === undefined) throw bad('the elements of an array have different types');
  return found;
}

function text(value: string, code: string): string {
  if (!isText(value)) throw bad('a text is not Unicode, or has a NUL in it');
  if (code === 'o' && !isObjectPath(value)) throw bad(`${value} is no object path`);
  return value;
}

function composite(node: Node, expected: DbusType): DbusValue | undefined {
  const { code, parts } = expected;
  if (node.kind === 'array' && code === 'a') return node.parts.map((part) => read(part, parts[0]!));
  if (node.kind === 'variant' && code === 'v') return variantOf(node.parts[0]!);
  if (node.kind === 'tuple' && code === '(' && node.parts.length === parts.length)
    return node.parts.map((part, i) => read(part, parts[i]!));
  const entry = code === 'a' ? parts[0]! : undefined;
  if (node.kind !== 'entries' || entry?.code !== '{') return undefined;
  return node.parts.map((pair) => pair.map((part, i) => read(part, entry.parts[i]!)));
}

function scalar(node: Node, code: string): DbusValue | undefined {
  if (node.kind === 'boolean' && code === 'b') return node.value;
  if (node.kind === 'text' && 'sog'.includes(code)) return text(node.text, code);
  if (node.kind !== 'number') return undefined;
  if (code === 'd') return double(node.text);
  return integerRange(code) === null ? undefined : integer(node.text, code);
}

function read(node: Node, expected: DbusType): DbusValue {
  if (node.kind === 'typed') {
    if (signatureOf(node.type) !== signatureOf(expected)) throw bad('a value has two types');
    return read(node.of, node.type);
  }
  const value = scalar(node, expected.code) ?? composite(node, expected);
  if (value === undefined) throw bad(`a value is not of the type ${signatureOf(expected)}`);
  return value;
}

function variantOf(node: Node): Variant {
  const signature = typeOf(node);
  return { signature, value: read(node, parseSingle(signature)) };
}

/**
 * A value in the GVariant text format, as `busctl` and annotations have it: `true`, `uint64 5`,
 * `'text'`, `['a', 'b']`, `[('/dev/fuse', 'rwm')]`, `@as []`, `<…>`, `{'key': 1}`. Byte strings and
 * what D-Bus does not have (`nothing`, `just`) are refused.
 */
export const parseGvariant = (value: string): Variant => variantOf(parseText(value));
