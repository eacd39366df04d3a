import { RuntimeError } from '../errors/error.js';
import type { Int64, LinuxDeviceRule } from '../generated/spec-types.js';
import {
  BPF_DEVCG_ACC_MKNOD,
  BPF_DEVCG_ACC_READ,
  BPF_DEVCG_ACC_WRITE,
} from '../linux/constants.js';

/** What a rule speaks of; null: every number. */
export interface DeviceMatch {
  readonly type: 'a' | 'b' | 'c';
  readonly major: number | null;
  readonly minor: number | null;
  /** Bits BPF_DEVCG_ACC_*. */
  readonly access: number;
}

export interface DeviceRule extends DeviceMatch {
  readonly allow: boolean;
  /** JSON pointer; empty for a rule that every container gets. */
  readonly at: string;
}

const letters = [
  ['r', BPF_DEVCG_ACC_READ],
  ['w', BPF_DEVCG_ACC_WRITE],
  ['m', BPF_DEVCG_ACC_MKNOD],
] as const;

export const EVERY_ACCESS = BPF_DEVCG_ACC_READ | BPF_DEVCG_ACC_WRITE | BPF_DEVCG_ACC_MKNOD;

const ACCESS = /^[rwm]*$/;

export const accessBits = (text: string): number =>
  letters.reduce((bits, [letter, bit]) => (text.includes(letter) ? bits | bit : bits), 0);

export const accessText = (bits: number): string =>
  letters.map(([letter, bit]) => ((bits & bit) === 0 ? '' : letter)).join('');

/** As devices.allow and devices.list write it: `c 1:3 rwm`. */
export const showDevice = ({ type, major, minor, access }: DeviceMatch): string =>
  `${type} ${major ?? '*'}:${minor ?? '*'} ${accessText(access)}`;

const device = (
  type: 'b' | 'c',
  major: number | null,
  minor: number | null,
  access = EVERY_ACCESS,
): DeviceRule => ({ allow: true, type, major, minor, access, at: '' });

/**
 * Allowed to every container after its own rules: making any node, using the default devices of
 * config-linux.md#default-devices, pseudo-terminals and tun.
 */
const always: readonly DeviceRule[] = [
  device('c', null, null, BPF_DEVCG_ACC_MKNOD),
  device('b', null, null, BPF_DEVCG_ACC_MKNOD),
  device('c', 1, 3),
  device('c', 1, 8),
  device('c', 1, 7),
  device('c', 5, 0),
  device('c', 1, 5),
  device('c', 1, 9),
  device('c', 136, null),
  device('c', 5, 2),
  device('c', 10, 200),
];

function deviceNumber(value: Int64 | undefined, at: string): number | null {
  if (value === undefined || value === -1) return null;
  if (value >= 0 && value <= 0xffffffff) return Number(value);
  throw new RuntimeError('invalid-config', `device number ${value} does not fit in 32 bits`, {
    at,
  });
}

function accessOf(text: string | undefined, at: string): number {
  if (text === undefined || text === '') return EVERY_ACCESS;
  if (ACCESS.test(text)) return accessBits(text);
  throw new RuntimeError('invalid-config', `device access ${JSON.stringify(text)} is unknown`, {
    at,
    hint: 'any of r (read), w (write) and m (mknod)',
  });
}

function fromSpec(rule: LinuxDeviceRule, index: number): DeviceRule {
  const at = `/linux/resources/devices/${index}`;
  return {
    allow: rule.allow,
    type: rule.type || 'a',
    major: deviceNumber(rule.major, `${at}/major`),
    minor: deviceNumber(rule.minor, `${at}/minor`),
    access: accessOf(rule.access, `${at}/access`),
    at,
  };
}

/** True for a rule that leaves nothing of the rules before it. */
export const isUniversal = ({ type, major, minor, access }: DeviceMatch): boolean =>
  type === 'a' && major === null && minor === null && access === EVERY_ACCESS;

/**
 * All rules of a container in order. Of the rules that speak of a device and of one kind of access
 * the last decides; where none does, it is denied. What a later rule makes void is left out.
 */
export function deviceRules(rules: readonly LinuxDeviceRule[] = []): DeviceRule[] {
  const own = rules.map(fromSpec);
  const start = Math.max(own.findLastIndex(isUniversal), 0);
  return [...own.slice(start), ...always];
}
