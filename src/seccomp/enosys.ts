import {
  AUDIT_ARCH_ARM,
  AUDIT_ARCH_X86_64,
  BPF_ABS,
  BPF_JA,
  BPF_JEQ,
  BPF_JGE,
  BPF_JGT,
  BPF_JMP,
  BPF_K,
  BPF_LD,
  BPF_RET,
  BPF_W,
  SCMP_ARCH_X32,
  SECCOMP_RET_ALLOW,
  SECCOMP_RET_ERRNO,
  SECCOMP_RET_LOG,
  SECCOMP_RET_TRACE,
} from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import type { KnownCalls } from './describe.js';

/**
 * A profile cannot name calls that came after it. Programs try a new call and fall back to an older
 * one if the kernel does not have it: they expect ENOSYS, and give up after EPERM. So what is newer
 * than every call that the profile names answers ENOSYS; what is older, and not named, has been
 * left out on purpose. These instructions stand before those of libseccomp.
 */

/** The numbers of an architecture that new calls get; the filter may see others. */
interface Numbering {
  /** struct seccomp_data.arch. */
  readonly audit: number;
  /** The first number that is none of them. -1, by which a tracer skips a call, never is. */
  readonly end: number;
}

/** x32 calls are those of x86-64 with bit 30; the private calls of ARM have numbers of their own. */
const unusual: Readonly<Record<number, Numbering>> = {
  [AUDIT_ARCH_X86_64]: { audit: AUDIT_ARCH_X86_64, end: 0x4000_0000 },
  [SCMP_ARCH_X32]: { audit: AUDIT_ARCH_X86_64, end: 0xffff_ffff },
  [AUDIT_ARCH_ARM]: { audit: AUDIT_ARCH_ARM, end: 0x0f_0000 },
};

interface Range {
  readonly audit: number;
  /** The newest call that is known. */
  readonly last: number;
  readonly end: number;
}

function rangeOf({ token, numbers }: KnownCalls): Range | null {
  const { audit, end } = unusual[token] ?? { audit: token, end: 0xffff_ffff };
  let last = -1;
  for (let i = 0; i < numbers.length; i++)
    if (numbers[i]! > last && numbers[i]! < end) last = numbers[i]!;
  return last < 0 ? null : { audit, last, end };
}

/** What lets unknown calls through, or a tracer decide, needs no help. */
const open: readonly number[] = [SECCOMP_RET_ALLOW, SECCOMP_RET_LOG];
const unimplemented = SECCOMP_RET_ERRNO | errno.ENOSYS;
const isTrace = (action: number) => action >= SECCOMP_RET_TRACE && action < SECCOMP_RET_LOG;

const helps = (action: number): boolean =>
  !open.includes(action) && !isTrace(action) && action !== unimplemented;

/** struct sock_filter: code, value and, for a jump, how many instructions it passes over. */
type Instruction = readonly [code: number, value: number, ifTrue?: number, ifFalse?: number];

/** struct seccomp_data: where the number of the call and the architecture are. */
const loadNumber: Instruction = [BPF_LD | BPF_W | BPF_ABS, 0];
const loadArchitecture: Instruction = [BPF_LD | BPF_W | BPF_ABS, 4];

const jump = (test: number, value: number, ifTrue: number, ifFalse: number): Instruction => [
  BPF_JMP | test | BPF_K,
  value,
  ifTrue,
  ifFalse,
];

const refuseNewer = ({ last, end }: Range): readonly Instruction[] => [
  jump(BPF_JGT, last, 0, 2),
  jump(BPF_JGE, end, 1, 0),
  [BPF_RET | BPF_K, unimplemented],
];

/** `after` is how many instructions follow the group before libseccomp's begin. */
function group(ranges: readonly Range[], after: number): readonly Instruction[] {
  const body = [loadNumber, ...ranges.flatMap(refuseNewer), jump(BPF_JA, after, 0, 0)];
  return [jump(BPF_JEQ, ranges[0]!.audit, 0, body.length), ...body];
}

const sizeOf = (ranges: readonly Range[]): number => group(ranges, 0).length;

function program(ranges: readonly Range[]): readonly Instruction[] {
  const audits = [...new Set(ranges.map(({ audit }) => audit))];
  const groups = audits.map((audit) => ranges.filter((range) => range.audit === audit));
  let after = groups.reduce((sum, own) => sum + sizeOf(own), 0);
  const instructions = groups.flatMap((own) => {
    after -= sizeOf(own);
    return group(own, after);
  });
  return groups.length === 0 ? [] : [loadArchitecture, ...instructions];
}

export const INSTRUCTION = 8;

function encode(instructions: readonly Instruction[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(INSTRUCTION * instructions.length));
  instructions.forEach(([code, value, ifTrue = 0, ifFalse = 0], i) => {
    view.setUint16(INSTRUCTION * i, code, true);
    view.setUint8(INSTRUCTION * i + 2, ifTrue);
    view.setUint8(INSTRUCTION * i + 3, ifFalse);
    view.setUint32(INSTRUCTION * i + 4, value, true);
  });
  return new Uint8Array(view.buffer);
}

/** The instructions to put first; none where the default action needs no help. */
export function answerNewer(defaultAction: number, known: readonly KnownCalls[]): Uint8Array {
  if (!helps(defaultAction)) return new Uint8Array(0);
  return encode(program(known.map(rangeOf).filter((range) => range !== null)));
}
