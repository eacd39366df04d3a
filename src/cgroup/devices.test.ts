import { describe, expect, it } from 'vitest';
import { deviceRules, showDevice } from './devices.js';

const shown = (rules: Parameters<typeof deviceRules>[0]) =>
  deviceRules(rules).map((rule) => `${rule.allow ? 'allow' : 'deny'} ${showDevice(rule)}`);

const always = [
  'allow c *:* m',
  'allow b *:* m',
  'allow c 1:3 rwm',
  'allow c 1:8 rwm',
  'allow c 1:7 rwm',
  'allow c 5:0 rwm',
  'allow c 1:5 rwm',
  'allow c 1:9 rwm',
  'allow c 136:* rwm',
  'allow c 5:2 rwm',
  'allow c 10:200 rwm',
];

describe('device rules', () => {
  it('end in those that every container gets', () => {
    expect(shown([])).toEqual(always);
    expect(shown([{ allow: true, type: 'b', major: 8, access: 'r' }])).toEqual([
      'allow b 8:* r',
      ...always,
    ]);
  });

  it('read what is left out, empty or -1 as everything', () => {
    expect(shown([{ allow: false }])[0]).toBe('deny a *:* rwm');
    expect(shown([{ allow: false, type: '', access: '', major: -1, minor: -1 }])[0]).toBe(
      'deny a *:* rwm',
    );
    expect(shown([{ allow: true, major: 1, access: 'wr' }])[0]).toBe('allow a 1:* rw');
  });

  it('forget what a rule about everything makes void', () => {
    const rules = [
      { allow: true, type: 'c', major: 10 },
      { allow: false },
      { allow: true, major: 2 },
    ];
    expect(shown(rules as Parameters<typeof deviceRules>[0]).slice(0, 2)).toEqual([
      'deny a *:* rwm',
      'allow a 2:* rwm',
    ]);
  });

  it('keep numbers of all 32 bits', () => {
    expect(shown([{ allow: true, type: 'c', major: 4294967295, minor: 0 }])[0]).toBe(
      'allow c 4294967295:0 rwm',
    );
  });

  it.each([
    [{ major: 2 ** 32 }, '/linux/resources/devices/0/major'],
    [{ minor: -2 }, '/linux/resources/devices/0/minor'],
    [{ access: 'rx' }, '/linux/resources/devices/0/access'],
  ])('refuse %j by its pointer', (rule, at) => {
    expect(() => deviceRules([{ allow: true, ...rule }])).toThrow(expect.objectContaining({ at }));
  });
});
