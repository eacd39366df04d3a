import { describe, expect, it, test } from 'vitest';
import type { LinuxIntelRdt } from '../generated/spec-types.js';
import { errorIfAny } from '../testing/error-of.js';
import { isInForce, planResctrl } from './resctrl.js';

const root = '/sys/fs/resctrl';
const schemata = '    MB:0=100;1= 50\n    L3:0=7ff;1=0f\n';

const absent = (rdt: LinuxIntelRdt, id = 'c1') => planResctrl(rdt, id, { root, schemata: null });
const present = (rdt: LinuxIntelRdt) => planResctrl(rdt, 'c1', { root, schemata });

describe('without closID', () => {
  it('a group of the container’s name is made, and removed with it', () => {
    expect(absent({})).toEqual({
      group: '/sys/fs/resctrl/c1',
      make: true,
      lines: [],
      monitor: null,
      remove: ['/sys/fs/resctrl/c1'],
    });
  });

  it('a group that somebody else has made stays', () => {
    expect(present({ l3CacheSchema: 'L3:0=1' })).toMatchObject({ make: false, remove: [] });
  });

  it.each(['info', 'mon_groups', 'mon_data'])('no container is named %s', (id) => {
    expect(() => absent({}, id)).toThrow(expect.objectContaining({ at: '/linux/intelRdt' }));
    expect(absent({ closID: 'x', schemata: ['L3:0=1'] }, id).group).toBe('/sys/fs/resctrl/x');
  });
});

describe('with closID', () => {
  const lines: LinuxIntelRdt = {
    closID: 'gold',
    l3CacheSchema: 'L3:0=7FF',
    memBwSchema: 'MB:1=50',
    schemata: ['L2:0=f', 'L2:1=f'],
  };

  it('its schemata are written in the order of the specification', () => {
    expect(absent(lines)).toMatchObject({ make: true, remove: [] });
    expect(absent(lines).lines.map(({ at, text }) => [at, text])).toEqual([
      ['/linux/intelRdt/l3CacheSchema', 'L3:0=7FF'],
      ['/linux/intelRdt/memBwSchema', 'MB:1=50'],
      ['/linux/intelRdt/schemata/0', 'L2:0=f'],
      ['/linux/intelRdt/schemata/1', 'L2:1=f'],
    ]);
  });

  it('a group that is there is taken as it is, if it has the schemas', () => {
    expect(present(lines)).toMatchObject({ group: '/sys/fs/resctrl/gold', make: false });
    expect(present({ closID: 'gold' })).toMatchObject({ make: false, lines: [] });
    expect(present({ closID: '/' }).group).toBe(root);
  });

  it('a group with other schemas is refused, with what it has', () => {
    const error = errorIfAny(() => present({ ...lines, memBwSchema: 'MB:0=10' }));
    expect(error).toMatchObject({ at: '/linux/intelRdt/memBwSchema' });
    expect(error?.hint).toContain('MB:0=100;1= 50 L3:0=7ff;1=0f');
  });

  it('a group that is not there, and of which nothing is said, is refused', () => {
    const error = errorIfAny(() => absent({ closID: 'gold', enableMonitoring: true }));
    expect(error).toMatchObject({ at: '/linux/intelRdt/closID' });
    expect(error?.message).toBe('there is no group "gold" in resctrl');
  });
});

test('a monitoring group goes with the container, before the group that holds it', () => {
  expect(absent({ enableMonitoring: true })).toMatchObject({
    monitor: '/sys/fs/resctrl/c1/mon_groups/c1',
    remove: ['/sys/fs/resctrl/c1/mon_groups/c1', '/sys/fs/resctrl/c1'],
  });
  expect(present({ closID: '/', enableMonitoring: true }).remove).toEqual([
    '/sys/fs/resctrl/mon_groups/c1',
  ]);
});

describe('a schema', () => {
  it.each(['L3:0=7ff;1=f', 'L3:1=00F', 'L3: 0 = 7ff', 'MB:1=50;0=100'])(
    '%s is in force',
    (asked) => {
      expect(isInForce(asked, schemata)).toBe(true);
    },
  );

  it.each(['L3:0=7f', 'L3:2=1', 'L2:0=f', 'L3', '', 'L3:', 'MB:0=1000'])('%j is not', (asked) => {
    expect(isInForce(asked, schemata)).toBe(false);
  });
});
