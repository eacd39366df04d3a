import {
  and,
  type BpfInstruction,
  copy,
  jump,
  jumpIfAny,
  jumpUnless,
  leave,
  load,
  shiftRight,
} from '../../linux/bpf.js';
import { BPF_DEVCG_DEV_BLOCK, BPF_DEVCG_DEV_CHAR } from '../../linux/constants.js';
import { type DeviceRule, EVERY_ACCESS } from '../devices.js';

/** Registers. The program starts with a pointer to struct bpf_cgroup_dev_ctx in r1. */
const context = 1;
const type = 2;
const wanted = 3;
const major = 4;
const minor = 5;

const DENY = 0;
const ALLOW = 1;

/** access_type holds the type in its lower half and the access in its upper one. */
const prologue: readonly BpfInstruction[] = [
  load(type, context, 0),
  copy(wanted, type),
  and(type, 0xffff),
  shiftRight(wanted, 16),
  load(major, context, 4),
  load(minor, context, 8),
];

const typeNumbers = { b: BPF_DEVCG_DEV_BLOCK, c: BPF_DEVCG_DEV_CHAR } as const;

/** What must be equal for a rule to speak of a device: registers and values. */
function conditions(rule: DeviceRule): (readonly [register: number, value: number])[] {
  const found: [number, number][] = [];
  if (rule.type !== 'a') found.push([type, typeNumbers[rule.type]]);
  if (rule.major !== null) found.push([major, rule.major]);
  if (rule.minor !== null) found.push([minor, rule.minor]);
  return found;
}

/** A denial ends the matter; an allowance does once nothing that was wanted is left. */
function verdict({ allow, access }: DeviceRule): BpfInstruction[] {
  const end = leave(allow ? ALLOW : DENY);
  if (access === EVERY_ACCESS) return [...end];
  return allow
    ? [and(wanted, ~access & EVERY_ACCESS), jumpUnless(wanted, 0, end.length), ...end]
    : [jumpIfAny(wanted, access, 1), jump(end.length), ...end];
}

function block(rule: DeviceRule): BpfInstruction[] {
  const end = verdict(rule);
  const tests = conditions(rule);
  return [
    ...tests.map(([register, value], i) =>
      jumpUnless(register, value, tests.length - i - 1 + end.length),
    ),
    ...end,
  ];
}

/** True for a block that nothing gets past; the verifier refuses unreachable instructions. */
const isFinal = (rule: DeviceRule): boolean =>
  conditions(rule).length === 0 && rule.access === EVERY_ACCESS;

/**
 * The filter that decides as the rules do: from the last rule to the first, each takes from what
 * is wanted what it allows. Null when it would allow everything.
 */
export function compileDeviceFilter(rules: readonly DeviceRule[]): BpfInstruction[] | null {
  const final = rules.findLastIndex(isFinal);
  const effective = rules.slice(Math.max(final, 0));
  if (final >= 0 && effective.every(({ allow }) => allow)) return null;
  const blocks = effective.toReversed().flatMap(block);
  return [...prologue, ...blocks, ...(final < 0 ? leave(DENY) : [])];
}
