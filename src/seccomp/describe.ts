import type { LinuxSeccomp, LinuxSyscall, LinuxSyscallArg } from '../generated/spec-types.js';
import { SECCOMP_RET_DATA, SECCOMP_RET_ERRNO, SECCOMP_RET_TRACE } from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import { seccompActions, seccompArchitectures, seccompOperators } from '../linux/seccomp.js';

/** What determines the program of a filter, and nothing else. */
export type Profile = Pick<
  LinuxSeccomp,
  'defaultAction' | 'defaultErrnoRet' | 'architectures' | 'syscalls'
>;

/** What native/seccomp.c is given, and how to read what it answers. */
export interface Description {
  readonly bytes: Uint8Array;
  /** Of the rules one after the other, as C sees them. */
  readonly names: readonly string[];
  /** For each rule of C, the index of its entry in the configuration. */
  readonly entries: readonly number[];
  /** Bytes of the report. */
  readonly reportSize: number;
}

/** For profiles with more names the program is a tree instead of a list: faster to load and run. */
const FEW_NAMES = 8;
const LIST = 1;
const TREE = 2;

const withNumber: readonly number[] = [SECCOMP_RET_ERRNO, SECCOMP_RET_TRACE];

/** config-linux.md#seccomp: the number of an action that has one is EPERM unless it is given. */
export function actionNumber(action: LinuxSyscall['action'], number: number = errno.EPERM): number {
  const kind = seccompActions[action];
  return withNumber.includes(kind) ? (kind | (number & SECCOMP_RET_DATA)) >>> 0 : kind;
}

/**
 * All conditions of an entry must hold, but libseccomp takes one for each argument: several for the
 * same one become rules of their own, of which any may hold, as runc has it.
 */
export function rulesOf(args: readonly LinuxSyscallArg[]): readonly (readonly LinuxSyscallArg[])[] {
  const distinct = new Set(args.map(({ index }) => index));
  return distinct.size === args.length ? [args] : args.map((arg) => [arg]);
}

const halves = (value: number | bigint): [low: number, high: number] => {
  const whole = BigInt(value);
  return [Number(whole & 0xffffffffn), Number(whole >> 32n)];
};

const condition = ({ index, op, value, valueTwo = 0 }: LinuxSyscallArg): number[] => [
  ...[index, seccompOperators[op]],
  ...[...halves(value), ...halves(valueTwo)],
];

const HEADER = 6;

export function describe(
  { defaultAction, defaultErrnoRet, architectures = [], syscalls = [] }: Profile,
  encode: (text: string) => Uint8Array,
): Description {
  const words: number[] = [];
  const names: string[] = [];
  const entries: number[] = [];
  syscalls.forEach(({ names: own, action, errnoRet, args = [] }, entry) => {
    for (const conditions of rulesOf(args)) {
      words.push(actionNumber(action, errnoRet), own.length, conditions.length);
      words.push(...conditions.flatMap(condition));
      names.push(...own);
      entries.push(entry);
    }
  });
  const shape = names.length > FEW_NAMES ? TREE : LIST;
  const counts = [architectures.length, names.length, entries.length];
  const texts = 4 * (HEADER + words.length);
  const header = [actionNumber(defaultAction, defaultErrnoRet), shape, ...counts, texts];
  const known = architectures.map((name) => seccompArchitectures[name]);
  const bytes = join([...header, ...words], encode([...known, ...names, ''].join('\0')));
  return { bytes, names, entries, reportSize: reportSize(architectures.length, names.length) };
}

function join(words: readonly number[], texts: Uint8Array): Uint8Array {
  const numbers = new Uint8Array(new Uint32Array(words).buffer);
  const bytes = new Uint8Array(numbers.length + texts.length);
  bytes.set(numbers);
  bytes.set(texts, numbers.length);
  return bytes;
}

const MOST_ARCHITECTURES = 24;
const FIXED = 3 + MOST_ARCHITECTURES;

const reportSize = (architectures: number, names: number): number =>
  4 * (FIXED + (architectures + 1) * names);

export interface KnownCalls {
  /** AUDIT_ARCH_… but for x32. */
  readonly token: number;
  /** The number of each name: negative when there is no such call. */
  readonly numbers: Int32Array;
}

/** What was looked at when it failed. */
const stages = ['default', 'architecture', 'rule', 'export'] as const;

export interface Report {
  readonly stage: (typeof stages)[number];
  /** Of the architecture or rule that was looked at last. */
  readonly index: number;
  readonly architectures: readonly KnownCalls[];
}

/** With the matrix that C leaves behind: for each architecture, the number of each name. */
export function readReport(bytes: Uint8Array, names: number): Report {
  const words = new Int32Array(bytes.buffer);
  const [stage = 0, index = 0, count = 0] = words;
  const architectures = Array.from({ length: count }, (_, at) => ({
    token: words[3 + at]! >>> 0,
    numbers: words.subarray(FIXED + at * names, FIXED + (at + 1) * names),
  }));
  return { stage: stages[stage]!, index, architectures };
}
