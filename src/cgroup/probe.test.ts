import { describe, expect, it } from 'vitest';
import { factsHybrid, factsV1, factsV2, mountsOf } from '../testing/cgroup-hosts.js';
import { fakeCgroups } from '../testing/fake-cgroups.js';
import type { CgroupFacts } from './driver.js';
import { parseMembership, probeCgroups } from './probe.js';

const membershipOf = ({ hierarchies, unified }: CgroupFacts): string =>
  [
    ...hierarchies.map(({ controllers, own }, i) => `${i + 1}:${controllers.join(',')}:${own}\n`),
    ...(unified === null ? [] : [`0::${unified.own}\n`]),
  ].join('');

const hostOf = (facts: CgroupFacts, membership = membershipOf(facts)) =>
  fakeCgroups({ mounts: mountsOf(facts), files: { '/proc/self/cgroup': membership } });

describe('probing cgroups', () => {
  it.each([
    ['v1', factsV1('/own'), 1 + 3 + 7 + 1],
    ['hybrid', factsHybrid('/own'), 1 + 3 + 7 + 3],
    ['v2', factsV2('/own'), 3 + 3],
  ] as const)('finds %s with as few system calls as it can', (_, facts, calls) => {
    const fake = hostOf(facts);
    expect(probeCgroups(fake.context)).toEqual(facts);
    expect(fake.calls).toHaveLength(calls);
    expect(fake.open()).toEqual([]);
  });

  it('leaves out what the kernel knows but nobody mounted', () => {
    const fake = hostOf(factsV1(), `${membershipOf(factsV1())}12:rdma:/\n11:name=other:/x\n`);
    expect(probeCgroups(fake.context)).toEqual(factsV1());
  });

  it('sees a host as v2 when cgroup v2 is mounted at the top, whatever v1 lines there are', () => {
    const fake = hostOf(factsV2('/'), membershipOf(factsHybrid('/')));
    expect(probeCgroups(fake.context)).toEqual(factsV2('/'));
  });

  it('finds controllers that are mounted together under the name of one of them', () => {
    const mountpoint = '/sys/fs/cgroup/cpu';
    const fake = fakeCgroups({
      mounts: [{ mountpoint, files: { tasks: '' } }],
      files: { '/proc/self/cgroup': '3:cpu,cpuacct:/\n' },
    });
    const { hierarchies } = probeCgroups(fake.context);
    expect(hierarchies).toEqual([{ controllers: ['cpu', 'cpuacct'], mountpoint, own: '/' }]);
  });

  it('says none where nothing is mounted', () => {
    const fake = fakeCgroups({ files: { '/proc/self/cgroup': '1:cpu:/\n0::/\n' } });
    expect(probeCgroups(fake.context)).toEqual({ mode: 'none', hierarchies: [], unified: null });
  });

  it('takes unified alone as v2, wherever it is mounted', () => {
    const mountpoint = '/sys/fs/cgroup/unified';
    const fake = fakeCgroups({
      mounts: [{ mountpoint, files: {}, root: { 'cgroup.controllers': '\n' } }],
      files: { '/proc/self/cgroup': '0::/\n' },
    });
    const unified = { mountpoint, own: '/', controllers: [] };
    expect(probeCgroups(fake.context)).toEqual({ mode: 'v2', hierarchies: [], unified });
  });

  it('names /proc/self/cgroup when that is missing', () => {
    expect(() => probeCgroups(fakeCgroups({}).context)).toThrow('/proc/self/cgroup is missing');
  });
});

describe('/proc/PID/cgroup', () => {
  it('may have colons and spaces in paths', () => {
    expect(parseMembership('4:cpu,cpuacct:/a:b/c d\n1:name=systemd:/\n0::/x\n')).toEqual([
      { controllers: ['cpu', 'cpuacct'], own: '/a:b/c d' },
      { controllers: ['name=systemd'], own: '/' },
      { controllers: [], own: '/x' },
    ]);
  });
});
