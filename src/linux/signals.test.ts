import { constants } from 'node:os';
import { expect, test } from 'vitest';
import { parseSignal, signalName, signals } from './signals.js';

test('signal numbers are those of the C library', () => {
  const aliases = ['SIGIOT', 'SIGPOLL', 'SIGUNUSED', 'SIGCLD'];
  for (const [name, number] of Object.entries(constants.signals)) {
    if (!aliases.includes(name))
      expect([name, signals[name as keyof typeof signals]]).toEqual([name, number]);
  }
});

test.each([
  ['15', 15],
  ['0', 0],
  ['-9', -9],
  ['SIGKILL', 9],
  ['KILL', 9],
  ['kill', 9],
  ['sigTerm', 15],
  ['SIGCLD', 17],
  ['IOT', 6],
  ['poll', 29],
  ['UNUSED', 31],
  ['RTMIN', 34],
  ['SIGRTMIN+2', 36],
  ['rtmin+30', 64],
  ['RTMAX', 64],
  ['RTMAX-1', 63],
  ['RTMAX-30', 34],
])('signal %s is %i', (text, number) => {
  expect(parseSignal(text)).toBe(number);
});

test.each([
  'BADSIG',
  '',
  'SIG',
  '9x',
  '1.5',
  '99999999999',
  'RTMIN+31',
  'RTMIN-1',
  'RTMAX+1',
  'RTMAX-31',
  'constructor',
  'SIGtoString',
])('signal "%s" is unknown', (text) => {
  expect(() => parseSignal(text)).toThrow(`unknown signal "${text}"`);
});

test('a number is named as far as it has a name', () => {
  expect([9, 34, 36, 64, 32, 99].map(signalName)).toEqual([
    'SIGKILL',
    'SIGRTMIN',
    'SIGRTMIN+2',
    'SIGRTMIN+30',
    'signal 32',
    'signal 99',
  ]);
});
