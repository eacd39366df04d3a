import type { LogFormat } from './lazy.js';

export interface LogRecord {
  readonly level: string;
  readonly msg: string;
  readonly time: string;
  /** With --debug only. */
  readonly func?: string;
  readonly file?: string;
}

/** One record as a line with its newline: what containerd, Podman and people parse. */
export const formatters: Readonly<Record<LogFormat, (record: LogRecord) => string>> = {
  json: ({ file, func, level, msg, time }) =>
    `${JSON.stringify({ file, func, level, msg, time })}\n`,
  text: ({ time, level, msg, func, file }) => {
    const fields = Object.entries({ time, level, msg, func, file });
    const present = fields.filter((field): field is [string, string] => field[1] !== undefined);
    return `${present.map(([name, value]) => `${name}=${quoteIfNeeded(value)}`).join(' ')}\n`;
  },
};

/** RFC 3339, whole seconds, UTC. */
export const rfc3339 = (milliseconds: number): string =>
  `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;

/** A word stands bare, as logrus prints it. */
const quoteIfNeeded = (text: string): string => (/^[\w./@^+-]*$/.test(text) ? text : goQuote(text));

const escapes: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '"': '\\"',
  '\\': '\\\\',
};

/** Go's %q: everything that does not print is escaped, so that a record is always one line. */
export const goQuote = (text: string): string =>
  `"${text.replace(/["\\]|[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, escapeCharacter)}"`;

function escapeCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x80) return escapes[character] ?? `\\x${hex(code, 2)}`;
  // U+DC80…U+DCFF stand for bytes that are not UTF-8.
  if (code >= 0xdc80 && code <= 0xdcff) return `\\x${hex(code - 0xdc00, 2)}`;
  return code > 0xffff ? `\\U${hex(code, 8)}` : `\\u${hex(code, 4)}`;
}

const hex = (code: number, digits: number): string => code.toString(16).padStart(digits, '0');
