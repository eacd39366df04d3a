import { expect, test } from 'vitest';
import { markdownTable, ratioText } from './table.js';

test('columns are as wide as their widest cell, words to the left and figures to the right', () => {
  expect(
    markdownTable(
      ['command', 'ms'],
      [
        ['run', 12.345],
        ['delete --force', 9],
      ],
    ),
  ).toBe(
    [
      '| command        |   ms |',
      '|----------------|-----:|',
      '| run            | 12.3 |',
      '| delete --force |  9.0 |',
    ].join('\n'),
  );
});

test('what was not measured is a dash, also at the end of a short row', () => {
  const [, , row] = markdownTable(['a', 'b', 'c'], [['x', undefined]]).split('\n');
  expect(row).toBe('| x   |   – |   – |');
});

test('a ratio has two decimals, and needs something to be compared with', () => {
  expect(ratioText(1, 3)).toBe('0.33');
  expect(ratioText(1, undefined)).toBeUndefined();
  expect(ratioText(1, 0)).toBeUndefined();
});
