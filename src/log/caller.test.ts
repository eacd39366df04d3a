import { expect, test } from 'vitest';
import { callerIn } from './caller.js';

test('the caller is the first named function that does not log itself', () => {
  const stack = `
    at callerNow (log.js:10:3)
    at fields (log.js:2:1)
    at debug (log.js:3:1)
    at <anonymous> (main.js:50:1)
    at openStore (main.js:812:20)
    at stateOf (main.js:900:2)
`;
  expect(callerIn(stack)).toEqual({ func: 'openStore', file: 'main.js:812' });
});

test('of a path the name of the file is kept', () => {
  const stack =
    'Error\n    at fields (file:///x/log.ts:1:1)\n    at run (file:///a/b c/cli.ts:7:9)';
  expect(callerIn(stack)).toEqual({ func: 'run', file: 'cli.ts:7' });
});

test('a stack without names gives empty fields', () => {
  expect(callerIn('Error')).toEqual({ func: '', file: '' });
});

test('a function without a position is one of the bundled program', () => {
  expect(callerIn('    at fields\n    at openStore\n')).toEqual({
    func: 'openStore',
    file: 'main.js',
  });
});
