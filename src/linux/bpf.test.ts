import { expect, it } from 'vitest';
import {
  and,
  copy,
  encodeBpf,
  jump,
  jumpIfAny,
  jumpUnless,
  leave,
  load,
  shiftRight,
} from './bpf.js';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

it.each([
  ['*(u32 *)(r1 + 4) into r2', load(2, 1, 4), '6112040000000000'],
  ['r3 = r2', copy(3, 2), 'bf23000000000000'],
  ['w2 &= 0xffff', and(2, 0xffff), '54020000ffff0000'],
  ['w3 >>= 16', shiftRight(3, 16), '7403000010000000'],
  ['goto +2', jump(2), '0500020000000000'],
  ['if w4 != 1 goto +3', jumpUnless(4, 1, 3), '5604030001000000'],
  ['if w4 != 0xffffffff goto -1', jumpUnless(4, 0xffffffff, -1), '5604ffffffffffff'],
  ['if w3 & 4 goto +1', jumpIfAny(3, 4, 1), '4603010004000000'],
])('encodes %s as the kernel reads it', (_, instruction, bytes) => {
  expect(hex(encodeBpf([instruction]))).toBe(bytes);
});

it('encodes a return as two instructions', () => {
  expect(hex(encodeBpf(leave(1)))).toBe('b7000000010000009500000000000000');
});
