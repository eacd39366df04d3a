import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LinuxDeviceRule } from '../../generated/spec-types.js';
import { leave } from '../../linux/bpf.js';
import { BPF_DEVCG_DEV_BLOCK, BPF_DEVCG_DEV_CHAR } from '../../linux/constants.js';
import { anyRules, anyUse, type DeviceAccess, decide } from '../../testing/device-rules.js';
import { runBpf, unreachable } from '../../testing/ebpf.js';
import { deviceRules } from '../devices.js';
import { compileDeviceFilter } from './devices.js';

const compile = (rules: readonly LinuxDeviceRule[]) => compileDeviceFilter(deviceRules(rules));

/** struct bpf_cgroup_dev_ctx. */
const contextOf = ({ type, major, minor, access }: DeviceAccess) => [
  (access << 16) | (type === 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR),
  major,
  minor,
];

describe('the device filter of cgroup v2', () => {
  it('is left out for a container that may use everything', () => {
    expect(compile([{ allow: true }])).toBeNull();
    expect(compile([{ allow: false, type: 'c' }, { allow: true }])).toBeNull();
  });

  it.each([
    ['c', 1, 3, 7, true],
    ['c', 1, 3, 6, true],
    ['c', 136, 12, 6, true],
    ['c', 1, 11, 2, false],
    ['c', 1, 11, 1, true],
    ['b', 8, 0, 1, true],
    ['b', 8, 0, 2, false],
    ['b', 1, 3, 2, false],
  ] as const)(
    'by default answers %s %s:%s access %s with %s',
    (type, major, minor, access, answer) => {
      const program = compile([{ allow: false, access: 'rwm' }])!;
      expect(runBpf(program, contextOf({ type, major, minor, access }))).toBe(Number(answer));
    },
  );

  it('can deny a part of what a wildcard allows, which v1 cannot', () => {
    const program = compile([
      { allow: true, type: 'c', major: 20 },
      { allow: false, type: 'c', major: 20, minor: 7, access: 'w' },
    ])!;
    const use = { type: 'c', major: 20, minor: 7 } as const;
    expect(runBpf(program, contextOf({ ...use, access: 2 }))).toBe(1);
    expect(runBpf(program, contextOf({ ...use, access: 6 }))).toBe(0);
    expect(runBpf(program, contextOf({ ...use, minor: 8, access: 6 }))).toBe(1);
  });

  it('decides every access as the rules do', () => {
    fc.assert(
      fc.property(anyRules, anyUse, (rules, use) => {
        const program = compile(rules);
        const answer = program === null ? 1 : runBpf(program, contextOf(use));
        expect(answer).toBe(Number(decide(deviceRules(rules), use)));
      }),
      { numRuns: 3000 },
    );
  });

  it('has no instruction that is never reached: the verifier would refuse it', () => {
    fc.assert(
      fc.property(anyRules, (rules) => {
        expect(unreachable(compile(rules) ?? leave(1))).toEqual([]);
      }),
    );
  });
});
