import { expect, test } from 'vitest';
import { encode } from '../engine/node/text.js';
import { describe, readReport } from './describe.js';

const wordsOf = (bytes: Uint8Array, count: number) => [
  ...new Uint32Array(bytes.slice(0, 4 * count).buffer),
];
const textOf = (bytes: Uint8Array, at: number) => Buffer.from(bytes.subarray(at)).toString();

test('a description: counts, rules with their conditions, names', () => {
  const { bytes, names, entries, reportSize } = describe(
    {
      defaultAction: 'SCMP_ACT_ERRNO',
      architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_MIPS64N32'],
      syscalls: [
        { names: ['read', 'write'], action: 'SCMP_ACT_ALLOW' },
        {
          names: ['clone'],
          action: 'SCMP_ACT_TRACE',
          errnoRet: 7,
          args: [
            { index: 1, value: 2 ** 40 + 5, valueTwo: 2n ** 64n - 1n, op: 'SCMP_CMP_MASKED_EQ' },
          ],
        },
      ],
    },
    encode,
  );
  const rules = [0x7fff0000, 2, 0, 0x7ff00007, 1, 1, 1, 7, 5, 256, 0xffffffff, 0xffffffff];
  const texts = 4 * (6 + rules.length);
  expect(wordsOf(bytes, 6 + rules.length)).toEqual([0x50001, 1, 2, 3, 2, texts, ...rules]);
  expect(textOf(bytes, texts)).toBe('x86_64\0mips64n32\0read\0write\0clone\0');
  expect([names, entries]).toEqual([
    ['read', 'write', 'clone'],
    [0, 1],
  ]);
  expect(reportSize).toBe(4 * (3 + 24 + 3 * 3));
});

test('several conditions on one argument become rules of their own, with the names repeated', () => {
  const equal = (index: number, value: number) => ({ index, value, op: 'SCMP_CMP_EQ' as const });
  const described = (args: readonly ReturnType<typeof equal>[]) =>
    describe(
      {
        defaultAction: 'SCMP_ACT_ALLOW',
        syscalls: [
          { names: ['a'], action: 'SCMP_ACT_LOG' },
          { names: ['b'], action: 'SCMP_ACT_LOG', args: [...args] },
        ],
      },
      encode,
    );
  expect(described([equal(0, 1), equal(1, 1)]).entries).toEqual([0, 1]);
  const split = described([equal(0, 1), equal(0, 2), equal(3, 3)]);
  expect([split.names, split.entries]).toEqual([
    ['a', 'b', 'b', 'b'],
    [0, 1, 1, 1],
  ]);
});

test('a long list of calls becomes a tree', () => {
  const shape = (count: number) => {
    const names = Array.from({ length: count }, (_, i) => `call${i}`) as [string];
    const syscalls = [{ names, action: 'SCMP_ACT_ALLOW' as const }];
    return wordsOf(describe({ defaultAction: 'SCMP_ACT_ERRNO', syscalls }, encode).bytes, 2)[1];
  };
  expect([shape(8), shape(9)]).toEqual([1, 2]);
});

test('a report tells the number of each name on each architecture', () => {
  const words = new Int32Array(3 + 24 + 4);
  words.set([3, 1, 2, -1073741762, 0x40000003]);
  words.set([0, -1, 3, 401], 27);
  expect(readReport(new Uint8Array(words.buffer), 2)).toEqual({
    ...{ stage: 'export', index: 1 },
    architectures: [
      { token: 0xc000003e, numbers: new Int32Array([0, -1]) },
      { token: 0x40000003, numbers: new Int32Array([3, 401]) },
    ],
  });
});
