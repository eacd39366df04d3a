import { describe, expect, it, test } from 'vitest';
import {
  AUDIT_ARCH_ARM,
  AUDIT_ARCH_X86_64,
  SCMP_ARCH_X32,
  SECCOMP_RET_ALLOW,
  SECCOMP_RET_ERRNO,
  SECCOMP_RET_KILL_PROCESS,
  SECCOMP_RET_KILL_THREAD,
  SECCOMP_RET_LOG,
  SECCOMP_RET_TRACE,
  SECCOMP_RET_TRAP,
} from '../linux/constants.js';
import { runFilter } from '../testing/classic-bpf.js';
import { answerNewer } from './enosys.js';

const EPERM = SECCOMP_RET_ERRNO | 1;
const ENOSYS = SECCOMP_RET_ERRNO | 38;
const I386 = 0x40000003;
const X32 = 0x40000000;

const machine = [
  { token: AUDIT_ARCH_X86_64, numbers: new Int32Array([0, 335, -10183]) },
  { token: I386, numbers: new Int32Array([3, -101, 400]) },
  { token: SCMP_ARCH_X32, numbers: new Int32Array([X32, X32 | 520, -1]) },
];

const answer = (known: typeof machine, architecture: number, call: number) =>
  runFilter(answerNewer(EPERM, known), architecture, call);

describe('calls that are newer than the profile', () => {
  it.each([
    ['the newest that is known', AUDIT_ARCH_X86_64, 335, null],
    ['the next one', AUDIT_ARCH_X86_64, 336, ENOSYS],
    ['the last before x32', AUDIT_ARCH_X86_64, X32 - 1, ENOSYS],
    ['the first of x32', AUDIT_ARCH_X86_64, X32, null],
    ['the newest of x32', AUDIT_ARCH_X86_64, X32 | 520, null],
    ['the next one of x32', AUDIT_ARCH_X86_64, X32 | 521, ENOSYS],
    ['a call that a tracer skips', AUDIT_ARCH_X86_64, 0xffffffff, null],
    ['the newest of i386', I386, 400, null],
    ['the next one of i386', I386, 401, ENOSYS],
    ['a call of an architecture that has no rules', AUDIT_ARCH_ARM, 5000, null],
  ])('%s', (_, architecture, call, expected) => {
    expect(answer(machine, architecture, call)).toBe(expected);
  });

  it('of x32 are left to libseccomp when the profile does not have it', () => {
    expect(answer(machine.slice(0, 1), AUDIT_ARCH_X86_64, X32 | 999)).toBeNull();
  });

  it('of ARM end where its private calls begin', () => {
    const known = [{ token: AUDIT_ARCH_ARM, numbers: new Int32Array([3, 0xf0005]) }];
    expect([3, 4, 0xeffff, 0xf0000, 0xf0006].map((n) => answer(known, AUDIT_ARCH_ARM, n))).toEqual([
      null,
      ENOSYS,
      ENOSYS,
      null,
      null,
    ]);
  });

  it('are unknown where the profile knows none', () => {
    expect(answer([{ token: I386, numbers: new Int32Array([-1]) }], I386, 5)).toBeNull();
    expect(answerNewer(EPERM, []).length).toBe(0);
  });
});

test('only what keeps unknown calls from being made needs help', () => {
  const helped = (action: number) => answerNewer(action, machine).length > 0;
  const closed = [EPERM, SECCOMP_RET_TRAP, SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_KILL_THREAD];
  expect(closed.map(helped)).toEqual([true, true, true, true]);
  const open = [SECCOMP_RET_ALLOW, SECCOMP_RET_LOG, SECCOMP_RET_TRACE, SECCOMP_RET_TRACE | 7];
  expect([...open, ENOSYS].map(helped)).toEqual([false, false, false, false, false]);
});
