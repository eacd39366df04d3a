/** The few eBPF instructions that a device filter needs (bpf(2), linux/bpf.h). */
import {
  BPF_ALU,
  BPF_ALU64,
  BPF_AND,
  BPF_EXIT,
  BPF_JA,
  BPF_JMP,
  BPF_JMP32,
  BPF_JNE,
  BPF_JSET,
  BPF_K,
  BPF_LDX,
  BPF_MEM,
  BPF_MOV,
  BPF_RSH,
  BPF_W,
  BPF_X,
} from './constants.js';

/** struct bpf_insn. */
export interface BpfInstruction {
  readonly code: number;
  readonly to: number;
  readonly from: number;
  /** Of memory in bytes, of a jump in instructions. */
  readonly offset: number;
  readonly value: number;
}

const instruction = (
  code: number,
  to: number,
  { from = 0, offset = 0, value = 0 } = {},
): BpfInstruction => ({ code, to, from, offset, value });

/** to = *(u32 *)(from + offset) */
export const load = (to: number, from: number, offset: number): BpfInstruction =>
  instruction(BPF_LDX | BPF_MEM | BPF_W, to, { from, offset });

/** to = from */
export const copy = (to: number, from: number): BpfInstruction =>
  instruction(BPF_ALU64 | BPF_MOV | BPF_X, to, { from });

/** to &= value, 32 bits */
export const and = (to: number, value: number): BpfInstruction =>
  instruction(BPF_ALU | BPF_AND | BPF_K, to, { value });

/** to >>= value, 32 bits */
export const shiftRight = (to: number, value: number): BpfInstruction =>
  instruction(BPF_ALU | BPF_RSH | BPF_K, to, { value });

export const jump = (offset: number): BpfInstruction =>
  instruction(BPF_JMP | BPF_JA, 0, { offset });

/** Jumps when the low 32 bits differ. */
export const jumpUnless = (to: number, value: number, offset: number): BpfInstruction =>
  instruction(BPF_JMP32 | BPF_JNE | BPF_K, to, { value, offset });

/** Jumps when any of the bits is set. */
export const jumpIfAny = (to: number, value: number, offset: number): BpfInstruction =>
  instruction(BPF_JMP32 | BPF_JSET | BPF_K, to, { value, offset });

/** return value */
export const leave = (value: number): readonly BpfInstruction[] => [
  instruction(BPF_ALU64 | BPF_MOV | BPF_K, 0, { value }),
  instruction(BPF_JMP | BPF_EXIT, 0),
];

const SIZE = 8;

/** The bytes of a program. */
export function encodeBpf(program: readonly BpfInstruction[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(SIZE * program.length));
  program.forEach(({ code, to, from, offset, value }, i) => {
    view.setUint8(SIZE * i, code);
    view.setUint8(SIZE * i + 1, to | (from << 4));
    view.setInt16(SIZE * i + 2, offset, true);
    view.setInt32(SIZE * i + 4, value, true);
  });
  return new Uint8Array(view.buffer);
}
