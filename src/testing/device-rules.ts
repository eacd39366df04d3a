import fc from 'fast-check';
import { accessBits, type DeviceMatch, type DeviceRule, EVERY_ACCESS } from '../cgroup/devices.js';
import type { DeviceList } from '../cgroup/v1/devices.js';
import type { LinuxDeviceRule } from '../generated/spec-types.js';

/** One use of one device. */
export interface DeviceAccess {
  readonly type: 'b' | 'c';
  readonly major: number;
  readonly minor: number;
  /** Bits BPF_DEVCG_ACC_*. */
  readonly access: number;
}

const speaksOf = (match: DeviceMatch, { type, major, minor }: DeviceAccess): boolean =>
  (match.type === 'a' || match.type === type) &&
  (match.major === null || match.major === major) &&
  (match.minor === null || match.minor === minor);

const bitsOf = (access: number) => [1, 2, 4].filter((bit) => (access & bit) !== 0);

/** What the rules mean: for each kind of access the last rule that speaks of it decides. */
export const decide = (rules: readonly DeviceRule[], use: DeviceAccess): boolean =>
  bitsOf(use.access).every(
    (bit) =>
      rules.findLast((rule) => (rule.access & bit) !== 0 && speaksOf(rule, use))?.allow ?? false,
  );

/** __devcgroup_check_permission() of the kernel's security/device_cgroup.c. */
export const decideByList = ({ allowAll, exceptions }: DeviceList, use: DeviceAccess): boolean =>
  allowAll
    ? !exceptions.some((entry) => speaksOf(entry, use) && (entry.access & use.access) !== 0)
    : exceptions.some((entry) => speaksOf(entry, use) && (use.access & ~entry.access) === 0);

/** What writes to devices.allow and devices.deny do to a list, devcgroup_update_access(). */
export function writeToList(list: DeviceList, allow: boolean, value: string): DeviceList {
  if (value === 'a') return { allowAll: allow, exceptions: [] };
  const [type, major, minor, letters] = value.split(/[ :]/);
  const number = (text: string | undefined) => (text === '*' ? null : Number(text));
  const same = (entry: DeviceMatch) =>
    entry.type === type && entry.major === number(major) && entry.minor === number(minor);
  const present = list.exceptions.find(same)?.access ?? 0;
  const bits = accessBits(letters ?? '');
  const access = allow === list.allowAll ? present & ~bits : present | bits;
  const entry = { type: type as 'b' | 'c', major: number(major), minor: number(minor), access };
  const others = list.exceptions.filter((other) => !same(other));
  return { ...list, exceptions: access === 0 ? others : [...others, entry] };
}

const device = fc.constantFrom(0, 1, 3, 5, 0xffffffff);

export const anyUse: fc.Arbitrary<DeviceAccess> = fc.record({
  type: fc.constantFrom('b', 'c'),
  major: device,
  minor: device,
  access: fc.integer({ min: 1, max: EVERY_ACCESS }),
});

/** Few numbers, so that rules often speak of the same devices. */
export const anyRules: fc.Arbitrary<LinuxDeviceRule[]> = fc.array(
  fc.record(
    {
      allow: fc.boolean(),
      type: fc.constantFrom('a', 'b', 'c', ''),
      major: fc.oneof(device, fc.constant(-1)),
      minor: fc.oneof(device, fc.constant(-1)),
      access: fc.constantFrom('', 'r', 'w', 'm', 'rw', 'wm', 'rwm'),
    },
    { requiredKeys: ['allow'] },
  ),
  { maxLength: 6 },
);
