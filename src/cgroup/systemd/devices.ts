import type { LinuxDeviceRule } from '../../generated/spec-types.js';
import { accessText, type DeviceMatch, type DeviceRule, deviceRules } from '../devices.js';
import { type DeviceList, foldRules } from '../v1/devices.js';
import { type Property, text } from './property.js';

/** systemd.resource-control(5), DeviceAllow=: since then a number may stand for a device group. */
const NUMBERS_SINCE = 246;

const types = { b: 'block', c: 'char', a: 'char' } as const;

/** What systemd can say of the device, or null. */
function nameOf({ type, major, minor }: DeviceMatch, version: number): string | null {
  const kind = types[type];
  if (major !== null && minor !== null) return `/dev/${kind}/${major}:${minor}`;
  if (major !== null) return version >= NUMBERS_SINCE ? `${kind}-${major}` : `${kind}-*`;
  return minor === null ? `${kind}-*` : null;
}

const policy = (name: 'auto' | 'strict', allowed: readonly (readonly string[])[]): Property[] => [
  text('DevicePolicy', name),
  ['DeviceAllow', { signature: 'a(ss)', value: allowed }],
];

/** Null for rules that no list can express; our own filter of cgroup v2 can. */
function listOf(rules: readonly DeviceRule[]): DeviceList | null {
  try {
    return foldRules(rules);
  } catch {
    return null;
  }
}

/**
 * Device rules as systemd would set them: with cgroup v2 a filter beside ours, of which both have to
 * agree, so that it must allow whatever ours does; with v1 it writes to the list that we write after
 * it, and again whenever it loads its configuration, so that it must not allow more.
 */
export function deviceProperties(
  asked: readonly LinuxDeviceRule[],
  kind: 'v1' | 'v2',
  version: number,
): Property[] {
  const wider = kind === 'v2' ? 'auto' : 'strict';
  const list = listOf(deviceRules(asked));
  if (list === null) return policy(wider, []);
  if (list.allowAll) return policy(list.exceptions.length === 0 ? 'auto' : wider, []);
  const allowed = list.exceptions.map((match) => {
    const name = nameOf(match, version);
    return name === null ? null : [name, accessText(match.access)];
  });
  const known = allowed.filter((entry) => entry !== null);
  const isWhole = known.length === allowed.length;
  return isWhole || kind === 'v1' ? policy('strict', known) : policy('auto', []);
}
