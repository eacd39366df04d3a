import { badValue } from '../errors/catalog.js';
import type { Int64 } from '../generated/spec-types.js';

const LETTERS = 'bkmgtp';
const size = /^(\d+)(?:\.(\d+))? ?([kmgtp])?(?:i?b)?$/i;

/** Of 64 bits, as exact as it takes. */
const exact = (value: bigint): Int64 => {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
};

/** A whole number, also below zero: -1 is no limit. */
export function parseInteger(option: string, text: string): Int64 {
  if (/^[-+]?\d{1,19}$/.test(text)) return exact(BigInt(text.replace('+', '')));
  throw badValue(option, text, 'a whole number');
}

/** Bytes as people write them, `512m` or `1.5GiB`, each letter 1024 times the one before. */
export function parseSize(option: string, text: string): Int64 {
  if (text === '-1') return -1;
  const [, whole, fraction = '', unit = 'b'] = size.exec(text) ?? [];
  if (whole === undefined)
    throw badValue(option, text, 'bytes, with k, m, g, t or p if you like, or -1');
  const factor = 1024n ** BigInt(LETTERS.indexOf(unit.toLowerCase()));
  const digits = BigInt(`${whole}${fraction}`) * factor;
  return exact(digits / 10n ** BigInt(fraction.length));
}
