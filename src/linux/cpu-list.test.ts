import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { CPUS, maskOf, parseList } from './cpu-list.js';

describe('a list of CPUs', () => {
  it.each([
    ['', []],
    ['0', [0]],
    ['0-3,7', [0, 1, 2, 3, 7]],
    ['7,0-3', [0, 1, 2, 3, 7]],
    ['1-1', [1]],
    ['1,1,0-2', [0, 1, 2]],
    [' 0 , 2-3 ,', [0, 2, 3]],
    ['007', [7]],
    ['8191', [8191]],
  ])('%j names %j', (text, numbers) => {
    expect(parseList(text, CPUS)).toEqual(numbers);
  });

  it.each([
    'a',
    '-',
    '-1',
    '1-',
    '3-1',
    '0--1',
    '1-2-3',
    '0x1',
    '1.5',
    '0 1',
    '8192',
    '0-99999999',
  ])('%j is none', (text) => {
    expect(parseList(text, CPUS)).toBeNull();
  });

  it('may be written with a number or a range for each run', () => {
    const runs = fc.array(fc.tuple(fc.nat(CPUS - 64), fc.nat(63)), { maxLength: 8 });
    fc.assert(
      fc.property(runs, (list) => {
        const text = list.map(([at, more]) => (more === 0 ? `${at}` : `${at}-${at + more}`)).join();
        const all = list.flatMap(([at, more]) =>
          Array.from({ length: more + 1 }, (_, i) => at + i),
        );
        expect(parseList(text, CPUS)).toEqual([...new Set(all)].sort((a, b) => a - b));
      }),
    );
  });
});

test('a mask has the bits of its numbers, the lowest in the first byte', () => {
  expect([...maskOf([0, 3, 8, 31], 32)]).toEqual([9, 1, 0, 0x80]);
  expect([...maskOf([], 16)]).toEqual([0, 0]);
});
