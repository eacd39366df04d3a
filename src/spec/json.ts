import { RuntimeError } from '../errors/error.js';
import { type ExactInteger, floorDouble, type Scanned, scan } from './json-scanner.js';

/** What plain JSON.parse makes of a text; undefined when it cannot. */
export function parseQuickly(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Parses with all 64 bits of integers: `value` holds doubles, as validators want them, until
 * `putExact` replaces those beyond 2^53 by bigints.
 */
export function parse(text: string): Scanned {
  const result = scan(text);
  if ('value' in result) return result;
  const { line, column, problem, excerpt } = result;
  throw new RuntimeError(
    'invalid-config',
    `not valid JSON: line ${line}, column ${column}: ${problem}, near ${JSON.stringify(excerpt)}`,
  );
}

export function putExact(exact: readonly ExactInteger[]): void {
  for (const { holder, key, value } of exact) {
    const now: unknown = Reflect.get(holder, key);
    // A later duplicate of the key may have replaced this integer.
    if (now === floorDouble(value)) Reflect.set(holder, key, value);
  }
}

/** JSON in which a bigint is a plain integer. */
export function stringify(value: unknown, indent = ''): string {
  try {
    return JSON.stringify(value, undefined, indent);
  } catch (thrown) {
    // JSON.stringify refuses bigints, which are rare: only then pay for our own writer.
    if (thrown instanceof TypeError) return write(value, indent, '\n');
    throw thrown;
  }
}

function write(value: unknown, indent: string, newline: string): string {
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const inner = newline + indent;
  if (Array.isArray(value)) {
    const items = value.map((item) => write(item, indent, inner));
    return enclose('[', items, ']', indent, newline);
  }
  const colon = indent === '' ? ':' : ': ';
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(([key, member]) => JSON.stringify(key) + colon + write(member, indent, inner));
  return enclose('{', members, '}', indent, newline);
}

function enclose(open: string, parts: string[], close: string, indent: string, newline: string) {
  if (parts.length === 0) return open + close;
  if (indent === '') return open + parts.join(',') + close;
  return `${open}${newline}${indent}${parts.join(`,${newline}${indent}`)}${newline}${close}`;
}
