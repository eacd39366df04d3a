import type { BpfInstruction } from '../linux/bpf.js';
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
  BPF_LDX,
  BPF_MEM,
  BPF_MOV,
  BPF_RSH,
  BPF_W,
  BPF_X,
} from '../linux/constants.js';

const CONTEXT = Symbol('struct bpf_cgroup_dev_ctx');
type Value = number | typeof CONTEXT | undefined;

/** Runs an eBPF program over a context of 32-bit words, as strict as the kernel's verifier. */
export function runBpf(program: readonly BpfInstruction[], words: readonly number[]): number {
  const registers: Value[] = [];
  registers[1] = CONTEXT;
  const number = (register: number): number => {
    const value = registers[register];
    if (typeof value !== 'number') throw new Error(`r${register} holds no number`);
    return value;
  };
  for (let at = 0; at < program.length; at++) {
    const { code, to, from, offset, value } = program[at]!;
    const operand = () => (code & BPF_X ? number(from) : value) >>> 0;
    switch (code & ~BPF_X) {
      case BPF_LDX | BPF_MEM | BPF_W:
        if (registers[from] !== CONTEXT || offset % 4 !== 0) throw new Error('bad load');
        registers[to] = words[offset / 4]!;
        break;
      case BPF_ALU64 | BPF_MOV:
        registers[to] = operand();
        break;
      case BPF_ALU | BPF_AND:
        registers[to] = (number(to) & operand()) >>> 0;
        break;
      case BPF_ALU | BPF_RSH:
        registers[to] = number(to) >>> operand();
        break;
      case BPF_JMP | BPF_JA:
        at += offset;
        break;
      case BPF_JMP32 | BPF_JNE:
        if (number(to) >>> 0 !== operand()) at += offset;
        break;
      case BPF_JMP32 | BPF_JSET:
        if ((number(to) & operand()) !== 0) at += offset;
        break;
      case BPF_JMP | BPF_EXIT:
        return number(0);
      default:
        throw new Error(`unknown instruction 0x${code.toString(16)}`);
    }
  }
  throw new Error('the program runs past its end');
}

/** Instructions that no path reaches: the verifier refuses a program that has one. */
export function unreachable(program: readonly BpfInstruction[]): number[] {
  const reached = new Set<number>();
  const walk = (at: number): void => {
    if (reached.has(at)) return;
    reached.add(at);
    const { code, offset } = program[at]!;
    const always = code === (BPF_JMP | BPF_JA);
    if (always || (code & 7) === BPF_JMP32) walk(at + 1 + offset);
    if (!always && code !== (BPF_JMP | BPF_EXIT)) walk(at + 1);
  };
  walk(0);
  return [...program.keys()].filter((at) => !reached.has(at));
}
