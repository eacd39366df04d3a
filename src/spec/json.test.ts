import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse, parseQuickly, putExact, stringify } from './json.js';

/** In a list, since a document that is nothing but an integer has no holder for its exact value. */
function exactly(text: string): unknown {
  const { value, exact } = parse(`[${text}]`);
  putExact(exact);
  return (value as unknown[])[0];
}

const integers64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n });

const isSafe = (n: bigint) => Number.isSafeInteger(Number(n));

describe('parse', () => {
  test('reads what JSON.parse reads, the same way', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(JSON.parse(stringify(exactly(text)))).toEqual(JSON.parse(text));
      }),
    );
  });

  test('refuses exactly what JSON.parse refuses', () => {
    const mutated = fc
      .tuple(fc.json(), fc.nat(), fc.constantFrom('', ',', '"', '}', '[', '0', '-', '\\', 'e', ' '))
      .map(([text, at, char]) => {
        const i = at % (text.length + 1);
        return text.slice(0, i) + char + text.slice(i + 1);
      });
    fc.assert(
      fc.property(mutated, (text) => {
        const read = expect(() => parse(text));
        if (parseQuickly(text) === undefined) read.toThrow('not valid JSON');
        else read.not.toThrow();
      }),
      { numRuns: 2000 },
    );
  });

  test('keeps integers of 64 bits', () => {
    fc.assert(
      fc.property(integers64, (n) => {
        const expected = isSafe(n) ? Number(n) : n;
        expect(exactly(`{"a":[${n}]}`)).toEqual({ a: [expected] });
      }),
    );
  });

  test('shows validators a double that is never above the integer', () => {
    fc.assert(
      fc.property(integers64, (n) => {
        const shown = parse(String(n)).value as number;
        expect(BigInt(shown) <= n).toBe(true);
        expect(n - BigInt(shown) < 4096n).toBe(true);
      }),
    );
  });

  test.each([
    ['9223372036854775807', 2 ** 63 - 1024],
    ['9223372036854775808', 2 ** 63],
    ['-9223372036854775808', -(2 ** 63)],
    ['-9223372036854775809', -(2 ** 63) - 2048],
    ['18446744073709551615', 2 ** 64 - 2048],
    ['18446744073709551616', 2 ** 64],
  ])('rounds %s down to a double', (text, shown) => {
    expect(parse(text).value).toBe(shown);
  });

  test('takes an integer in scientific notation for what it is', () => {
    expect(exactly('1e18')).toBe(10n ** 18n);
    expect(exactly('9007199254740993.0')).toBe(9007199254740992n);
    expect(exactly('1e300')).toBe(1e300);
    expect(exactly('1e3')).toBe(1000);
  });

  test('lets the last of equal names win, as JSON.parse does', () => {
    expect(exactly('{"a":9007199254740993,"a":"x"}')).toEqual({ a: 'x' });
    expect(exactly('{"a":9007199254740993,"a":5}')).toEqual({ a: 5 });
    expect(exactly('{"a":5,"a":9007199254740993}')).toEqual({ a: 9007199254740993n });
  });

  test('takes the name __proto__ for a name like any other', () => {
    const value = exactly('{"__proto__":{"polluted":9007199254740993}}') as object;
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Object.keys(value)).toEqual(['__proto__']);
    expect('polluted' in value).toBe(false);
  });

  test('keeps lone surrogates, which stand for bytes that are not UTF-8', () => {
    expect(exactly('["\udc80\\udcff"]')).toEqual(['\udc80\udcff']);
  });

  test('tells the place of an error', () => {
    const text = '{\n  "a": 1,\n  "b": [1, 2,, 3]\n}';
    const words = `not valid JSON: line 3, column 14: expected a value, near "\\"b\\": [1, 2,, 3]"`;
    expect(() => parse(text)).toThrow(words);
  });

  test('refuses a byte order mark by name', () => {
    expect(() => parse('\ufeff{}')).toThrow('byte order mark');
  });

  test('refuses an empty text', () => {
    expect(() => parse('')).toThrow('line 1, column 1: expected a value');
  });

  test('refuses endless nesting instead of running out of stack', () => {
    expect(() => parse('['.repeat(100_000))).toThrow('more than 100 levels');
  });
});

describe('stringify', () => {
  const values = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      integers64.map((n) => (isSafe(n) ? Number(n) : n)),
      fc.string({ unit: 'binary' }),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('value')),
      fc.dictionary(fc.string(), tie('value'), { noNullPrototype: true }),
    ),
  })).value;

  test('and parse are a round trip for 64-bit integers', () => {
    fc.assert(
      fc.property(values, fc.constantFrom('', '  ', '\t'), (value, indent) => {
        expect(exactly(stringify(value, indent))).toEqual(value);
      }),
    );
  });

  test('writes as JSON.stringify does', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom('', '\t'), (value, indent) => {
        const wide = { wide: 2n ** 63n, value, left: undefined };
        const plain = JSON.stringify({ wide: 0, value }, undefined, indent);
        expect(stringify(wide, indent)).toBe(plain.replace('0', '9223372036854775808'));
      }),
    );
  });
});
