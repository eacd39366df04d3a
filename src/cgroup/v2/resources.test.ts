import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { weightOf } from './resources.js';

describe('cpu shares as a weight', () => {
  it.each([
    [0, 1],
    [1, 1],
    [2, 1],
    [3, 2],
    [256, 35],
    [512, 59],
    [1024, 100],
    [2048, 174],
    [262143, 10000],
    [262144, 10000],
    [2n ** 64n - 1n, 10000],
  ] as const)('%s is %s', (shares, weight) => {
    expect(weightOf(shares)).toBe(weight);
  });

  it('stays in the range that the kernel takes and never falls', () => {
    const shares = fc.integer({ min: 2, max: 262144 });
    fc.assert(
      fc.property(shares, shares, (a, b) => {
        const [low, high] = [weightOf(Math.min(a, b)), weightOf(Math.max(a, b))];
        expect(low).toBeGreaterThanOrEqual(1);
        expect(high).toBeLessThanOrEqual(10000);
        expect(low).toBeLessThanOrEqual(high);
      }),
    );
  });
});
