import { expect, test } from 'vitest';
import { parseDuration, parseInterval } from './duration.js';

test.each([
  ['5s', 5000],
  ['1.5h', 5_400_000],
  ['1m30s', 90_000],
  ['300ms', 300],
  ['.5s', 500],
  ['2us', 0.002],
  ['2µs', 0.002],
  ['1000000ns', 1],
  ['+1s', 1000],
  ['-2s', -2000],
  ['0', 0],
])('%s lasts %d milliseconds', (text, expected) => {
  expect(parseDuration('interval', text)).toBeCloseTo(expected, 6);
});

test.each(['', '5', 's', '1x', '1s1', '1 s', '--1s', '1e3s', '.s'])('%j is no duration', (text) => {
  expect(() => parseDuration('interval', text)).toThrow(
    `invalid value ${JSON.stringify(text)} for flag -interval: must be a duration`,
  );
});

test('an interval is positive, and of whole milliseconds', () => {
  for (const text of ['0', '0s', '-5s'])
    expect(() => parseInterval('interval', text)).toThrow(
      'duration interval must be greater than 0',
    );
  expect(parseInterval('interval', '1ns')).toBe(1);
  expect(parseInterval('interval', '1.5ms')).toBe(2);
});
