import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RuntimeError } from '../errors/error.js';
import { parseGvariant } from './gvariant.js';
import type { DbusValue } from './values.js';

it.each<[string, string, DbusValue]>([
  ['true', 'b', true],
  [' false ', 'b', false],
  ['5', 'i', 5],
  ['-5', 'i', -5],
  ['+5', 'i', 5],
  ['0x1f', 'i', 31],
  ['017', 'i', 15],
  ['uint64 18446744073709551615', 't', 2n ** 64n - 1n],
  ['int64 -1', 'x', -1n],
  ['byte 0xff', 'y', 255],
  ['@q 7', 'q', 7],
  ['handle 3', 'h', 3],
  ['5.5', 'd', 5.5],
  ['1e3', 'd', 1000],
  ['-inf', 'd', Number.NEGATIVE_INFINITY],
  ['double 5', 'd', 5],
  ["'a \\'b\\' \\u00e9\\n'", 's', "a 'b' é\n"],
  ['"it\'s"', 's', "it's"],
  ['objectpath "/a/b"', 'o', '/a/b'],
  ["signature 'as'", 'g', 'as'],
  ['["a", "b"]', 'as', ['a', 'b']],
  ['@as []', 'as', []],
  ['[1, 2.5]', 'ad', [1, 2.5]],
  ['[1, uint64 2]', 'at', [1n, 2n]],
  ['[[1], [byte 2]]', 'aay', [[1], [2]]],
  ["[('/dev/fuse', 'rwm')]", 'a(ss)', [['/dev/fuse', 'rwm']]],
  ['@a(ss) []', 'a(ss)', []],
  ['(1,)', '(i)', [1]],
  ["('a', uint32 2)", '(su)', ['a', 2]],
  ['<5>', 'v', { signature: 'i', value: 5 }],
  [
    "{'a': 1, 'b': 2}",
    'a{si}',
    [
      ['a', 1],
      ['b', 2],
    ],
  ],
  ["{'a': <true>}", 'a{sv}', [['a', { signature: 'b', value: true }]]],
])('reads %s as type %s', (text, signature, value) => {
  expect(parseGvariant(text)).toEqual({ signature, value });
});

it.each([
  ['', 'ends too early'],
  ['fifteen', 'fifteen is no value'],
  ['nothing', 'nothing is no value'],
  ["b'bytes'", 'b is no value'],
  ['5 6', '"6" is no value'],
  ['byte 256', '256 is out of range'],
  ['byte -1', '-1 is out of range'],
  ['2147483648', '2147483648 is out of range'],
  ['08', '08 is no whole number'],
  ['uint32 1.5', '1.5 is no whole number'],
  ["uint32 'a'", 'a value is not of the type u'],
  ["'x", 'a text has no end'],
  ["'\\ud800'", 'not Unicode'],
  ["'\\u12'", 'bad escape'],
  ["objectpath 'a'", 'a is no object path'],
  ['[]', 'does not tell its type'],
  ['[1, "a"]', 'different types'],
  ['()', 'no valid signature'],
  ['[1 2]', '"2]" is no value'],
  ['uint32 uint64 5', 'a value has two types'],
  ['@z 5', 'no valid signature'],
  ['['.repeat(100), 'nested too deep'],
])('refuses %o', (text, message) => {
  expect(() => parseGvariant(text)).toThrow(message);
});

it('reads or refuses any text, and does nothing else', () => {
  const words = fc.constantFrom(
    '[',
    ']',
    '(',
    ')',
    '<',
    '>',
    '{',
    '}',
    ':',
    ',',
    '1',
    "'a'",
    'true',
    '@as ',
    'uint32 ',
    ' ',
    '-',
    '0x',
    '.',
  );
  const texts = fc.array(words, { maxLength: 20 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(fc.oneof(texts, fc.string()), (text) => {
      try {
        parseGvariant(text);
      } catch (error) {
        expect(error).toBeInstanceOf(RuntimeError);
      }
    }),
  );
});
