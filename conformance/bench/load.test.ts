import { expect, test } from 'vitest';
import { shareBetween } from './load.js';

const processor = (user: number, sys: number, idle: number) => {
  return { times: { user, sys, idle, nice: 0, irq: 0 } };
};

test('the share of all processors that was not idle', () => {
  const before = [processor(100, 0, 100), processor(0, 0, 500)];
  const after = [processor(150, 0, 150), processor(20, 30, 550)];
  expect(shareBetween(before, after)).toBeCloseTo(0.5);
});

test('no time, no load', () => {
  const now = [processor(1, 2, 3)];
  expect(shareBetween(now, now)).toBe(0);
});
