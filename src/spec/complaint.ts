import { type ErrorCode, RuntimeError } from '../errors/error.js';

/** One thing that is wrong with a configuration. */
export interface Complaint {
  /** JSON pointer to it. */
  readonly at: string;
  /** What is there, shortened; `nothing` when it is missing. */
  readonly found: string;
  readonly allowed: string;
  /** Section of the specification. */
  readonly spec: string;
  /** Words that callers of other runtimes know, or that say more than found and allowed. */
  readonly says?: string;
}

const shown = 10;
const longest = 60;

/** A value as JSON, cut to a readable length. */
export function foundText(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = typeof value === 'bigint' ? String(value) : summary(value);
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}

function summary(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  return JSON.stringify(value);
}

/** A JSON pointer, RFC 6901. */
export function pointer(...keys: readonly (string | number)[]): string {
  return keys.map((key) => `/${String(key).replace(/~/g, '~0').replace(/\//g, '~1')}`).join('');
}

function render({ found, allowed, spec, says }: Complaint): string {
  const words = says === undefined ? '' : `${says}: `;
  return `${words}found ${found}, allowed: ${allowed} (${spec})`;
}

/** The first complaint is the error; the others follow it, as many as one wants to read. */
export function complain(
  complaints: readonly Complaint[],
  code: ErrorCode = 'invalid-config',
): RuntimeError {
  const [first, ...others] = complaints.map(render);
  const rest = others.slice(0, shown - 1).map((text, i) => `${complaints[i + 1]!.at}: ${text}`);
  const left = complaints.length - shown;
  const more = left > 0 ? [`and ${left} more`] : [];
  return new RuntimeError(code, [first, ...rest, ...more].join('; '), { at: complaints[0]!.at });
}
