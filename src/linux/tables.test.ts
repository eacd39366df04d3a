import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { headerNumbers } from '../testing/headers.js';
import * as constants from './constants.js';
import { namespaceKinds } from './namespaces.js';
import { type NativeRow, natives } from './natives.js';
import { rlimitNumbers } from './rlimits.js';
import { memoryModes, schedulingFlags, schedulingPolicies } from './tuning.js';

const rows = Object.entries(natives) as readonly (readonly [string, NativeRow])[];

test('resource limits have the numbers of the kernel, and none is missing', () => {
  const kernel = headerNumbers('asm-generic/resource.h', 'RLIMIT_');
  expect(rlimitNumbers).toEqual(Object.fromEntries(kernel));
});

test('scheduling policies and flags have the numbers of the kernel, and none is missing', () => {
  const kernel = headerNumbers('linux/sched.h', 'SCHED_');
  const { SCHED_OTHER, SCHED_ISO, ...policies } = schedulingPolicies;
  expect({ ...policies, SCHED_NORMAL: SCHED_OTHER }).toEqual(
    Object.fromEntries([...kernel].filter(([name]) => name in policies || name === 'SCHED_NORMAL')),
  );
  expect([...kernel.values()]).not.toContain(SCHED_ISO);
  const flags = Object.values(schedulingFlags);
  expect(flags.reduce((sum, flag) => sum | flag, 0)).toBe(2 ** flags.length - 1);
});

test('memory policies have numbers of their own', () => {
  const numbers = Object.values(memoryModes).sort();
  expect(numbers).toEqual(numbers.map((_, i) => i));
});

test('every namespace has its file under /proc/self/ns and a flag of its own', () => {
  const kinds = Object.values(namespaceKinds);
  expect(new Set(kinds.map(({ flag }) => flag)).size).toBe(kinds.length);
  for (const { file } of kinds) expect(existsSync(`/proc/self/ns/${file}`)).toBe(true);
});

test('every constant is a number that 64 bits hold exactly', () => {
  for (const value of Object.values(constants)) expect(Number.isSafeInteger(value)).toBe(true);
});

test('a system call has six arguments at most, each with a name of its own', () => {
  for (const [name, { args }] of rows) {
    const names = args.map(([argument]) => argument);
    expect(names.length, name).toBeLessThanOrEqual(6);
    expect(new Set(names).size, name).toBe(names.length);
    for (const argument of names) expect(argument, name).toMatch(/^[a-z][a-zA-Z]*$/);
  }
});

test('a buffer of bytes is followed by its length, or has a size that the kernel knows', () => {
  const fixed =
    /^(statx|fstatfs|utimensat|pipe2|ioctl|wait4|prlimit64|capset|capget|execve|uname|clockGettime)$/;
  const structures =
    /^(socketpair|pidfdSendSignal|setgroups|schedSetaffinity|schedGetaffinity|schedSetattr|ppoll|loadDeviceFilter|runProgram|seccomp)$/;
  const lengths = ['length', 'size', 'count', 'maskSize'];
  for (const [name, { args }] of rows) {
    if (fixed.test(name) || structures.test(name)) continue;
    args.forEach(([, type], i) => {
      if (type === 'in' || type === 'out') expect(lengths, name).toContain(args[i + 1]?.[0]);
    });
  }
});

test('hardly anything is written by hand', () => {
  const byHand = rows.filter(([, { kind }]) => kind === 'c').map(([name]) => name);
  expect(byHand).toEqual([
    'sendFds',
    'recvFds',
    'launch',
    'finish',
    'runProgram',
    'watchSignals',
    'loadDeviceFilter',
    'deviceFilters',
    'dropBounding',
    'compileSeccomp',
    'sha256',
    'seccompVersion',
  ]);
});
