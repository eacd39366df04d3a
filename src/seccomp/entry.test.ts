import { createHash } from 'node:crypto';
import { expect, it, test } from 'vitest';
import { type Digest, hex, keyText, readEntry, writeEntry } from './entry.js';

const digest: Digest = (bytes) => createHash('sha256').update(bytes).digest();
const key = digest(new Uint8Array([1]));
const program = Uint8Array.from({ length: 16 }, (_, i) => i);
const remarks = new Uint8Array([65, 66]);
const entry = () => writeEntry({ program, remarks }, key, digest);
const bytesOf = (read: ReturnType<typeof readEntry>) =>
  read && [[...read.program], [...read.remarks]];

test('an entry holds what was written', () => {
  expect(bytesOf(readEntry(entry(), key, digest))).toEqual([[...program], [...remarks]]);
  const nothing = writeEntry({ program, remarks: new Uint8Array() }, key, digest);
  expect(bytesOf(readEntry(nothing, key, digest))).toEqual([[...program], []]);
});

it('is nothing when any of its bytes is another one, or missing', () => {
  const whole = entry();
  for (let at = 0; at < whole.length; at++) {
    const changed = entry();
    changed[at]! ^= 1;
    expect(readEntry(changed, key, digest), `byte ${at}`).toBeNull();
    expect(readEntry(whole.subarray(0, at), key, digest), `length ${at}`).toBeNull();
  }
});

it('does not pass for that of another profile', () => {
  expect(readEntry(entry(), digest(new Uint8Array([2])), digest)).toBeNull();
});

test('a key changes with the profile and with who compiles it', () => {
  expect(new Set([keyText('a', 1), keyText('b', 1), keyText('a', 2)]).size).toBe(3);
  expect(hex(new Uint8Array([0, 10, 255]))).toBe('000aff');
});
