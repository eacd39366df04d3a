import { expect, test } from 'vitest';
import { median, quantile, summarize } from './statistics.js';

test('the median of an odd number of values is the one in the middle, in any order', () => {
  expect(median([9, 1, 5])).toBe(5);
});

test('the median of an even number of values lies between the two in the middle', () => {
  expect(median([4, 1, 2, 100])).toBe(3);
});

test('quantiles lie between neighbours in proportion', () => {
  expect(quantile([0, 10], 0.1)).toBeCloseTo(1);
  expect(quantile([7], 0.9)).toBe(7);
});

test('nothing has no median', () => {
  expect(() => median([])).toThrow('nothing was measured');
});

test('a summary does not move with one outlier', () => {
  const values = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 1000];
  expect(summarize(values)).toEqual({ median: 6, p10: 2, p90: 10, count: 11 });
});
