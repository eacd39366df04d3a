import fc from 'fast-check';
import { expect, test } from 'vitest';
import { headerNumbers } from '../testing/headers.js';
import {
  capabilityBit,
  capabilityNames,
  capabilitySet,
  has,
  intersection,
} from './capabilities.js';

test('capabilities have the numbers of the kernel, and none is missing', () => {
  const kernel = headerNumbers('linux/capability.h', 'CAP_');
  expect(capabilityNames.map((name) => [name, capabilityBit(name)])).toEqual(
    [...kernel].filter(([name]) => name !== 'CAP_LAST_CAP').sort(([, a], [, b]) => a - b),
  );
});

test('a name that is no capability has no bit', () => {
  for (const name of ['CAP_NOTHING', 'cap_kill', 'KILL', '', 'toString'])
    expect(capabilityBit(name)).toBe(-1);
});

const bits = fc.uniqueArray(fc.nat(63));
const whole = (set: { low: number; high: number }) => (BigInt(set.high) << 32n) | BigInt(set.low);
const sum = (numbers: readonly number[]) =>
  numbers.reduce((all, bit) => all | (1n << BigInt(bit)), 0n);

test('a set is its bits in two halves without signs', () => {
  fc.assert(
    fc.property(bits, (numbers) => {
      const set = capabilitySet(numbers);
      expect(whole(set)).toBe(sum(numbers));
      for (let bit = 0; bit < 64; bit++) expect(has(set, bit)).toBe(numbers.includes(bit));
    }),
  );
});

test('an intersection has what both have', () => {
  fc.assert(
    fc.property(bits, bits, (a, b) => {
      const both = intersection(capabilitySet(a), capabilitySet(b));
      expect(whole(both)).toBe(sum(a) & sum(b));
    }),
  );
});
