import { RuntimeError } from '../../errors/error.js';
import {
  accessBits,
  type DeviceMatch,
  type DeviceRule,
  isUniversal,
  showDevice,
} from '../devices.js';

/**
 * All that the devices controller of v1 can express: one answer for every device, and exceptions
 * from it (cgroup-v1/devices.rst).
 */
export interface DeviceList {
  readonly allowAll: boolean;
  readonly exceptions: readonly DeviceMatch[];
}

type Exceptions = Map<string, DeviceMatch>;

const keyOf = ({ type, major, minor }: DeviceMatch): string => `${type} ${major}:${minor}`;

const within = (inner: number | null, outer: number | null): boolean =>
  outer === null || inner === outer;

const covers = (outer: DeviceMatch, inner: DeviceMatch): boolean =>
  outer.type === inner.type && within(inner.major, outer.major) && within(inner.minor, outer.minor);

const meet = (a: number | null, b: number | null): boolean => a === null || within(a, b);

const overlap = (a: DeviceMatch, b: DeviceMatch): boolean =>
  a.type === b.type &&
  meet(a.major, b.major) &&
  meet(a.minor, b.minor) &&
  (a.access & b.access) > 0;

/** The controller knows no exceptions for both types at once. */
const byType = (rule: DeviceRule): DeviceRule[] =>
  rule.type === 'a' ? (['b', 'c'] as const).map((type) => ({ ...rule, type })) : [rule];

function add(exceptions: Exceptions, rule: DeviceMatch): void {
  const key = keyOf(rule);
  const access = rule.access | (exceptions.get(key)?.access ?? 0);
  const { type, major, minor } = rule;
  exceptions.set(key, { type, major, minor, access });
}

/** The kernel would ignore such a rule without a word; a container must not run on with less. */
function hole(rule: DeviceRule, exception: DeviceMatch): RuntimeError {
  const [verb, opposite] = rule.allow ? ['allow', 'denied'] : ['deny', 'allowed'];
  const message = `cgroup v1 cannot ${verb} ${showDevice(rule)} while ${showDevice(exception)} is ${opposite}`;
  return new RuntimeError('not-supported', message, {
    at: rule.at === '' ? '/linux/resources/devices' : rule.at,
    hint: 'name the devices one by one instead of with a wildcard',
  });
}

function take(exceptions: Exceptions, rule: DeviceRule): void {
  for (const [key, exception] of exceptions) {
    if (!overlap(rule, exception)) continue;
    if (!covers(rule, exception)) throw hole(rule, exception);
    const access = exception.access & ~rule.access;
    if (access === 0) exceptions.delete(key);
    else exceptions.set(key, { ...exception, access });
  }
}

/** The list that decides as the rules do. */
export function foldRules(rules: readonly DeviceRule[]): DeviceList {
  let allowAll = false;
  const exceptions: Exceptions = new Map();
  for (const rule of rules) {
    if (isUniversal(rule)) {
      allowAll = rule.allow;
      exceptions.clear();
      continue;
    }
    for (const single of byType(rule)) {
      if (rule.allow === allowAll) take(exceptions, single);
      else add(exceptions, single);
    }
  }
  return { allowAll, exceptions: [...exceptions.values()] };
}

const numberOf = (text: string): number | null => (text === '*' ? null : Number(text));

/** The text of devices.list. It never shows what an allow-all list denies. */
export function parseDeviceList(text: string): DeviceList {
  const entries = [...text.matchAll(/^([abc]) (\*|\d+):(\*|\d+) ([rwm]+)$/gm)];
  const exceptions = entries.map(([, type, major = '*', minor = '*', access = '']) => ({
    type: type as DeviceMatch['type'],
    major: numberOf(major),
    minor: numberOf(minor),
    access: accessBits(access),
  }));
  const allowAll = exceptions.some(isUniversal);
  return { allowAll, exceptions: allowAll ? [] : exceptions };
}

/** One write(2) for each of `values`. */
export interface DeviceWrites {
  readonly name: 'devices.allow' | 'devices.deny';
  readonly values: readonly string[];
}

/** What `entries` have beyond `others`. */
function beyond(entries: readonly DeviceMatch[], others: readonly DeviceMatch[]): string[] {
  const present = new Map(others.map((other) => [keyOf(other), other.access]));
  return entries.flatMap((entry) => {
    const access = entry.access & ~(present.get(keyOf(entry)) ?? 0);
    return access === 0 ? [] : showDevice({ ...entry, access });
  });
}

/** The whole list changes sides; that leaves it without exceptions. */
const EVERYTHING = ['a'];

/**
 * The fewest writes from the list that a cgroup inherited to the wanted one. Additions come first,
 * so a process that runs there loses nothing in between that it keeps in the end.
 */
export function deviceWrites(from: DeviceList, to: DeviceList): DeviceWrites[] {
  const [same, opposite] = to.allowAll
    ? (['devices.allow', 'devices.deny'] as const)
    : (['devices.deny', 'devices.allow'] as const);
  const flips = from.allowAll !== to.allowAll;
  const present = flips ? [] : from.exceptions;
  const flip = { name: same, values: flips ? EVERYTHING : [] };
  const add = { name: opposite, values: beyond(to.exceptions, present) };
  const drop = { name: same, values: beyond(present, to.exceptions) };
  return [flip, add, drop].filter(({ values }) => values.length > 0);
}
