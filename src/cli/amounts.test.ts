import { expect, test } from 'vitest';
import { parseInteger, parseSize } from './amounts.js';
import { limitsOf } from './limits.js';
import { rows } from './rows.js';

test.each([
  ['0', 0],
  ['512', 512],
  ['512b', 512],
  ['1k', 1024],
  ['1KB', 1024],
  ['2MiB', 2 * 2 ** 20],
  ['1.5g', 1.5 * 2 ** 30],
  ['1 g', 2 ** 30],
  ['8p', 9007199254740992n],
  ['9007199254740993', 9007199254740993n],
  ['-1', -1],
])('%j is %d bytes', (text, expected) => {
  expect(parseSize('memory', text)).toBe(expected);
});

test.each(['', 'k', '-2', '5q', '1..5', '1.k', '0x10', '1e3', '5mm'])('%j is no size', (text) => {
  expect(() => parseSize('memory', text)).toThrow('for flag -memory: must be bytes');
});

test('integers have a sign and 64 bits', () => {
  expect(parseInteger('cpu-quota', '-1')).toBe(-1);
  expect(parseInteger('cpu-quota', '+5')).toBe(5);
  expect(parseInteger('cpu-quota', '9007199254740993')).toBe(9007199254740993n);
  for (const text of ['', '1.5', '5k', 'x'])
    expect(() => parseInteger('cpu-quota', text)).toThrow('must be a whole number');
});

test('options become the limits that they stand for, and what is left out is not there', () => {
  expect(limitsOf({ id: 'web' })).toEqual({});
  expect(
    limitsOf({ memory: '64m', memorySwap: '-1', cpuShare: '7', cpusetCpus: '0-1', pidsLimit: '0' }),
  ).toEqual({
    memory: { limit: 64 * 2 ** 20, swap: -1 },
    cpu: { shares: 7, cpus: '0-1' },
    pids: { limit: 0 },
  });
});

test('every option of update that is a limit stands for one', () => {
  const others = [
    'resources',
    'l3-cache-schema',
    'mem-bw-schema',
    'kernel-memory',
    'kernel-memory-tcp',
  ];
  for (const { name } of rows.update.options) {
    const key = name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
    const expected = others.includes(name) ? 0 : 1;
    expect([name, Object.keys(limitsOf({ [key]: '1' })).length]).toEqual([name, expected]);
  }
});
