import { describe, expect, it, test } from 'vitest';
import type { LinuxResources, Spec } from '../../generated/spec-types.js';
import type { CgroupFacts } from '../driver.js';
import { planCgroup } from '../plan.js';
import { expandSlice, unitPlace } from './path.js';
import { planUnit } from './plan.js';
import { resourceProperties } from './resources.js';
import type { SystemdFacts } from './types.js';
import { releaseOf } from './unit.js';

const systemd: SystemdFacts = {
  version: 252,
  cgroup: '',
  bus: { address: 'unix:path=/bus' },
  user: false,
};

const spec = (linux: Spec['linux'] = {}, annotations?: Record<string, string>): Spec => ({
  ociVersion: '1.2.0',
  linux,
  ...(annotations && { annotations }),
});

const place = (path?: string, slice = 'system.slice') => unitPlace(path, 'web', slice);

describe('a path names a unit', () => {
  it.each([
    [undefined, 'runts-web.scope', '/system.slice/runts-web.scope'],
    ['', 'runts-web.scope', '/system.slice/runts-web.scope'],
    ['machine.slice:libpod:1f', 'libpod-1f.scope', '/machine.slice/libpod-1f.scope'],
    [':p:n', 'p-n.scope', '/system.slice/p-n.scope'],
    ['a-b-c.slice:p:n', 'p-n.scope', '/a.slice/a-b.slice/a-b-c.slice/p-n.scope'],
    ['-:p:n', 'p-n.scope', '/p-n.scope'],
    ['-.slice:p:n', 'p-n.scope', '/p-n.scope'],
    ['a.slice::n', '-n.scope', '/a.slice/-n.scope'],
    ['a.slice:p:a-b.slice', 'a-b.slice', '/a.slice/a-b.slice'],
  ])('%s: %s', (path, unit, directories) => {
    expect(place(path)).toMatchObject({ unit, path: directories });
  });

  it('after the id, in the letters that a unit may have', () => {
    expect(unitPlace('', 'a+b', 'user.slice')).toEqual({
      unit: 'runts-a\\x2bb.scope',
      slice: 'user.slice',
      path: '/user.slice/runts-a\\x2bb.scope',
    });
  });

  it.each(['/a/b', 'a:b', 'a:b:c:d', 'a.slice:p:'])('not %s', (path) => {
    expect(() => place(path)).toThrow(
      `expected cgroupsPath to be of format "slice:prefix:name" for systemd cgroups, got "${path}" instead`,
    );
  });

  it.each([
    'a:p:n',
    'a--b.slice:p:n',
    '.slice:p:n',
    'a/b.slice:p:n',
    '-a.slice:p:n',
    '../a.slice:p:n',
  ])('not with a slice as in %s', (path) => {
    expect(() => place(path)).toThrow('invalid slice name');
  });

  it.each(['a.slice:p:n n', 'a.slice:p:../n', `a.slice:p:${'n'.repeat(255)}`, 'a.slice:p:n/b'])(
    'not with a name as in %s',
    (path) => {
      expect(() => place(path)).toThrow('invalid unit name');
    },
  );
});

test('a slice is found below those that its name begins with', () => {
  expect(expandSlice('-.slice')).toBe('');
  expect(expandSlice('a.slice')).toBe('/a.slice');
  expect(expandSlice('a-b-c.slice')).toBe('/a.slice/a-b.slice/a-b-c.slice');
});

test('the release of systemd is the first number of its version', () => {
  expect(['252.38-1~deb12u1', 'v245.4-4ubuntu3', '250', ''].map(releaseOf)).toEqual([
    252, 245, 250, 0,
  ]);
});

const shown = (resources: LinuxResources, kind: 'v1' | 'v2' = 'v2', version = 252) =>
  Object.fromEntries(
    resourceProperties(resources, kind, version).map(([name, { value }]) => [name, value]),
  );
const infinity = 2n ** 64n - 1n;

describe('limits become properties', () => {
  it.each<[LinuxResources, Record<string, unknown>]>([
    [{}, {}],
    [
      { memory: { limit: 64, reservation: 32, swap: 100 } },
      { MemoryMax: 64n, MemoryLow: 32n, MemorySwapMax: 36n },
    ],
    [{ memory: { limit: -1 } }, { MemoryMax: infinity, MemorySwapMax: infinity }],
    [{ memory: { limit: 0 } }, {}],
    [{ cpu: { shares: 1024 } }, { CPUWeight: 100n }],
    [{ cpu: { shares: 1024, idle: 1 } }, { CPUWeight: 0n }],
    [
      { cpu: { quota: 50_000, period: 100_000 } },
      { CPUQuotaPeriodUSec: 100_000n, CPUQuotaPerSecUSec: 500_000n },
    ],
    [{ cpu: { quota: 33_333 } }, { CPUQuotaPerSecUSec: 340_000n }],
    [
      { cpu: { quota: -1, period: 50_000 } },
      { CPUQuotaPeriodUSec: 50_000n, CPUQuotaPerSecUSec: infinity },
    ],
    [{ cpu: { cpus: '0-2,9', mems: '1' } }, { AllowedCPUs: [7, 2], AllowedMemoryNodes: [2] }],
    [{ pids: { limit: 0 } }, { TasksMax: 1n }],
    [{ pids: { limit: -1 } }, { TasksMax: infinity }],
    [{ pids: { limit: 9 } }, { TasksMax: 9n }],
    [{ blockIO: { weight: 10 } }, { IOWeight: 1n }],
    [{ blockIO: { weight: 1000 } }, { IOWeight: 10000n }],
    [
      {
        unified: {
          'memory.high': '5',
          'pids.max': 'max',
          'cpu.max': '20000 10000',
          'io.max': '8:0 rbps=1',
        },
      },
      {
        MemoryHigh: 5n,
        TasksMax: infinity,
        CPUQuotaPeriodUSec: 10_000n,
        CPUQuotaPerSecUSec: 2_000_000n,
      },
    ],
    [
      { unified: { 'cpu.max': 'max 10000', 'cpuset.cpus': '1', 'memory.max': '10%' } },
      { CPUQuotaPeriodUSec: 10_000n, CPUQuotaPerSecUSec: infinity, AllowedCPUs: [2] },
    ],
  ])('of cgroup v2: %o', (resources, expected) => {
    expect(shown(resources)).toEqual(expected);
  });

  it('of cgroup v1', () => {
    expect(
      shown(
        {
          memory: { limit: 64, reservation: 32, swap: 100 },
          cpu: { shares: 1024, quota: 10_000, cpus: '0' },
          pids: { limit: 5 },
          blockIO: { weight: 300 },
        },
        'v1',
      ),
    ).toEqual({
      MemoryLimit: 64n,
      CPUShares: 1024n,
      CPUQuotaPerSecUSec: 100_000n,
      TasksMax: 5n,
      BlockIOWeight: 300n,
    });
  });

  it('that an older systemd does not know are left to the files', () => {
    const resources = { cpu: { quota: 10_000, period: 100_000, cpus: '0', idle: 1, shares: 2 } };
    expect(shown(resources, 'v2', 241)).toEqual({ CPUQuotaPerSecUSec: 100_000n, CPUWeight: 1n });
  });
});

const propertiesOf = (asked: Spec, kind: 'v1' | 'v2' = 'v2', facts = systemd) =>
  Object.fromEntries(
    planUnit(facts, kind, asked, 'web', place(asked.linux?.cgroupsPath)).properties.map(
      ([name, { value }]) => [name, value],
    ),
  );

describe('a unit', () => {
  it('is a scope that may divide what it is given', () => {
    expect(propertiesOf(spec())).toEqual({
      Description: 'runts container web',
      Slice: 'system.slice',
      Delegate: true,
      MemoryAccounting: true,
      CPUAccounting: true,
      IOAccounting: true,
      TasksAccounting: true,
      DefaultDependencies: false,
      DevicePolicy: 'strict',
      DeviceAllow: expect.arrayContaining([
        ['char-*', 'm'],
        ['/dev/char/1:3', 'rwm'],
        ['char-136', 'rwm'],
      ]),
    });
    expect(propertiesOf(spec(), 'v1')).toMatchObject({ BlockIOAccounting: true });
  });

  it('may be a slice, which takes no processes', () => {
    const asked = spec({ cgroupsPath: 'a.slice:p:a-b.slice' });
    const properties = propertiesOf(asked);
    expect(properties).toMatchObject({ Wants: ['a.slice'] });
    expect(properties).not.toHaveProperty('Delegate');
    const { unit } = planCgroup(facts('v2'), asked, 'web', systemd);
    expect(unit?.takesProcesses).toBe(false);
  });

  it('has devices forbidden that no rule allows', () => {
    const devices = (rules: LinuxResources['devices'], kind: 'v1' | 'v2', version = 252) => {
      const asked = spec({ resources: { ...(rules && { devices: rules }) } });
      const { DevicePolicy, DeviceAllow } = propertiesOf(asked, kind, { ...systemd, version });
      return [DevicePolicy, (DeviceAllow as string[][]).map(([name]) => name)];
    };
    const all = { allow: true, access: 'rwm' };
    const mkfuse = { allow: true, type: 'c', major: 10, minor: 229, access: 'rw' } as const;
    expect(devices([all], 'v1')).toEqual(['auto', []]);
    expect(devices([all], 'v2')).toEqual(['auto', []]);
    expect(devices([mkfuse], 'v1')[1]).toContain('/dev/char/10:229');
    // One number below every major one cannot be said to systemd.
    const odd = { allow: true, type: 'c', minor: 5, access: 'r' } as const;
    expect(devices([odd], 'v2')).toEqual(['auto', []]);
    expect(devices([odd], 'v1')[0]).toBe('strict');
    expect(devices([all, { ...mkfuse, allow: false }], 'v2')).toEqual(['auto', []]);
    expect(devices([all, { ...mkfuse, allow: false }], 'v1')).toEqual(['strict', []]);
    expect(devices([], 'v2', 240)[1]).not.toContain('char-136');
  });

  it('of a user has no devices', () => {
    expect(propertiesOf(spec(), 'v2', { ...systemd, user: true })).not.toHaveProperty(
      'DeviceAllow',
    );
  });
});

const annotated = (name: string, value: string) =>
  planUnit(
    systemd,
    'v2',
    spec({}, { [`org.systemd.property.${name}`]: value }),
    'web',
    place(),
  ).properties.at(-1);

describe('an annotation', () => {
  it.each([
    ['KillSignal', '15', ['KillSignal', { signature: 'i', value: 15 }]],
    ['TimeoutStopSec', '5', ['TimeoutStopUSec', { signature: 't', value: 5_000_000n }]],
    ['TimeoutStopSec', 'uint64 5', ['TimeoutStopUSec', { signature: 't', value: 5_000_000n }]],
    ['TimeoutStopSec', '1.5', ['TimeoutStopUSec', { signature: 't', value: 1_500_000n }]],
    ['TimeoutStopUSec', 'uint64 5', ['TimeoutStopUSec', { signature: 't', value: 5n }]],
    [
      'CollectMode',
      "'inactive-or-failed'",
      ['CollectMode', { signature: 's', value: 'inactive-or-failed' }],
    ],
    ['FooSEC', '1', ['FooSEC', { signature: 'i', value: 1 }]],
  ])('%s=%s sets a property', (name, value, property) => {
    expect(annotated(name, value)).toEqual(property);
  });

  it.each([
    ['Ab', '1', 'less than three letters'],
    ['A-b-c', '1', 'something else than letters'],
    ['PIDs', '[uint32 1]', 'is what the runtime itself sets'],
    ['Slice', "'a.slice'", 'is what the runtime itself sets'],
    ['KillSignal', 'x', 'x is no value'],
    ['TimeoutStopSec', 'true', 'a span of time is a number of seconds'],
    ['TimeoutStopSec', '-1', 'a span of time is a number of seconds'],
    ['TimeoutStopSec', 'inf', 'a span of time is a number of seconds'],
  ])('%s=%s is refused', (name, value, message) => {
    expect(() => annotated(name, value)).toThrow(
      expect.objectContaining({
        message: expect.stringContaining(message),
        at: `/annotations/org.systemd.property.${name}`,
      }),
    );
  });

  it('for a cgroup below the unit is refused', () => {
    const asked = spec({}, { 'run.oci.systemd.subgroup': 'x' });
    expect(() => propertiesOf(asked)).toThrow('in no sub-cgroup');
  });
});

const unified = { mountpoint: '/sys/fs/cgroup', own: '/here', controllers: ['pids'] };
const facts = (mode: 'v1' | 'v2'): CgroupFacts =>
  mode === 'v2'
    ? { mode, hierarchies: [], unified }
    : {
        mode,
        hierarchies: ['devices', 'name=systemd'].map((name) => ({
          controllers: [name],
          mountpoint: `/sys/fs/cgroup/${name.replace('name=', '')}`,
          own: '/here',
        })),
        unified: null,
      };

describe('the cgroups of a unit', () => {
  it('are where systemd keeps it, and limited by files as well', () => {
    const asked = spec({ resources: { pids: { limit: 5 } } });
    const plan = planCgroup(facts('v2'), asked, 'web', { ...systemd, cgroup: '/outer/' });
    const path = '/sys/fs/cgroup/outer/system.slice/runts-web.scope';
    expect(plan.record).toEqual({
      mode: 'v2',
      directories: [{ path, controllers: [], mountpoint: '/sys/fs/cgroup' }],
      unit: { name: 'runts-web.scope', bus: { address: 'unix:path=/bus' } },
    });
    expect(plan.limits).toEqual([
      expect.objectContaining({ file: `${path}/pids.max`, value: '5' }),
    ]);
    expect(plan.view).toBe(plan.record);
  });

  it('are the same in every hierarchy of v1', () => {
    const { record } = planCgroup(facts('v1'), spec(), 'web', systemd);
    expect(record.directories.map(({ path }) => path)).toEqual([
      '/sys/fs/cgroup/devices/system.slice/runts-web.scope',
      '/sys/fs/cgroup/systemd/system.slice/runts-web.scope',
    ]);
  });

  it('are not a user’s with cgroup v1', () => {
    const user = { ...systemd, user: true };
    expect(planCgroup(facts('v2'), spec(), 'web', user).record.directories[0]?.path).toContain(
      '/user.slice/',
    );
    expect(() => planCgroup(facts('v1'), spec(), 'web', user)).toThrow(
      "cgroup v2 not enabled on this host, can't use systemd (rootless)",
    );
  });
});
