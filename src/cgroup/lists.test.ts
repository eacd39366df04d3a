import { describe, expect, it } from 'vitest';
import type { LinuxResources } from '../generated/spec-types.js';
import { factsHybrid, factsV1, factsV2 } from '../testing/cgroup-hosts.js';
import type { CgroupFacts, FileWrite } from './driver.js';
import { planCgroup } from './plan.js';
import { ioWeightOf } from './v2/block-io.js';

const v1 = (...names: readonly string[]): CgroupFacts => ({
  ...factsV1(),
  hierarchies: names.map((name) => ({
    controllers: [name],
    mountpoint: `/sys/fs/cgroup/${name}`,
    own: '/',
  })),
});

const planOf = (facts: CgroupFacts, resources: LinuxResources) =>
  planCgroup(
    facts,
    {
      ociVersion: '1.2.0',
      linux: { cgroupsPath: '/c', resources: { ...everyDevice, ...resources } },
    },
    'id',
  );
const everyDevice: LinuxResources = { devices: [{ allow: true }] };

const text = ({ file, value, mayLack }: Omit<FileWrite, 'at'>) =>
  `${file.replace('/sys/fs/cgroup/', '')}=${value}${mayLack ? '?' : ''}`;
const show = (write: FileWrite): string =>
  text(write) + (write.instead ? ` or ${text(write.instead)}` : '');

const limitsOf = (facts: CgroupFacts, resources: LinuxResources) =>
  planOf(facts, resources).limits.map(show);

const disk = { major: 8, minor: 16 };

describe('block I/O', () => {
  const blockIO = {
    weight: 500,
    weightDevice: [{ ...disk, weight: 300 }],
    throttleReadBpsDevice: [{ ...disk, rate: 2n ** 63n + 1n }],
    throttleWriteBpsDevice: [{ ...disk, rate: 600 }],
    throttleReadIOPSDevice: [{ ...disk, rate: 0 }],
    throttleWriteIOPSDevice: [{ ...disk, rate: 9 }],
  };

  it('v1: weights go to BFQ, or else to CFQ; rates are throttled', () => {
    expect(limitsOf(v1('blkio'), { blockIO })).toEqual([
      'blkio/c/blkio.bfq.weight=500 or blkio/c/blkio.weight=500',
      'blkio/c/blkio.bfq.weight_device=8:16 300 or blkio/c/blkio.weight_device=8:16 300',
      'blkio/c/blkio.throttle.read_bps_device=8:16 9223372036854775809',
      'blkio/c/blkio.throttle.write_bps_device=8:16 600',
      'blkio/c/blkio.throttle.read_iops_device=8:16 0',
      'blkio/c/blkio.throttle.write_iops_device=8:16 9',
    ]);
  });

  it('v1 alone: leaf weights', () => {
    const leaves = { leafWeight: 20, weightDevice: [{ ...disk, leafWeight: 30 }] };
    expect(limitsOf(v1('blkio'), { blockIO: leaves })).toEqual([
      'blkio/c/blkio.leaf_weight=20',
      'blkio/c/blkio.leaf_weight_device=8:16 30',
    ]);
  });

  it('v2: weights go to BFQ, or else on another scale to the cost model', () => {
    expect(limitsOf(factsV2(), { blockIO })).toEqual([
      'c/io.bfq.weight=500 or c/io.weight=4950',
      'c/io.bfq.weight=8:16 300 or c/io.weight=8:16 2930',
      'c/io.max=8:16 rbps=9223372036854775809',
      'c/io.max=8:16 wbps=600',
      'c/io.max=8:16 riops=max',
      'c/io.max=8:16 wiops=9',
    ]);
  });

  it.each([
    [1, 1],
    [10, 1],
    [100, 910],
    [1000, 10000],
  ])('a weight of %i is %i for the cost model', (weight, expected) => {
    expect(ioWeightOf(weight)).toBe(expected);
  });

  it.each([[{}], [{ weight: 0, leafWeight: 0, weightDevice: [] }]])(
    '%j asks for nothing',
    (nothing) => {
      expect(limitsOf(factsV1(), { blockIO: nothing })).toEqual([]);
      expect(limitsOf(factsV2('/', []), { blockIO: nothing })).toEqual([]);
    },
  );
});

describe('huge pages', () => {
  const hugepageLimits = [
    { pageSize: '2MB', limit: 2n ** 64n - 1n },
    { pageSize: '1GB', limit: 0 },
  ];

  it.each([
    ['v1', v1('hugetlb'), 'hugetlb/c', 'limit_in_bytes'],
    ['v2', factsV2('/', ['hugetlb']), 'c', 'max'],
    ['hybrid', factsHybrid(), 'unified/c', 'max'],
  ] as const)('%s: use is limited, and reservations where the kernel counts them', (...args) => {
    const [, facts, path, suffix] = args;
    expect(limitsOf(facts, { hugepageLimits })).toEqual([
      `${path}/hugetlb.2MB.${suffix}=18446744073709551615`,
      `${path}/hugetlb.2MB.rsvd.${suffix}=18446744073709551615?`,
      `${path}/hugetlb.1GB.${suffix}=0`,
      `${path}/hugetlb.1GB.rsvd.${suffix}=0?`,
    ]);
  });
});

it('network: a class and a priority for each interface, v1 alone', () => {
  const priorities = [
    { name: 'eth0', priority: 0 },
    { name: 'eth1', priority: 5 },
  ];
  expect(limitsOf(v1('net_cls', 'net_prio'), { network: { classID: 9, priorities } })).toEqual([
    'net_cls/c/net_cls.classid=9',
    'net_prio/c/net_prio.ifpriomap=eth0 0',
    'net_prio/c/net_prio.ifpriomap=eth1 5',
  ]);
});

it.each([
  ['v1', v1('rdma'), 'rdma/c'],
  ['v2', factsV2('/', ['rdma']), 'c'],
] as const)('RDMA, %s: a line for each device with what is limited', (_, facts, path) => {
  const rdma = { mlx5_1: { hcaHandles: 3, hcaObjects: 10000 }, rxe3: { hcaObjects: 0 } };
  expect(limitsOf(facts, { rdma })).toEqual([
    `${path}/rdma.max=mlx5_1 hca_handle=3 hca_object=10000`,
    `${path}/rdma.max=rxe3 hca_object=0`,
  ]);
});

describe('unified', () => {
  it('is written after all else, a line a write, also what nobody here knows', () => {
    const resources = {
      memory: { limit: 4096 },
      unified: {
        'io.max': '8:0 rbps=5 wiops=6\n8:16 rbps=7\n',
        'memory.from.the-future': ' as it is ',
        'cpuset.cpus': '',
        'cgroup.max.depth': '3',
      },
    };
    expect(limitsOf(factsV2(), resources)).toEqual([
      'c/memory.max=4096',
      'c/io.max=8:0 rbps=5 wiops=6',
      'c/io.max=8:16 rbps=7',
      'c/memory.from.the-future= as it is ',
      'c/cpuset.cpus=\n',
      'c/cgroup.max.depth=3',
    ]);
  });

  it('hybrid: reaches the controllers of the unified hierarchy, which are handed down', () => {
    const unified = { 'hugetlb.2MB.max': '0', 'cgroup.max.depth': '3' };
    const plan = planOf(factsHybrid(), { unified, pids: { limit: 5 } });
    expect(plan.limits.map(show)).toEqual([
      'pids/c/pids.max=5',
      'unified/c/hugetlb.2MB.max=0',
      'unified/c/cgroup.max.depth=3',
    ]);
    expect(plan.before.map(show)).toEqual(['unified/cgroup.subtree_control=+hugetlb']);
  });
});

describe('a hybrid host', () => {
  it('hands down nothing that is not needed', () => {
    expect(planOf(factsHybrid(), { pids: { limit: 5 } }).before).toEqual([]);
    expect(planOf(factsHybrid(), { hugepageLimits: [], unified: {} }).before).toEqual([]);
  });

  it('takes each limit where its controller is', () => {
    const { unified, ...facts } = factsHybrid();
    const controllers = ['cpuset', 'io', 'memory', 'rdma'];
    const moved = {
      ...facts,
      hierarchies: facts.hierarchies.filter(
        (each) => !each.controllers.some((name) => controllers.includes(name)),
      ),
      unified: { ...unified!, controllers },
    };
    const resources: LinuxResources = {
      memory: { limit: 4096, checkBeforeUpdate: true, kernelTCP: 5 },
      cpu: { shares: 5, cpus: '0' },
      pids: { limit: 7 },
      blockIO: { weight: 100 },
      rdma: { a: { hcaHandles: 1 } },
    };
    const plan = planOf(moved, resources);
    expect(plan.limits.map(show)).toEqual([
      'cpu,cpuacct/c/cpu.shares=5',
      'pids/c/pids.max=7',
      'unified/c/memory.max=4096',
      'unified/c/cpuset.cpus=0',
      'unified/c/io.bfq.weight=100 or unified/c/io.weight=910',
      'unified/c/rdma.max=a hca_handle=1',
    ]);
    expect(plan.inherited).toEqual([]);
    expect(plan.checks.map(({ files }) => files)).toEqual([
      ['/sys/fs/cgroup/unified/c/memory.current'],
    ]);
    expect(plan.before.map(({ value }) => value)).toEqual(['+cpuset +io +memory +rdma']);
    expect(plan.notes).toHaveLength(1);
  });
});

describe('time for real-time processes', () => {
  it('v1: is planned for the cgroup, before anything joins', () => {
    const plan = planOf(factsV1(), { cpu: { realtimeRuntime: 1000, realtimePeriod: 5000 } });
    expect(plan.limits).toEqual([]);
    expect(plan.realtime).toEqual({
      mountpoint: '/sys/fs/cgroup/cpu,cpuacct',
      directory: '/sys/fs/cgroup/cpu,cpuacct/c',
      limits: [
        { name: 'cpu.rt_period_us', value: '5000', at: '/linux/resources/cpu/realtimePeriod' },
        { name: 'cpu.rt_runtime_us', value: '1000', at: '/linux/resources/cpu/realtimeRuntime' },
      ],
    });
  });

  it('is nothing where nobody asks', () => {
    const cpu = { realtimeRuntime: 0, realtimePeriod: 0 };
    expect(planOf(factsV1(), { cpu }).realtime).toBeNull();
    expect(planOf(factsV2(), { cpu }).realtime).toBeNull();
  });
});
