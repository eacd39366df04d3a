import { describe, expect, it } from 'vitest';
import type { LinuxResources } from '../generated/spec-types.js';
import { errno } from '../linux/errno.js';
import { factsHybrid, factsV1, factsV2, mountsOf } from '../testing/cgroup-hosts.js';
import { errorOf } from '../testing/error-of.js';
import { type FakeSetup, fakeCgroups } from '../testing/fake-cgroups.js';
import { createCgroups, updateCgroups } from './act.js';
import type { CgroupFacts, CgroupRecord } from './driver.js';
import { planCgroup } from './plan.js';

const ROOT = '/sys/fs/cgroup';

const membership = ({ hierarchies, unified }: CgroupFacts) =>
  [...hierarchies, ...(unified ? [{ ...unified, controllers: [] }] : [])]
    .map(({ controllers, own }, i) => `${i}:${controllers.join(',')}:${own}\n`)
    .join('');

/** A container that is there, on a host whose cgroups are those of `facts`. */
function container(facts: CgroupFacts, setup: FakeSetup = {}, cgroupsPath = '/c') {
  const files = { ...setup.files, '/proc/self/cgroup': membership(facts) };
  const fake = fakeCgroups({ mounts: mountsOf(facts), ...setup, files });
  const spec = { ociVersion: '1.2.0', linux: { cgroupsPath } };
  const plan = planCgroup(facts, spec, 'id');
  createCgroups(fake.context, plan, () => {});
  const before = fake.writes.length;
  return {
    fake,
    update: (resources: LinuxResources) => updateCgroups(fake.context, plan.record, resources),
    put: (file: string, text: string) => fake.put(`${ROOT}/${file}`, text),
    read: (file: string) => fake.read(`${ROOT}/${file}`)?.trim(),
    written: () =>
      fake.writes.slice(before).map(([path, value]) => `${path.slice(ROOT.length + 1)}=${value}`),
  };
}

const refusing = (...names: readonly string[]): FakeSetup => ({
  onWrite: (path) => (names.some((name) => path.endsWith(name)) ? errno.EINVAL : undefined),
});

const M = 2 ** 20;

describe('an update', () => {
  it('writes what it asks for and nothing else, devices never', () => {
    const { fake, update, written } = container(factsV1());
    update({ pids: { limit: 7 }, devices: [{ allow: false }], cpu: { cpus: '1' } });
    expect(written()).toEqual(['cpuset/c/cpuset.cpus=1', 'pids/c/pids.max=7']);
    expect(fake.open()).toEqual([]);
  });

  it('v2: hands controllers down again, in case they were not when it was made', () => {
    const { update, written } = container(factsHybrid());
    const file = 'unified/c/hugetlb.2MB.max';
    const error = errorOf(() => update({ hugepageLimits: [{ pageSize: '2MB', limit: 0 }] }));
    expect(error.message).toContain(file);
    expect(written()).toEqual(['unified/cgroup.subtree_control=+hugetlb']);
  });

  it('of a container without cgroups is refused', () => {
    const { fake } = container(factsV2());
    const none: CgroupRecord = { mode: 'none', directories: [] };
    expect(errorOf(() => updateCgroups(fake.context, none, { pids: { limit: 5 } }))).toMatchObject({
      at: '/linux/resources/pids/limit',
      hint: 'the container was created without cgroups of its own',
    });
    updateCgroups(fake.context, none, {});
  });

  it('where cgroups look otherwise than for create is refused', () => {
    const { fake } = container(factsV2());
    const { record } = planCgroup(factsV1(), { ociVersion: '1.2.0' }, 'id');
    expect(errorOf(() => updateCgroups(fake.context, record, {})).message).toBe(
      'the container was created with cgroups of kind v1, here they are v2',
    );
  });

  it('is checked before anything is written', () => {
    const { update, written } = container(factsV2('/', ['memory', 'pids']));
    const memory = { limit: 100, checkBeforeUpdate: true };
    expect(errorOf(() => update({ memory, pids: { limit: 5 } })).message).toContain(
      'rejecting memory limit 100',
    );
    expect(written()).toEqual([]);
  });
});

describe('what depends on what is there', () => {
  const v2 = () => {
    const made = container(factsV2('/', ['cpu', 'memory']));
    made.put('c/cpu.max', '5000 20000\n');
    made.put('c/memory.max', `${64 * M}\n`);
    made.put('c/memory.swap.max', '0\n');
    return made;
  };

  it.each([
    [{ cpu: { quota: 7000 } }, ['c/cpu.max=7000 20000']],
    [{ cpu: { period: 30000 } }, ['c/cpu.max=5000 30000']],
    [{ cpu: { quota: -1 } }, ['c/cpu.max=max 20000']],
    [{ memory: { swap: 96 * M } }, [`c/memory.swap.max=${32 * M}`]],
    [{ memory: { limit: 16 * M } }, [`c/memory.max=${16 * M}`]],
    [
      { memory: { limit: 16 * M, swap: 20 * M } },
      [`c/memory.swap.max=${4 * M}`, `c/memory.max=${16 * M}`],
    ],
    [{ memory: { limit: -1 } }, ['c/memory.swap.max=max', 'c/memory.max=max']],
  ] as const)('v2: %j', (resources, expected) => {
    const { update, written } = v2();
    update(resources);
    expect(written().filter((text) => !text.includes('subtree_control'))).toEqual(expected);
  });

  it('v2: swap without a limit of memory, asked for or there, is refused', () => {
    const { update, put } = v2();
    put('c/memory.max', 'max\n');
    expect(errorOf(() => update({ memory: { swap: M } })).message).toContain(
      'without memory limit',
    );
  });

  it('v1: swap is held against the limit that is there', () => {
    const { update, put, written } = container(factsV1());
    expect(errorOf(() => update({ memory: { swap: M } })).message).toContain(
      'without memory limit',
    );
    put('memory/c/memory.limit_in_bytes', `${2 * M}\n`);
    expect(errorOf(() => update({ memory: { swap: M } })).message).toContain(
      `below the memory limit ${2 * M}`,
    );
    update({ memory: { swap: 3 * M } });
    expect(written()).toEqual([`memory/c/memory.memsw.limit_in_bytes=${3 * M}`]);
  });
});

describe('a limit that is refused', () => {
  it('takes all others with it, last first', () => {
    const { fake, update, written, read } = container(factsV1(), refusing('pids.max'));
    const resources = {
      memory: { limit: 4 * M, swap: 8 * M },
      cpu: { shares: 5, quota: 9000, cpus: '1' },
      pids: { limit: 5_000_000 },
    };
    const error = errorOf(() => update(resources));
    expect(error.at).toBe('/linux/resources/pids/limit');
    expect(written().slice(-5)).toEqual([
      'cpu,cpuacct/c/cpu.cfs_quota_us=-1',
      'cpu,cpuacct/c/cpu.shares=1024',
      'memory/c/memory.memsw.limit_in_bytes=9223372036854771712',
      'memory/c/memory.limit_in_bytes=9223372036854771712',
      'cpuset/c/cpuset.cpus=0-3',
    ]);
    expect(written()).toHaveLength(10);
    expect(read('cpuset/c/cpuset.cpus')).toBe('0-3');
    expect(fake.warnings).toEqual([]);
    expect(fake.open()).toEqual([]);
  });

  it('leaves alone what said so already', () => {
    const { update, put, written } = container(factsV1(), refusing('pids.max'));
    put('cpu,cpuacct/c/cpu.shares', '5\n');
    errorOf(() => update({ cpu: { shares: 5 }, pids: { limit: 3 } }));
    expect(written()).toEqual(['cpu,cpuacct/c/cpu.shares=5']);
  });

  it('gives back the shares that an idle cgroup has lost', () => {
    const { update, put, written } = container(factsV1(), refusing('pids.max'));
    put('cpu,cpuacct/c/cpu.shares', '500\n');
    put('cpu,cpuacct/c/cpu.idle', '0\n');
    errorOf(() => update({ cpu: { idle: 1 }, pids: { limit: 3 } }));
    expect(written()).toEqual([
      'cpu,cpuacct/c/cpu.idle=1',
      'cpu,cpuacct/c/cpu.idle=0',
      'cpu,cpuacct/c/cpu.shares=500',
    ]);
  });

  it('takes back the line of one device alone', () => {
    const { update, put, written } = container(
      factsV2('/', ['io', 'pids']),
      refusing('pids.max', 'misc'),
    );
    put('c/io.max', '8:0 rbps=5 wbps=max riops=max wiops=max\n');
    const unified = { 'io.max': '8:16 wbps=3', 'pids.max': '3' };
    errorOf(() => update({ unified }));
    expect(written().slice(1)).toEqual(['c/io.max=8:16 wbps=3', 'c/io.max=8:16 wbps=max']);
  });

  it('tells what could not be taken back', () => {
    let full = false;
    const onWrite = (path: string, value: string) => {
      if (path.endsWith('pids.max')) full = true;
      if (path.endsWith('pids.max') || (full && value === '1024')) return errno.EINVAL;
      return undefined;
    };
    const { fake, update } = container(factsV1(), { onWrite });
    const error = errorOf(() => update({ cpu: { shares: 5 }, pids: { limit: 3 } }));
    expect(error.at).toBe('/linux/resources/pids/limit');
    expect(fake.warnings).toEqual([
      expect.stringMatching(/cpu\.shares does not say 1024 again: .*EINVAL/),
    ]);
  });

  it('takes back time for real-time processes, here and above', () => {
    const { update, written } = container(factsV1(), refusing('pids.max'), '/a/c');
    errorOf(() => update({ cpu: { realtimeRuntime: 5 }, pids: { limit: 3 } }));
    expect(written()).toEqual([
      'cpu,cpuacct/a/cpu.rt_runtime_us=5',
      'cpu,cpuacct/a/c/cpu.rt_runtime_us=5',
      'cpu,cpuacct/a/c/cpu.rt_runtime_us=0',
      'cpu,cpuacct/a/cpu.rt_runtime_us=0',
    ]);
  });
});

describe('CPUs of cgroups that have others below them', () => {
  it('v1: are taken from those below first, and given back when the update fails', () => {
    let busy = true;
    const onWrite = (path: string, value: string) => {
      if (path.endsWith('pids.max')) return errno.EINVAL;
      if (path.endsWith('c/x/cpuset.cpus')) busy = false;
      return busy && path.endsWith('c/cpuset.cpus') && value === '1' ? errno.EBUSY : undefined;
    };
    const made = container(factsV1(), { onWrite });
    made.fake.make(`${ROOT}/cpuset/c/x`);
    made.put('cpuset/c/x/cpuset.cpus', '0-2\n');
    errorOf(() => made.update({ cpu: { cpus: '1' }, pids: { limit: 5 } }));
    expect(made.written()).toEqual([
      'cpuset/c/x/cpuset.cpus=1',
      'cpuset/c/cpuset.cpus=1',
      'cpuset/c/cpuset.cpus=0-3',
      'cpuset/c/x/cpuset.cpus=0-2',
    ]);
  });
});
