import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { decode, encode } from '../engine/node/text.js';
import { RuntimeError } from '../errors/error.js';
import {
  decodeMessage,
  encodeMessage,
  METHOD_CALL,
  type Message,
  messageLength,
  SIGNAL,
} from './message.js';
import { Reader } from './reader.js';
import { parseSignature } from './signature.js';
import { type DbusValue, integerRange } from './values.js';
import { Writer } from './writer.js';

const codec = { encode, decode };

function marshal(signature: string, ...values: DbusValue[]): Uint8Array {
  const writer = new Writer(codec);
  writer.all(signature, values);
  return writer.finish();
}

const unmarshal = (signature: string, bytes: Uint8Array): DbusValue[] => {
  const reader = new Reader(bytes, codec);
  const values = reader.all(signature);
  reader.expectEnd();
  return values;
};

const bytes = (...numbers: number[]) => Uint8Array.from(numbers);

/** A type with values of it. */
interface Typed {
  readonly signature: string;
  readonly values: fc.Arbitrary<DbusValue>;
}

const text = fc.string({ unit: 'binary' }).filter((value) => !value.includes('\0'));
const path = fc
  .array(fc.stringMatching(/^[A-Za-z0-9_]+$/), { maxLength: 4 })
  .map((parts) => `/${parts.join('/')}`);

const integer = (code: string): Typed => {
  const { least, most, size } = integerRange(code)!;
  const wide = fc.bigInt({ min: least, max: most });
  return { signature: code, values: size === 8 ? wide : wide.map(Number) };
};

const basics: readonly Typed[] = [
  ...[...'ynqiuxth'].map(integer),
  { signature: 'b', values: fc.boolean() },
  { signature: 'd', values: fc.double({ noNaN: true }) },
  { signature: 's', values: text },
  { signature: 'o', values: path },
  { signature: 'g', values: fc.constantFrom('', 'as', 'a{sv}', '(i(st))') },
];

/** What a variant can hold, and everything else, up to some depth. */
const typed = (depth: number): fc.Arbitrary<Typed> => {
  const basic = fc.constantFrom(...basics);
  if (depth === 0) return basic;
  const inner = typed(depth - 1);
  const array = inner.map(({ signature, values }) => ({
    signature: `a${signature}`,
    values: fc.array(values, { maxLength: 4 }) as fc.Arbitrary<DbusValue>,
  }));
  const struct = fc.array(inner, { minLength: 1, maxLength: 3 }).map((members) => ({
    signature: `(${members.map(({ signature }) => signature).join('')})`,
    values: fc.tuple(...members.map(({ values }) => values)) as fc.Arbitrary<DbusValue>,
  }));
  const dictionary = fc.tuple(basic, inner).map(([key, value]) => ({
    signature: `a{${key.signature}${value.signature}}`,
    values: fc.array(fc.tuple(key.values, value.values), {
      maxLength: 3,
    }) as fc.Arbitrary<DbusValue>,
  }));
  const variant = inner.map(({ signature, values }) => ({
    signature: 'v',
    values: values.map((value) => ({ signature, value })) as fc.Arbitrary<DbusValue>,
  }));
  return fc.oneof(basic, array, struct, dictionary, variant);
};

const anything = typed(3).chain(({ signature, values }) =>
  values.map((value) => ({ signature, value })),
);

describe('a value', () => {
  it('comes back from its bytes as it was, wherever it begins', () => {
    fc.assert(
      fc.property(anything, fc.integer({ min: 0, max: 8 }), ({ signature, value }, before) => {
        const filler = new Array<number>(before).fill(7);
        const all = `${'y'.repeat(before)}${signature}`;
        expect(unmarshal(all, marshal(all, ...filler, value))).toEqual([...filler, value]);
      }),
    );
  });

  it.each<[string, DbusValue, number[]]>([
    ['y', 5, [5]],
    ['b', true, [1, 0, 0, 0]],
    ['n', -2, [0xfe, 0xff]],
    ['u', 258, [2, 1, 0, 0]],
    ['t', 2n ** 64n - 1n, [255, 255, 255, 255, 255, 255, 255, 255]],
    ['d', 1, [0, 0, 0, 0, 0, 0, 0xf0, 0x3f]],
    ['s', 'é', [2, 0, 0, 0, 0xc3, 0xa9, 0]],
    ['g', 'as', [2, 0x61, 0x73, 0]],
    ['ay', [1, 2], [2, 0, 0, 0, 1, 2]],
    // The specification's example: the padding to the first element does not count.
    ['ax', [5n], [8, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0]],
    ['ax', [], [0, 0, 0, 0, 0, 0, 0, 0]],
    ['v', { signature: 'q', value: 3 }, [1, 0x71, 0, 0, 3, 0]],
    ['(yu)', [1, 2], [1, 0, 0, 0, 2, 0, 0, 0]],
  ])('of type %s is written as the specification says', (signature, value, expected) => {
    expect([...marshal(signature, value)]).toEqual(expected);
  });

  it.each<[string, DbusValue]>([
    ['y', 256],
    ['y', -1],
    ['u', 1.5],
    ['u', 1n],
    ['t', 1],
    ['x', 2n ** 63n],
    ['b', 1],
    ['s', 'a\0b'],
    ['s', '\udc80'],
    ['s', 5],
    ['o', 'a'],
    ['o', '/a/'],
    ['g', 'z'],
    ['as', 'a'],
    ['(ss)', ['a']],
    ['v', 'a'],
    ['v', { signature: 'ss', value: 'a' }],
    ['v', { signature: '', value: 'a' }],
  ])('that does not fit the type %s is not sent', (signature, value) => {
    expect(() => marshal(signature, value)).toThrow(RuntimeError);
  });
});

describe('bytes', () => {
  it.each([
    ['a boolean that is neither', 'b', bytes(2, 0, 0, 0)],
    ['padding with something in it', 'yu', bytes(1, 9, 0, 0, 2, 0, 0, 0)],
    ['a text without its end', 's', bytes(1, 0, 0, 0, 0x61, 0x62)],
    ['a text that is not UTF-8', 's', bytes(1, 0, 0, 0, 0xff, 0)],
    ['a text with a zero byte', 's', bytes(1, 0, 0, 0, 0, 0)],
    ['a text that is longer than all', 's', bytes(0xff, 0xff, 0xff, 0xff, 0)],
    ['a path that is none', 'o', bytes(1, 0, 0, 0, 0x61, 0)],
    ['an array that is longer than all', 'ay', bytes(9, 0, 0, 0, 1)],
    ['an array that is much too long', 'ay', bytes(0, 0, 0, 0xff, 1)],
    ['an array that ends within an element', 'au', bytes(5, 0, 0, 0, 1, 0, 0, 0, 2)],
    ['a variant of nothing', 'v', bytes(0, 0)],
    ['a variant of two', 'v', bytes(2, 0x79, 0x79, 0, 1, 2)],
    ['too little', 'u', bytes(1, 0)],
    ['too much', 'y', bytes(1, 2)],
  ])('with %s are refused', (_, signature, found) => {
    expect(() => unmarshal(signature, found)).toThrow(/^D-Bus: /);
  });

  it('with variants in variants without end are refused', () => {
    const nested = (depth: number) =>
      Uint8Array.from([...new Array(depth).fill([1, 0x76, 0]).flat(), 1, 0x79, 0, 5]);
    expect(() => unmarshal('v', nested(60))).not.toThrow();
    expect(() => unmarshal('v', nested(100_000))).toThrow('nested too deep');
  });

  it('of any kind are read or refused, and nothing else', () => {
    const signatures = fc.constantFrom('a{sv}', 'v', 'a(ss)', '(yv)', 'aas', 'uoss');
    fc.assert(
      fc.property(signatures, fc.uint8Array({ maxLength: 64 }), (signature, found) => {
        try {
          unmarshal(signature, found);
        } catch (error) {
          expect(error).toBeInstanceOf(RuntimeError);
        }
      }),
    );
  });
});

describe('a signature', () => {
  it.each(['a', '(', '()', 'a{s}', 'a{vs}', 'a{sss}', '{ss}', ')', 'z', 'a{(s)s}', '(s'])(
    'such as %s is refused',
    (signature) => {
      expect(() => parseSignature(signature)).toThrow('is no valid signature');
    },
  );

  it('is neither too deep nor too long', () => {
    expect(parseSignature(`${'a'.repeat(32)}y`)).toHaveLength(1);
    expect(() => parseSignature(`${'a'.repeat(33)}y`)).toThrow('is no valid signature');
    expect(() => parseSignature(`${'('.repeat(33)}y${')'.repeat(33)}`)).toThrow('is no valid');
    expect(parseSignature('y'.repeat(255))).toHaveLength(255);
    expect(() => parseSignature('y'.repeat(256))).toThrow('longer than 255');
  });
});

const call: Message = {
  type: METHOD_CALL,
  flags: 0,
  serial: 7,
  path: '/org/freedesktop/systemd1',
  interface: 'org.freedesktop.systemd1.Manager',
  member: 'StopUnit',
  destination: 'org.freedesktop.systemd1',
  signature: 'ss',
  body: ['web.scope', 'replace'],
};

describe('a message', () => {
  it('comes back from its bytes, whose beginning tells their number', () => {
    const encoded = encodeMessage(call, codec);
    expect(messageLength(encoded)).toBe(encoded.length);
    expect(decodeMessage(encoded, codec)).toEqual(call);
  });

  it('may have no body', () => {
    const { signature: _, ...empty } = { ...call, body: [] };
    expect(decodeMessage(encodeMessage(empty, codec), codec)).toEqual(empty);
  });

  it('whose bytes are changed is read or refused, and nothing else', () => {
    const encoded = encodeMessage(call, codec);
    const change = fc.record({
      at: fc.nat(encoded.length - 1),
      to: fc.integer({ max: 255, min: 0 }),
    });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const changed = encoded.slice();
        for (const { at, to } of changes) changed[at] = to;
        try {
          messageLength(changed);
          decodeMessage(changed, codec);
        } catch (error) {
          expect(error).toBeInstanceOf(RuntimeError);
        }
      }),
    );
  });

  it('is refused when it is of another byte order, version or size', () => {
    const changed = (at: number, to: number) => encodeMessage(call, codec).with(at, to);
    expect(() => messageLength(changed(0, 0x42))).toThrow('not little-endian');
    expect(() => messageLength(changed(3, 2))).toThrow('version 2');
    expect(() => messageLength(changed(7, 0x7f))).toThrow('too long');
  });

  it('is refused when it lacks what its type has to have', () => {
    const { member: _, ...nameless } = call;
    expect(() => decodeMessage(encodeMessage(nameless, codec), codec)).toThrow('has no member');
    const signal = encodeMessage({ ...call, type: SIGNAL, serial: 0 }, codec);
    expect(() => decodeMessage(signal, codec)).toThrow('has no serial');
  });
});

test('what the Writer aligns, the Reader expects', () => {
  expect(() => unmarshal('yt', bytes(1, 2, 3, 4, 5, 6, 7, 8, 9))).toThrow('padding is not zero');
});
