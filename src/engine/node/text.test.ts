import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decode, encode } from './text.js';

const bytes = (...numbers: number[]) => new Uint8Array(numbers);

test.each([
  ['ASCII', bytes(0x61, 0x00, 0x7f), 'a\0\x7f'],
  ['two, three and four bytes', bytes(...Buffer.from('é€𝄞')), 'é€𝄞'],
  ['a byte order mark', bytes(0xef, 0xbb, 0xbf, 0x61), '\ufeffa'],
  ['a byte that begins nothing', bytes(0x61, 0xff, 0x62), 'a\udcffb'],
  ['a byte that continues nothing', bytes(0x80, 0xbf), '\udc80\udcbf'],
  ['a character that is cut', bytes(0xe2, 0x82), '\udce2\udc82'],
  ['a cut one before a whole one', bytes(0xe2, 0x82, 0xe2, 0x82, 0xac), '\udce2\udc82€'],
  ['a character in more bytes than it needs', bytes(0xc0, 0x80), '\udcc0\udc80'],
  ['an encoded surrogate', bytes(0xed, 0xb2, 0x80), '\udced\udcb2\udc80'],
  ['what lies beyond U+10FFFF', bytes(0xf4, 0x90, 0x80, 0x80), '\udcf4\udc90\udc80\udc80'],
])('%s is decoded, and encoded as it was', (_, encoded, text) => {
  expect(decode(encoded)).toBe(text);
  expect([...encode(text)]).toEqual([...encoded]);
});

test('no byte is ever lost', () => {
  const nearlyText = fc
    .array(
      fc.oneof(fc.string({ unit: 'binary' }).map(Buffer.from), fc.uint8Array({ maxLength: 3 })),
    )
    .map((parts) => new Uint8Array(Buffer.concat(parts)));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), nearlyText), (any) => {
      expect([...encode(decode(any))]).toEqual([...any]);
    }),
  );
});

test('text comes back as it went, whatever its characters are', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(decode(encode(text))).toBe(text);
    }),
  );
});
