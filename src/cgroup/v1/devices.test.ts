import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RuntimeError } from '../../errors/error.js';
import type { LinuxDeviceRule } from '../../generated/spec-types.js';
import { anyRules, anyUse, decide, decideByList, writeToList } from '../../testing/device-rules.js';
import { deviceRules, showDevice } from '../devices.js';
import { type DeviceList, deviceWrites, foldRules, parseDeviceList } from './devices.js';

const fold = (rules: readonly LinuxDeviceRule[]) => foldRules(deviceRules(rules));

const shown = ({ allowAll, exceptions }: DeviceList) => [
  allowAll ? 'allow all' : 'deny all',
  ...exceptions.map(showDevice),
];

/** The rules as a list, or null where v1 has no list for them. */
function folded(rules: readonly LinuxDeviceRule[]): DeviceList | null {
  try {
    return fold(rules);
  } catch (thrown) {
    if (thrown instanceof RuntimeError && thrown.code === 'not-supported') return null;
    throw thrown;
  }
}

describe('folding device rules into a list', () => {
  const always = shown(fold([])).slice(1);

  it('without rules denies all but the devices of every container', () => {
    expect(shown(fold([]))[0]).toBe('deny all');
    expect(always).toHaveLength(11);
    expect(shown(fold([{ allow: false, access: 'rwm' }]))).toEqual(['deny all', ...always]);
  });

  it('allows all for a privileged container', () => {
    expect(shown(fold([{ allow: false }, { allow: true }]))).toEqual(['allow all']);
  });

  it('a denial of everything starts anew', () => {
    expect(shown(fold([{ allow: true }, { allow: false }]))).toEqual(['deny all', ...always]);
  });

  it('writes a rule for both types as two', () => {
    expect(shown(fold([{ allow: true, type: 'a', major: 7, access: 'r' }])).slice(1, 3)).toEqual([
      'b 7:* r',
      'c 7:* r',
    ]);
  });

  it('merges rules about the same devices', () => {
    const rules: LinuxDeviceRule[] = [
      { allow: true, type: 'c', major: 1, minor: 11, access: 'r' },
      { allow: true, type: 'c', major: 1, minor: 11, access: 'w' },
    ];
    expect(shown(fold(rules))[1]).toBe('c 1:11 rw');
  });

  it('a later denial takes back what it covers', () => {
    const rules: LinuxDeviceRule[] = [
      { allow: true, type: 'b', major: 8, minor: 1, access: 'rw' },
      { allow: true, type: 'b', major: 9, access: 'rw' },
      { allow: false, type: 'b', access: 'w' },
    ];
    expect(shown(fold(rules)).slice(1, 3)).toEqual(['b 8:1 r', 'b 9:* r']);
  });

  it('refuses, in the name of the rule, to deny a part of what a wildcard allows', () => {
    const rules: LinuxDeviceRule[] = [
      { allow: true, type: 'c', major: 10, access: 'rw' },
      { allow: false, type: 'c', major: 10, minor: 200, access: 'r' },
    ];
    expect(() => fold(rules)).toThrow(
      expect.objectContaining({
        code: 'not-supported',
        message: 'cgroup v1 cannot deny c 10:200 r while c 10:* rw is allowed',
        at: '/linux/resources/devices/1',
      }),
    );
  });

  it('refuses to deny what every container is allowed, behind a wildcard', () => {
    const rules: LinuxDeviceRule[] = [{ allow: true }, { allow: false, type: 'c', major: 1 }];
    expect(() => fold(rules)).toThrow(/cannot allow c 1:3 rwm while c 1:\* rw is denied/);
  });

  it('decides every access as the rules do, wherever there is a list at all', () => {
    const single = anyUse.map((use) => ({ ...use, access: use.access & -use.access }));
    fc.assert(
      fc.property(anyRules, single, (rules, use) => {
        const list = folded(rules);
        fc.pre(list !== null);
        expect(decideByList(list, use)).toBe(decide(deviceRules(rules), use));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('devices.list', () => {
  it('is read with its wildcards', () => {
    expect(shown(parseDeviceList('b 8:* r\nc 1:3 rwm\nc *:* m\n'))).toEqual([
      'deny all',
      'b 8:* r',
      'c 1:3 rwm',
      'c *:* m',
    ]);
    expect(parseDeviceList('a *:* rwm\n')).toEqual({ allowAll: true, exceptions: [] });
    expect(parseDeviceList('')).toEqual({ allowAll: false, exceptions: [] });
  });
});

describe('writes from one list to another', () => {
  const list = (text: string) => parseDeviceList(text);
  const everything = list('a *:* rwm\n');

  it('leave an equal list alone', () => {
    expect(deviceWrites(everything, everything)).toEqual([]);
    expect(deviceWrites(list('c 1:3 rw\n'), list('c 1:3 rw\n'))).toEqual([]);
  });

  it('deny everything first only when everything was allowed', () => {
    expect(deviceWrites(everything, list('c 1:3 rwm\nc 1:5 r\n'))).toEqual([
      { name: 'devices.deny', values: ['a'] },
      { name: 'devices.allow', values: ['c 1:3 rwm', 'c 1:5 r'] },
    ]);
  });

  it('change only what differs, additions first', () => {
    const from = list('c 1:3 rwm\nc 1:5 rw\nb 8:* r\n');
    const to = list('c 1:3 rwm\nc 1:5 rm\nc 5:0 r\n');
    expect(deviceWrites(from, to)).toEqual([
      { name: 'devices.allow', values: ['c 1:5 m', 'c 5:0 r'] },
      { name: 'devices.deny', values: ['c 1:5 w', 'b 8:* r'] },
    ]);
  });

  it('allow everything, then deny the exceptions', () => {
    const to: DeviceList = {
      allowAll: true,
      exceptions: [{ type: 'b', major: 8, minor: null, access: 4 }],
    };
    expect(deviceWrites(list('c 1:3 r\n'), to)).toEqual([
      { name: 'devices.allow', values: ['a'] },
      { name: 'devices.deny', values: ['b 8:* w'] },
    ]);
  });

  it('lead to the wanted list from any other', () => {
    fc.assert(
      fc.property(anyRules, anyRules, anyUse, (before, after, use) => {
        const [from, to] = [folded(before), folded(after)];
        fc.pre(from !== null && to !== null);
        // Exceptions of an allow-all list are invisible, so nobody can start from one.
        fc.pre(!from.allowAll || from.exceptions.length === 0);
        const reached = deviceWrites(from, to)
          .flatMap(({ name, values }) => values.map((value) => [name, value] as const))
          .reduce(
            (list, [name, value]) => writeToList(list, name === 'devices.allow', value),
            from,
          );
        expect(decideByList(reached, use)).toBe(decideByList(to, use));
      }),
      { numRuns: 1000 },
    );
  });
});
