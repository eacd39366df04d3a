import { badValue } from '../errors/catalog.js';
import { RuntimeError } from '../errors/error.js';

/** Milliseconds. */
const units: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

const part = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g;
const whole = /^([-+]?)((?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+|0)$/;

/** What Go's time.ParseDuration takes, `1m30s` or `1.5h`, as milliseconds. */
export function parseDuration(option: string, text: string): number {
  const [, sign, parts] = whole.exec(text) ?? [];
  if (parts === undefined) throw badValue(option, text, 'a duration such as 5s, 500ms or 1m30s');
  let sum = 0;
  for (const [, number, unit] of parts.matchAll(part)) sum += Number(number) * units[unit!]!;
  return sign === '-' ? -sum : sum;
}

/** The time between two looks, of a whole number of milliseconds. */
export function parseInterval(option: string, text: string): number {
  const duration = parseDuration(option, text);
  if (duration > 0) return Math.ceil(duration);
  throw new RuntimeError('usage', `duration ${option} must be greater than 0`);
}
