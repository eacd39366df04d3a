import { describe, expect, it } from 'vitest';
import type { LinuxResources, Spec } from '../generated/spec-types.js';
import { factsHybrid, factsV1, factsV2 } from '../testing/cgroup-hosts.js';
import { errorOf } from '../testing/error-of.js';
import type { CgroupFacts, FileWrite } from './driver.js';
import { planCgroup, planNoCgroup } from './plan.js';

const specOf = (resources: LinuxResources, cgroupsPath = '/c'): Spec => ({
  ociVersion: '1.2.0',
  linux: { cgroupsPath, resources },
});

const none: CgroupFacts = { mode: 'none', hierarchies: [], unified: null };

const refusalOf = (facts: CgroupFacts, resources: LinuxResources) =>
  errorOf(() => planCgroup(facts, specOf(resources), 'id'));

/** `file=value`, with `?` where the file may be missing and `~` where another may go first. */
const show = ({ file, value, mayLack, swaps, instead }: FileWrite): string =>
  `${file.replace('/sys/fs/cgroup/', '')}=${value}${mayLack ? '?' : ''}${swaps ? '~' : ''}${
    instead ? ` or ${show({ ...instead, at: '' })}` : ''
  }`;

const limitsOf = (facts: CgroupFacts, resources: LinuxResources) =>
  planCgroup(facts, specOf(resources), 'id').limits.map(show);

const M = 2 ** 20;

describe('directories', () => {
  it('v1: one in every hierarchy, each relative to its own cgroup', () => {
    const facts = factsV1('/own');
    const { record } = planCgroup(facts, specOf({}, ''), 'web');
    expect(record.mode).toBe('v1');
    expect(record.directories.map(({ path }) => path)).toEqual(
      facts.hierarchies.map(({ mountpoint }) => `${mountpoint}/own/web`),
    );
    expect(record.directories[0]).toEqual({
      path: '/sys/fs/cgroup/systemd/own/web',
      controllers: ['name=systemd'],
      mountpoint: '/sys/fs/cgroup/systemd',
    });
  });

  it('hybrid: the unified one is joined too, under the same name', () => {
    const { directories } = planCgroup(factsHybrid('/own'), specOf({}, 'a'), 'web').record;
    expect(directories).toHaveLength(8);
    expect(directories.at(-1)).toEqual({
      path: '/sys/fs/cgroup/unified/own/a',
      controllers: [],
      mountpoint: '/sys/fs/cgroup/unified',
    });
  });

  it('v2: one, beside the runtime and not below it', () => {
    expect(planCgroup(factsV2('/user/session'), specOf({}, ''), 'web').record).toEqual({
      mode: 'v2',
      directories: [
        { path: '/sys/fs/cgroup/user/web', controllers: [], mountpoint: '/sys/fs/cgroup' },
      ],
    });
  });

  it('none: is refused with what to do', () => {
    expect(refusalOf(none, {}).message).toContain('no cgroup hierarchy is mounted');
    expect(refusalOf(none, {}).hint).toContain('--cgroup-manager disabled');
  });
});

describe('preparation', () => {
  it("v1: cpuset gets its parent's values, or those of the configuration", () => {
    const { inherited, before } = planCgroup(factsV1(), specOf({ cpu: { cpus: '1' } }), 'id');
    expect(before).toEqual([]);
    const common = { mountpoint: '/sys/fs/cgroup/cpuset', directory: '/sys/fs/cgroup/cpuset/c' };
    expect(inherited).toEqual([
      { ...common, name: 'cpuset.cpus', value: '1', at: '/linux/resources/cpu/cpus' },
      { ...common, name: 'cpuset.mems', value: null, at: '/linux/resources/cpu/mems' },
    ]);
  });

  it('v2: every parent hands down every controller', () => {
    const { inherited, before } = planCgroup(factsV2(), specOf({}, '/a/b/c'), 'id');
    expect(inherited).toEqual([]);
    expect(before.map(show)).toEqual(
      [
        '/sys/fs/cgroup/cgroup.subtree_control=+cpuset +cpu +io +memory +pids',
        'a/cgroup.subtree_control=+cpuset +cpu +io +memory +pids',
        'a/b/cgroup.subtree_control=+cpuset +cpu +io +memory +pids',
      ].map((text) => text.replace('/sys/fs/cgroup/', '')),
    );
  });

  it('v2 without controllers: there is nothing to hand down', () => {
    expect(planCgroup(factsV2('/', []), specOf({}), 'id').before).toEqual([]);
  });
});

describe('limits', () => {
  const all: LinuxResources = {
    memory: { limit: 64 * M, reservation: 32 * M, swap: 96 * M },
    cpu: { shares: 512, quota: 50000, period: 100000, burst: 1000, idle: 0, cpus: '0', mems: '0' },
    pids: { limit: 10 },
  };

  it('v1: all of them in an order that a new cgroup takes', () => {
    expect(limitsOf(factsV1(), all)).toEqual([
      'memory/c/memory.limit_in_bytes=67108864~',
      'memory/c/memory.memsw.limit_in_bytes=100663296~',
      'memory/c/memory.soft_limit_in_bytes=33554432',
      'cpu,cpuacct/c/cpu.idle=0?',
      'cpu,cpuacct/c/cpu.shares=512',
      'cpu,cpuacct/c/cpu.cfs_period_us=100000~',
      'cpu,cpuacct/c/cpu.cfs_quota_us=50000~',
      'cpu,cpuacct/c/cpu.cfs_burst_us=1000~',
      'pids/c/pids.max=10',
    ]);
  });

  it('v2: all of them in an order that a new cgroup takes', () => {
    expect(limitsOf(factsV2(), all)).toEqual([
      'c/memory.swap.max=33554432',
      'c/memory.max=67108864',
      'c/memory.low=33554432',
      'c/cpu.idle=0?',
      'c/cpu.weight=59',
      'c/cpu.max=50000 100000~',
      'c/cpu.max.burst=1000~',
      'c/cpuset.cpus=0',
      'c/cpuset.mems=0',
      'c/pids.max=10',
    ]);
  });

  it('every limit knows the field that asked for it', () => {
    const { limits } = planCgroup(factsV2(), specOf({ pids: { limit: 1 } }), 'id');
    expect(limits).toEqual([
      { file: '/sys/fs/cgroup/c/pids.max', value: '1', at: '/linux/resources/pids/limit' },
    ]);
  });

  it.each([
    [{}, [], []],
    [{ memory: { limit: 0, swap: 0, reservation: 0 } }, [], []],
    [{ cpu: { shares: 0, quota: 0, period: 0 } }, [], []],
    [
      { memory: { limit: -1 } },
      ['memory/c/memory.limit_in_bytes=-1?~', 'memory/c/memory.memsw.limit_in_bytes=-1?~'],
      ['c/memory.swap.max=max?', 'c/memory.max=max?'],
    ],
    [
      { memory: { limit: M, swap: -1 } },
      ['memory/c/memory.limit_in_bytes=1048576~', 'memory/c/memory.memsw.limit_in_bytes=-1?~'],
      ['c/memory.swap.max=max?', 'c/memory.max=1048576'],
    ],
    [
      { memory: { limit: M, swap: M } },
      ['memory/c/memory.limit_in_bytes=1048576~', 'memory/c/memory.memsw.limit_in_bytes=1048576~'],
      ['c/memory.swap.max=0?', 'c/memory.max=1048576'],
    ],
    [
      { memory: { limit: 2n ** 62n + 1n, swap: 2n ** 62n + 3n } },
      [
        'memory/c/memory.limit_in_bytes=4611686018427387905~',
        'memory/c/memory.memsw.limit_in_bytes=4611686018427387907~',
      ],
      ['c/memory.swap.max=2', 'c/memory.max=4611686018427387905'],
    ],
    [
      { cpu: { quota: 20000 } },
      ['cpu,cpuacct/c/cpu.cfs_quota_us=20000~'],
      ['c/cpu.max=20000 100000~'],
    ],
    [
      { cpu: { quota: -1, period: 50000 } },
      ['cpu,cpuacct/c/cpu.cfs_period_us=50000~', 'cpu,cpuacct/c/cpu.cfs_quota_us=-1~'],
      ['c/cpu.max=max 50000~'],
    ],
    [
      { cpu: { shares: 1024, idle: 1 } },
      ['cpu,cpuacct/c/cpu.shares=1024', 'cpu,cpuacct/c/cpu.idle=1'],
      ['c/cpu.weight=100', 'c/cpu.idle=1'],
    ],
    [{ pids: { limit: 0 } }, ['pids/c/pids.max=0'], ['c/pids.max=0']],
    [{ pids: { limit: -1 } }, ['pids/c/pids.max=max?'], ['c/pids.max=max?']],
    [{ pids: {} }, [], []],
  ] as const)('%o', (resources, v1, v2) => {
    expect(limitsOf(factsV1(), resources)).toEqual(v1);
    expect(limitsOf(factsV2(), resources)).toEqual(v2);
  });

  it('v1 alone: swappiness, the OOM killer, hierarchy and TCP memory', () => {
    const memory = { swappiness: 0, disableOOMKiller: true, useHierarchy: true, kernelTCP: M };
    expect(limitsOf(factsV1(), { memory })).toEqual([
      'memory/c/memory.use_hierarchy=1',
      'memory/c/memory.kmem.tcp.limit_in_bytes=1048576',
      'memory/c/memory.swappiness=0',
      'memory/c/memory.oom_control=1',
    ]);
  });

  it.each([
    ['v1', factsV1(), ['memory/c/memory.usage_in_bytes'], ['memory/c/memory.memsw.usage_in_bytes']],
    ['v2', factsV2(), ['c/memory.current'], ['c/memory.current', 'c/memory.swap.current']],
  ] as const)('%s: checkBeforeUpdate looks at what is in use', (_, facts, memory, both) => {
    const check = (memory: LinuxResources['memory']) =>
      planCgroup(facts, specOf({ memory: { ...memory } }), 'id').checks;
    const files = (names: readonly string[]) => names.map((name) => `/sys/fs/cgroup/${name}`);
    expect(check({ limit: M, swap: 2 * M, checkBeforeUpdate: true })).toEqual([
      {
        what: 'memory limit',
        files: files(memory),
        most: '1048576',
        at: '/linux/resources/memory/limit',
      },
      {
        what: 'memory+swap limit',
        files: files(both),
        most: '2097152',
        at: '/linux/resources/memory/swap',
      },
    ]);
    expect(check({ limit: M })).toEqual([]);
    expect(check({ limit: -1, checkBeforeUpdate: true })).toEqual([]);
  });
});

describe('refusals', () => {
  it.each([
    [{ limit: -2 }, 'limit', 'must be -1'],
    [{ swap: M }, 'swap', 'without memory limit'],
    [{ limit: -1, swap: M }, 'swap', 'without memory limit'],
    [{ limit: 2 * M, swap: M }, 'swap', 'below the memory limit'],
    [{ limit: M, swap: M, reservation: -7 }, 'reservation', 'must be -1'],
  ] as const)('memory %j in either mode', (memory, field, words) => {
    for (const facts of [factsV1(), factsV2()]) {
      const error = refusalOf(facts, { memory });
      expect(error.at).toBe(`/linux/resources/memory/${field}`);
      expect(error.message).toContain(words);
    }
  });

  it.each([
    [{ swappiness: 60 }, 'swappiness'],
    [{ disableOOMKiller: true }, 'disableOOMKiller'],
    [{ useHierarchy: false }, 'useHierarchy'],
  ] as const)('memory %j on v2', (memory, field) => {
    const error = refusalOf(factsV2(), { memory });
    expect(error.code).toBe('not-supported');
    expect(error.message).toBe(`memory ${field} does not exist in cgroup v2`);
    expect(error.at).toBe(`/linux/resources/memory/${field}`);
  });

  it('what asks v2 for nothing that it lacks passes', () => {
    const memory = { disableOOMKiller: false, useHierarchy: true, kernel: -1, kernelTCP: 0 };
    const plan = planCgroup(factsV2(), specOf({ memory, network: { classID: 0 } }), 'id');
    expect(plan).toMatchObject({ limits: [], notes: [] });
  });

  it('what the kernel has no longer is told, not refused', () => {
    const memory = { kernel: M, kernelTCP: M };
    const notes = (facts: CgroupFacts) => planCgroup(facts, specOf({ memory }), 'id').notes;
    expect(notes(factsV1())).toEqual([expect.stringContaining('memory/kernel is ignored')]);
    expect(notes(factsV2())).toEqual([
      expect.stringContaining('memory/kernel is ignored'),
      expect.stringContaining('memory/kernelTCP is ignored'),
    ]);
  });

  const device = { major: 8, minor: 0 };

  it.each([
    [{ cpu: { realtimeRuntime: 1 } }, 'cpu/realtimeRuntime'],
    [{ cpu: { realtimePeriod: 1 } }, 'cpu/realtimePeriod'],
    [{ blockIO: { leafWeight: 10 } }, 'blockIO/leafWeight'],
    [{ blockIO: { weightDevice: [{ ...device, leafWeight: 5 }] } }, 'blockIO/weightDevice'],
    [{ network: { classID: 1 } }, 'network/classID'],
    [{ network: { priorities: [{ name: 'lo', priority: 0 }] } }, 'network/priorities'],
  ] as const)('%j on v2', (resources, field) => {
    const error = refusalOf(factsV2(), resources as LinuxResources);
    expect(error).toMatchObject({ code: 'not-supported', at: `/linux/resources/${field}` });
    expect(error.message).toContain('does not exist in cgroup v2');
  });

  it('files of v2 where there is no v2', () => {
    const error = refusalOf(factsV1(), { unified: { 'memory.high': '5' } });
    expect(error).toMatchObject({ code: 'host', at: '/linux/resources/unified/memory.high' });
  });

  it.each(['a/b.c', '../x.y', 'x', '.x', 'memory.', 'memory.high\n'])(
    'a key of unified that is no name of a file: %j',
    (key) => {
      expect(refusalOf(factsV2(), { unified: { [key]: '1' } })).toMatchObject({
        code: 'invalid-config',
        hint: expect.stringContaining('CONTROLLER.PARAMETER'),
      });
    },
  );

  it.each(['procs', 'threads', 'freeze', 'kill', 'type', 'subtree_control'])(
    'cgroup.%s, which is the runtime’s own',
    (name) => {
      const error = refusalOf(factsV2(), { unified: { [`cgroup.${name}`]: '1' } });
      expect(error.message).toContain('is not for a configuration to write');
    },
  );

  it('a page size that is none', () => {
    const error = refusalOf(factsV2('/', ['hugetlb']), {
      hugepageLimits: [{ pageSize: '../2MB', limit: 1 }],
    });
    expect(error.at).toBe('/linux/resources/hugepageLimits/0/pageSize');
  });

  it.each([1, 262145, 2n ** 63n])(
    'cpu shares %s on v1, which would become another value',
    (shares) => {
      const error = refusalOf(factsV1(), { cpu: { shares } });
      expect(error.at).toBe('/linux/resources/cpu/shares');
      expect(error.message).toMatch(/(minimum|maximum) allowed cpu-shares is/);
    },
  );

  const lacking: readonly [LinuxResources, string, string][] = [
    [{ memory: { limit: M } }, 'memory', '/linux/resources/memory/limit'],
    [{ memory: { limit: M, checkBeforeUpdate: true } }, 'memory', '/linux/resources/memory/limit'],
    [{ cpu: { quota: 5000 } }, 'cpu', '/linux/resources/cpu/quota'],
    [{ cpu: { cpus: '0' } }, 'cpuset', '/linux/resources/cpu/cpus'],
    [{ cpu: { mems: '0' } }, 'cpuset', '/linux/resources/cpu/mems'],
    [{ pids: { limit: 5 } }, 'pids', '/linux/resources/pids/limit'],
    [
      { hugepageLimits: [{ pageSize: '2MB', limit: 0 }] },
      'hugetlb',
      '/linux/resources/hugepageLimits/0',
    ],
    [{ rdma: { 'a/b': { hcaHandles: 1 } } }, 'rdma', '/linux/resources/rdma/a~1b'],
  ];
  const bare: CgroupFacts = {
    ...factsV1(),
    hierarchies: factsV1().hierarchies.filter(({ controllers }) => controllers[0] === 'devices'),
  };

  it.each(lacking)('%j where the controller is missing', (resources, controller, at) => {
    for (const [facts, hint] of [
      [bare, `mount -t cgroup -o ${controller} ${controller} /sys/fs/cgroup/${controller}`],
      [factsV2('/', []), '/sys/fs/cgroup/cgroup.controllers does not name it'],
    ] as const) {
      const error = refusalOf(facts, resources);
      expect(error.code).toBe('host');
      expect(error.message).toContain(controller);
      expect(error.hint).toContain(hint);
      expect(error.at).toBe(at);
    }
  });

  it.each([
    [{ blockIO: { weight: 10 } }, 'blkio', '/linux/resources/blockIO/weight'],
    [{ network: { classID: 10 } }, 'net_cls', '/linux/resources/network/classID'],
    [{ cpu: { realtimePeriod: 10 } }, 'cpu', '/linux/resources/cpu/realtimePeriod'],
  ] as const)('v1: %j where the controller is missing', (resources, controller, at) => {
    const error = refusalOf(bare, resources);
    expect(error).toMatchObject({ code: 'host', at });
    expect(error.hint).toContain(`mount -t cgroup -o ${controller} `);
  });

  it.each([
    [{ blockIO: { weight: 10 } }, 'io', '/linux/resources/blockIO/weight'],
    [{ unified: { 'misc.max': 'x 1' } }, 'misc', '/linux/resources/unified/misc.max'],
  ] as const)('v2: %j where the controller is missing', (resources, controller, at) => {
    const error = refusalOf(factsV2('/', []), resources as LinuxResources);
    expect(error).toMatchObject({ code: 'host', at });
    expect(error.message).toContain(controller);
  });

  it('no limit needs no controller', () => {
    const unlimited = { memory: { limit: -1 }, pids: { limit: -1 } };
    expect(limitsOf(bare, unlimited)).toEqual([]);
    expect(limitsOf(factsV2('/', []), unlimited)).toEqual([]);
  });
});

describe('devices', () => {
  it('v1: a list for the devices controller', () => {
    const { devices } = planCgroup(factsHybrid(), specOf({}), 'id');
    expect(devices).toMatchObject({ kind: 'list', directory: '/sys/fs/cgroup/devices/c' });
  });

  it('v2: a filter', () => {
    const { devices } = planCgroup(factsV2(), specOf({}), 'id');
    expect(devices).toMatchObject({ kind: 'filter', directory: '/sys/fs/cgroup/c' });
  });

  it('v2: none for a container that may use every device', () => {
    const privileged = { devices: [{ allow: true, access: 'rwm' }] };
    expect(planCgroup(factsV2(), specOf(privileged), 'id').devices).toBeNull();
  });

  const without = ({ hierarchies, ...facts }: CgroupFacts): CgroupFacts => ({
    ...facts,
    hierarchies: hierarchies.filter(({ controllers }) => !controllers.includes('devices')),
  });

  it('hybrid without the devices controller: a filter on the unified hierarchy', () => {
    const { devices } = planCgroup(without(factsHybrid()), specOf({}), 'id');
    expect(devices).toMatchObject({ kind: 'filter', directory: '/sys/fs/cgroup/unified/c' });
  });

  it('v1 without the devices controller: refused, unless every device is allowed', () => {
    expect(refusalOf(without(factsV1()), {}).at).toBe('/linux/resources/devices');
    const privileged = { devices: [{ allow: true }] };
    expect(planCgroup(without(factsV1()), specOf(privileged), 'id').devices).toBeNull();
  });
});

describe('without cgroups', () => {
  it('nothing is planned', () => {
    const plan = planNoCgroup(
      factsV1(),
      specOf({ devices: [{ allow: false }], pids: { limit: -1 } }),
    );
    expect(plan).toEqual({
      record: { mode: 'none', directories: [] },
      view: expect.objectContaining({ mode: 'v1' }),
      owner: null,
      inherited: [],
      realtime: null,
      before: [],
      checks: [],
      limits: [],
      devices: null,
      notes: [],
    });
  });

  it.each([
    { pids: { limit: 5 } },
    { cpu: { cpus: '0' } },
    { cpu: { realtimeRuntime: 5 } },
    { memory: { swappiness: 1 } },
    { network: { classID: 1 } },
  ])('%j is refused', (resources) => {
    expect(() => planNoCgroup(factsV1(), specOf(resources))).toThrow(/needs the cgroup controller/);
  });
});
