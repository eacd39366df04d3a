import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { decode } from '../engine/node/text.js';
import { findInterpreter, HEADER_SIZE, isProgram, parseHeader } from './executable.js';

const header = (text: string) => parseHeader(Buffer.from(text, 'latin1'), decode);

test.each([
  ['#!/bin/sh\n', '/bin/sh', true],
  ['#! \t/bin/sh -e x\n', '/bin/sh', true],
  ['#!/bin/sh', '/bin/sh', true],
  ['#!/bin/sh\r\n', '/bin/sh\r', true],
  ['#!/bin/sh\0x', '/bin/sh', true],
  ['#!\n/bin/sh', '', true],
  ['#!', '', true],
  [`#!/${'x'.repeat(HEADER_SIZE - 3)}`, `/${'x'.repeat(HEADER_SIZE - 3)}`, false],
])('the first line %j names %j', (line, interpreter, whole) => {
  expect(header(line)).toEqual({ kind: 'script', interpreter, whole });
});

test.each([
  ['', 'empty'],
  ['echo hi\n', 'text'],
  ['echo h\xc3\xa4', 'text'],
  ['\x00\x01', 'unknown'],
  ['MZ\x90\x00', 'unknown'],
  ['\x7fELF', 'damaged elf'],
  ['\x7fELF\x02\x01', 'damaged elf'],
])('%j is %s', (text, kind) => {
  expect(header(text)).toEqual({ kind });
});

function elf(bits: 32 | 64, little: boolean, machine: number, type = 3): Uint8Array {
  const bytes = new Uint8Array(64);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, bits / 32, little ? 1 : 2]);
  const view = new DataView(bytes.buffer);
  const wide = bits === 64;
  view.setUint16(16, type, little);
  view.setUint16(18, machine, little);
  if (wide) view.setBigUint64(32, 64n, little);
  else view.setUint32(28, 52, little);
  view.setUint16(wide ? 54 : 42, wide ? 56 : 32, little);
  view.setUint16(wide ? 56 : 44, 2, little);
  return bytes;
}

describe('an ELF header', () => {
  it.each([
    [64, true, 62, 'x86_64'],
    [64, true, 183, 'aarch64'],
    [32, true, 40, 'arm'],
    [32, true, 3, 'i386'],
    [64, false, 22, 's390x'],
    [32, false, 20, 'ppc'],
    [64, true, 9999, 'machine 9999'],
  ] as const)(
    'of %i bits, little-endian: %s, tells machine %i',
    (bits, littleEndian, number, machine) => {
      const parsed = parseHeader(elf(bits, littleEndian, number), decode);
      const place = bits === 64 ? { offset: 64, size: 56 } : { offset: 52, size: 32 };
      expect(parsed).toEqual({
        kind: 'elf',
        bits,
        littleEndian,
        machine,
        type: 3,
        ...place,
        count: 2,
      });
    },
  );

  it('is that of a program or not', () => {
    const ofType = (type: number) => {
      const parsed = parseHeader(elf(64, true, 62, type), decode);
      return parsed.kind === 'elf' && isProgram(parsed);
    };
    expect([1, 2, 3, 4].map(ofType)).toEqual([false, true, true, false]);
  });

  it.each([
    [64, true],
    [32, true],
    [64, false],
    [32, false],
  ] as const)(
    'of %i bits, little-endian: %s, leads to the name of the interpreter',
    (bits, little) => {
      const parsed = parseHeader(elf(bits, little, 1), decode);
      if (parsed.kind !== 'elf') throw new Error(parsed.kind);
      const table = new Uint8Array(parsed.size * 2);
      const view = new DataView(table.buffer, parsed.size);
      expect(findInterpreter(parsed, table)).toBeNull();
      view.setUint32(0, 3, little);
      if (bits === 64) view.setBigUint64(8, 0x318n, little);
      else view.setUint32(4, 0x318, little);
      if (bits === 64) view.setBigUint64(32, 28n, little);
      else view.setUint32(16, 28, little);
      expect(findInterpreter(parsed, table)).toEqual({ offset: 0x318, length: 28 });
    },
  );

  it('with entries that are too small leads nowhere', () => {
    const parsed = parseHeader(elf(64, true, 62), decode);
    if (parsed.kind !== 'elf') throw new Error(parsed.kind);
    expect(findInterpreter({ ...parsed, size: 0 }, new Uint8Array(100))).toBeNull();
  });
});

test('whatever a file holds is one of these', () => {
  const magic = fc.constantFrom(
    [],
    [0x23, 0x21],
    [0x7f, 0x45, 0x4c, 0x46, 1],
    [0x7f, 0x45, 0x4c, 0x46, 2],
  );
  fc.assert(
    fc.property(magic, fc.uint8Array({ maxLength: HEADER_SIZE }), (begin, rest) => {
      const bytes = Uint8Array.from([...begin, ...rest]).subarray(0, HEADER_SIZE);
      const parsed = parseHeader(bytes, decode);
      if (parsed.kind === 'elf') findInterpreter(parsed, rest);
      expect(parsed.kind).toMatch(/^(empty|script|elf|damaged elf|text|unknown)$/);
    }),
  );
});
