import { describe, expect, it } from 'vitest';
import { RuntimeError } from '../errors/error.js';
import type { LinuxResources } from '../generated/spec-types.js';
import {
  AT_REMOVEDIR,
  BPF_CGROUP_DEVICE,
  BPF_F_ALLOW_MULTI,
  BPF_F_REPLACE,
  BPF_PROG_ATTACH,
  BPF_PROG_DETACH,
  BPF_PROG_GET_FD_BY_ID,
  SIGKILL,
  SIGTERM,
} from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import { factsHybrid, factsV1, factsV2, mountsOf } from '../testing/cgroup-hosts.js';
import { errorOf } from '../testing/error-of.js';
import { type FakeCgroups, type FakeSetup, fakeCgroups } from '../testing/fake-cgroups.js';
import {
  applyCpuset,
  applyLimits,
  createCgroups,
  destroyCgroups,
  isFrozen,
  killAll,
  memoryStory,
  oomKills,
  openEntrances,
  processesIn,
  thaw,
} from './act.js';
import type { CgroupFacts, CgroupPlan } from './driver.js';
import { planCgroup } from './plan.js';

const ROOT = '/sys/fs/cgroup';

const planOf = (facts: CgroupFacts, cgroupsPath = '/c', resources: LinuxResources = {}) =>
  planCgroup(facts, { ociVersion: '1.2.0', linux: { cgroupsPath, resources } }, 'id');

const hostOf = (facts: CgroupFacts, setup: FakeSetup = {}) =>
  fakeCgroups({ mounts: mountsOf(facts), ...setup });

/** Makes the cgroups; the answer undoes that. */
function create({ context }: FakeCgroups, plan: CgroupPlan): () => void {
  const steps: (() => void)[] = [];
  createCgroups(context, plan, (step) => steps.unshift(step));
  return () => {
    for (const step of steps) step();
  };
}

const count = (fake: FakeCgroups, name: string) =>
  fake.calls.filter((call) => call === name).length;

it('v2: may be told CPUs and memory nodes ahead of everything else', () => {
  const fake = hostOf(factsV2());
  const plan = planOf(factsV2(), '/c', { cpu: { shares: 2, cpus: '0', mems: '0' } });
  create(fake, plan);
  for (const name of ['cpus', 'mems']) fake.put(`${ROOT}/c/cpuset.${name}`, '');
  const { length } = fake.writes;
  applyCpuset(fake.context, plan);
  expect(fake.writes.slice(length)).toEqual([
    [`${ROOT}/c/cpuset.cpus`, '0'],
    [`${ROOT}/c/cpuset.mems`, '0'],
  ]);
});

describe('making cgroups', () => {
  it('asks for each directory once when its parent is there', () => {
    const fake = hostOf(factsHybrid());
    const plan = planOf(factsHybrid());
    create(fake, plan);
    expect(fake.cgroups()).toEqual(plan.record.directories.map(({ path }) => path));
    expect(count(fake, 'mkdirat')).toBe(plan.record.directories.length);
    expect(fake.writes).toEqual([
      [`${ROOT}/cpuset/c/cpuset.cpus`, '0-3'],
      [`${ROOT}/cpuset/c/cpuset.mems`, '0'],
    ]);
    expect(fake.calls).toHaveLength(8 + 2 * 6);
    expect(fake.open()).toEqual([]);
  });

  it('makes missing parents, and fills the cpuset of each from the top down', () => {
    const fake = hostOf(factsV1());
    create(fake, planOf(factsV1(), '/a/b/c', { cpu: { cpus: '1' } }));
    expect(fake.cgroups()).toContain(`${ROOT}/memory/a/b/c`);
    expect(fake.writes).toEqual([
      [`${ROOT}/cpuset/a/cpuset.cpus`, '0-3'],
      [`${ROOT}/cpuset/a/b/cpuset.cpus`, '0-3'],
      [`${ROOT}/cpuset/a/b/c/cpuset.cpus`, '1'],
      [`${ROOT}/cpuset/a/cpuset.mems`, '0'],
      [`${ROOT}/cpuset/a/b/cpuset.mems`, '0'],
      [`${ROOT}/cpuset/a/b/c/cpuset.mems`, '0'],
    ]);
  });

  it('v2: hands controllers down, and each alone where not all can be had', () => {
    const refuses = (_: string, value: string) =>
      value.includes('+cpu ') || value === '+cpu' ? errno.EINVAL : undefined;
    const fake = hostOf(factsV2('/', ['cpu', 'memory', 'pids']), { onWrite: refuses });
    create(fake, planOf(factsV2('/', ['cpu', 'memory', 'pids']), '/a/c'));
    expect(fake.writes).toEqual([
      [`${ROOT}/cgroup.subtree_control`, '+memory'],
      [`${ROOT}/cgroup.subtree_control`, '+pids'],
      [`${ROOT}/a/cgroup.subtree_control`, '+memory'],
      [`${ROOT}/a/cgroup.subtree_control`, '+pids'],
    ]);
  });

  it('takes a cgroup that is there, when nothing lives in it', () => {
    const fake = hostOf(factsV1());
    fake.make(`${ROOT}/memory/c`);
    const undo = create(fake, planOf(factsV1()));
    undo();
    expect(fake.cgroups()).toEqual([`${ROOT}/memory/c`]);
  });

  it('refuses one that somebody lives in, even further down', () => {
    const fake = hostOf(factsV1());
    fake.make(`${ROOT}/memory/c`);
    fake.make(`${ROOT}/memory/c/deep`);
    fake.put(`${ROOT}/memory/c/deep/cgroup.procs`, '12\n13\n0\n');
    expect(errorOf(() => create(fake, planOf(factsV1()))).message).toContain(
      "container's cgroup is not empty: 2 process(es) found",
    );
  });

  it.each([
    ['v1', factsV1(), `${ROOT}/freezer/c`, 'freezer.state', 'FREEZING\n'],
    ['v2', factsV2(), `${ROOT}/c`, 'cgroup.freeze', '1\n'],
  ] as const)('%s: refuses one that is frozen', (_, facts, directory, name, state) => {
    const fake = hostOf(facts);
    fake.make(directory);
    fake.put(`${directory}/${name}`, state);
    expect(errorOf(() => create(fake, planOf(facts))).message).toContain(
      "container's cgroup unexpectedly frozen",
    );
  });

  it('undoing removes what was made, with its parents, and nothing else', () => {
    const fake = hostOf(factsV2());
    fake.make(`${ROOT}/a`);
    const undo = create(fake, planOf(factsV2(), '/a/b/c'));
    fake.make(`${ROOT}/a/b/c/inner`);
    undo();
    expect(fake.cgroups()).toEqual([`${ROOT}/a`]);
  });

  it('undoing leaves what others have put beside it meanwhile, and waits for nobody', () => {
    const fake = hostOf(factsV2());
    const undo = create(fake, planOf(factsV2(), '/a/b/c'));
    fake.make(`${ROOT}/a/b/other`);
    fake.make(`${ROOT}/a/b/other/inner`);
    undo();
    const left = ['a', 'a/b', 'a/b/other', 'a/b/other/inner'].map((path) => `${ROOT}/${path}`);
    expect(fake.cgroups()).toEqual(left);
  });

  it('makes what is above again when others take it away', () => {
    const fake = hostOf(factsV2());
    const { raw } = fake.context.host;
    const { mkdirat } = raw;
    let taken = 0;
    const takenAway: typeof mkdirat = (dir, path, mode) => {
      const result = mkdirat(dir, path, mode);
      const take = path === `${ROOT}/a/b` && result === 0 && taken++ < 2;
      if (take) raw.unlinkat(dir, `${ROOT}/a/b`, AT_REMOVEDIR);
      return result;
    };
    Object.assign(raw, { mkdirat: takenAway });
    create(fake, planOf(factsV2(), '/a/b/c'));
    expect(fake.cgroups()).toContain(`${ROOT}/a/b/c`);
    expect(taken).toBe(3);
  });

  it('names cgroupsPath when a directory cannot be made', () => {
    const facts = factsV1();
    const fake = fakeCgroups({ mounts: mountsOf(facts).slice(1) });
    const error = errorOf(() => create(fake, planOf(facts)));
    expect(error).toMatchObject({ code: 'syscall', at: '/linux/cgroupsPath' });
    expect(error.call).toMatchObject({ name: 'mkdirat', errno: errno.ENOENT });
  });
});

describe('time for real-time processes', () => {
  const ask = { cpu: { realtimePeriod: 1000, realtimeRuntime: 10 } };
  const cpu = `${ROOT}/cpu,cpuacct`;
  const told = (fake: FakeCgroups) =>
    fake.writes.filter(([path]) => path.includes('cpu.rt_')).map(([path, value]) => [path, value]);

  it('is given to the cgroup before anything joins, and to those above that have none', () => {
    const fake = hostOf(factsV1());
    fake.make(`${cpu}/a`);
    fake.put(`${cpu}/a/cpu.rt_runtime_us`, '500\n');
    create(fake, planOf(factsV1(), '/a/b/c', ask));
    expect(told(fake)).toEqual([
      [`${cpu}/a/b/cpu.rt_period_us`, '1000'],
      [`${cpu}/a/b/cpu.rt_runtime_us`, '10'],
      [`${cpu}/a/b/c/cpu.rt_period_us`, '1000'],
      [`${cpu}/a/b/c/cpu.rt_runtime_us`, '10'],
    ]);
    expect(fake.open()).toEqual([]);
  });

  it('a period alone concerns nobody above', () => {
    const fake = hostOf(factsV1());
    create(fake, planOf(factsV1(), '/a/c', { cpu: { realtimePeriod: 1000 } }));
    expect(told(fake)).toEqual([[`${cpu}/a/c/cpu.rt_period_us`, '1000']]);
  });

  it('a kernel without real-time groups is named', () => {
    const mounts = mountsOf(factsV1()).map((mount) => ({
      ...mount,
      files: { tasks: '', 'cgroup.procs': '', 'cpuset.cpus': '', 'cpuset.mems': '' },
    }));
    const bare = fakeCgroups({ mounts });
    const error = errorOf(() => create(bare, planOf(factsV1(), '/c', ask)));
    expect(error).toMatchObject({
      at: '/linux/resources/cpu/realtimePeriod',
      hint: expect.stringContaining('CONFIG_RT_GROUP_SCHED'),
    });
  });
});

describe('entrances', () => {
  it('are the tasks files of v1 and the directory of the unified hierarchy', () => {
    const fake = hostOf(factsHybrid());
    const plan = planOf(factsHybrid());
    create(fake, plan);
    {
      using entrances = openEntrances(fake.context, plan.record);
      expect(entrances.tasks).toHaveLength(7);
      expect(entrances.unified).not.toBeNull();
      expect(fake.open()).toContain(`${ROOT}/unified/c`);
      expect(fake.open()).toContain(`${ROOT}/memory/c/tasks`);
    }
    expect(fake.open()).toEqual([]);
  });
});

describe('applying limits', () => {
  const M = 2 ** 20;
  const ready = (facts: CgroupFacts, resources: LinuxResources, setup: FakeSetup = {}) => {
    const fake = hostOf(facts, setup);
    const plan = planOf(facts, '/c', resources);
    create(fake, plan);
    const before = fake.writes.length;
    return { fake, plan, written: () => fake.writes.slice(before) };
  };

  it('writes limits first, then the difference of the device lists', () => {
    const { fake, plan, written } = ready(factsV1(), { pids: { limit: 7 } });
    applyLimits(fake.context, plan);
    expect(written().slice(0, 4)).toEqual([
      [`${ROOT}/pids/c/pids.max`, '7'],
      [`${ROOT}/devices/c/devices.deny`, 'a'],
      [`${ROOT}/devices/c/devices.allow`, 'c *:* m'],
      [`${ROOT}/devices/c/devices.allow`, 'b *:* m'],
    ]);
    expect(written()).toHaveLength(13);
    expect(fake.open()).toEqual([]);
  });

  it('v2: attaches the device filter to the directory', () => {
    const { fake, plan } = ready(factsV2(), {});
    applyLimits(fake.context, plan);
    expect(fake.calls.slice(-6)).toEqual([
      'openat2',
      'loadDeviceFilter',
      'deviceFilters',
      'bpf',
      'close',
      'close',
    ]);
    expect(fake.bpf).toEqual([[BPF_PROG_ATTACH, 3, 900, BPF_CGROUP_DEVICE, BPF_F_ALLOW_MULTI]]);
  });

  it('v2: one filter takes the place of another, and all others go', () => {
    const filters = { [`${ROOT}/c`]: [7, 8] };
    const { fake, plan } = ready(factsV2(), {}, { filters });
    applyLimits(fake.context, plan);
    const flags = BPF_F_ALLOW_MULTI | BPF_F_REPLACE;
    expect(fake.bpf).toEqual([
      [BPF_PROG_GET_FD_BY_ID, 7],
      [BPF_PROG_ATTACH, 3, 900, BPF_CGROUP_DEVICE, flags, 1007],
      [BPF_PROG_GET_FD_BY_ID, 8],
      [BPF_PROG_DETACH, 3, 1008, BPF_CGROUP_DEVICE, 0],
    ]);
    expect(fake.open()).toEqual([]);
  });

  it('v2: a filter that was left on a cgroup is gone for who may use every device', () => {
    const fake = hostOf(factsV2(), { filters: { [`${ROOT}/c`]: [7] } });
    fake.make(`${ROOT}/c`);
    create(fake, planOf(factsV2(), '/c', { devices: [{ allow: true }] }));
    expect(fake.bpf).toEqual([
      [BPF_PROG_GET_FD_BY_ID, 7],
      [BPF_PROG_DETACH, 3, 1007, BPF_CGROUP_DEVICE, 0],
    ]);
    expect(fake.open()).toEqual([]);
  });

  it('writes memory and swap in the other order when the kernel refuses the first', () => {
    let swapIsRaised = false;
    const { fake, plan, written } = ready(
      factsV1(),
      { memory: { limit: 4 * M, swap: 8 * M }, devices: [{ allow: true }] },
      {
        onWrite: (path) => {
          if (path.endsWith('memsw.limit_in_bytes')) swapIsRaised = true;
          return path.endsWith('memory.limit_in_bytes') && !swapIsRaised ? errno.EINVAL : undefined;
        },
      },
    );
    applyLimits(fake.context, plan);
    expect(written()).toEqual([
      [`${ROOT}/memory/c/memory.memsw.limit_in_bytes`, String(8 * M)],
      [`${ROOT}/memory/c/memory.limit_in_bytes`, String(4 * M)],
    ]);
  });

  it('a refused limit names field, file, value, errno and what to do', () => {
    const onWrite = (path: string) => (path.endsWith('pids.max') ? errno.EINVAL : undefined);
    const { fake, plan } = ready(factsV1(), { pids: { limit: 5_000_000 } }, { onWrite });
    expect(errorOf(() => applyLimits(fake.context, plan))).toMatchObject({
      code: 'syscall',
      at: '/linux/resources/pids/limit',
      message: `cannot set ${ROOT}/pids/c/pids.max to "5000000"`,
      call: { name: 'write', errno: errno.EINVAL },
      hint: 'at most 4194304, or -1 for no limit',
    });
    expect(fake.open()).toEqual([]);
  });

  it('a memory limit that the kernel finds too low tells how much is in use', () => {
    const onWrite = (path: string) => (path.endsWith('limit_in_bytes') ? errno.EBUSY : undefined);
    const { fake, plan } = ready(factsV1(), { memory: { limit: 4096 } }, { onWrite });
    expect(errorOf(() => applyLimits(fake.context, plan)).hint).toBe(
      'memory in use: 4096, at most so far: 8192',
    );
  });

  it('a file that is not there names the controller that should be enabled', () => {
    const { fake, plan } = ready(factsV2(), { cpu: { quota: 5000 } });
    const error = errorOf(() => applyLimits(fake.context, plan));
    expect(error.message).toContain(`${ROOT}/c/cpu.max`);
    expect(error.hint).toContain('enables cpu');
  });

  it('a missing file does not matter when the limit is none', () => {
    const { fake, plan, written } = ready(factsV2(), { memory: { limit: -1 } });
    applyLimits(fake.context, plan);
    expect(written()).toEqual([[`${ROOT}/c/memory.max`, 'max']]);
  });

  it('checkBeforeUpdate refuses a limit below what is in use', () => {
    const memory = { limit: 100, checkBeforeUpdate: true };
    const { fake, plan, written } = ready(factsV2(), { memory });
    expect(errorOf(() => applyLimits(fake.context, plan))).toMatchObject({
      at: '/linux/resources/memory/limit',
      message: 'rejecting memory limit 100: 4096 bytes are in use',
    });
    expect(written()).toEqual([]);
  });

  it('checkBeforeUpdate counts memory and swap for the limit of both', () => {
    const memory = { limit: 5000, swap: 5000, checkBeforeUpdate: true };
    const { fake, plan, written } = ready(factsV2(), { memory });
    fake.put(`${ROOT}/c/memory.swap.current`, '1000\n');
    expect(errorOf(() => applyLimits(fake.context, plan))).toMatchObject({
      at: '/linux/resources/memory/swap',
      message: 'rejecting memory+swap limit 5000: 5096 bytes are in use',
    });
    expect(written()).toEqual([]);
  });

  it('tells what is ignored', () => {
    const { fake, plan } = ready(factsV2(), { memory: { kernel: 5 } });
    applyLimits(fake.context, plan);
    expect(fake.warnings).toEqual([expect.stringContaining('memory/kernel is ignored')]);
  });

  const io = (setup: FakeSetup, ...files: readonly string[]) => {
    const blockIO = { weight: 100, weightDevice: [{ major: 8, minor: 0, weight: 10 }] };
    const devices = [{ allow: true }];
    const { fake, plan, written } = ready(factsV2(), { blockIO, devices }, setup);
    for (const name of files) fake.put(`${ROOT}/c/${name}`, '');
    return { fake, plan, written };
  };
  const weight = '/linux/resources/blockIO/weight';

  it('weights go to the scheduler that is there', () => {
    const bfq = io({}, 'io.bfq.weight', 'io.weight');
    applyLimits(bfq.fake.context, bfq.plan);
    expect(bfq.written()).toEqual([
      [`${ROOT}/c/io.bfq.weight`, '100'],
      [`${ROOT}/c/io.bfq.weight`, '8:0 10'],
    ]);
    const cost = io({}, 'io.weight');
    applyLimits(cost.fake.context, cost.plan);
    expect(cost.written()).toEqual([
      [`${ROOT}/c/io.weight`, '910'],
      [`${ROOT}/c/io.weight`, '8:0 1'],
    ]);
  });

  it('weights without any scheduler for them name both files', () => {
    const { fake, plan } = io({});
    const error = errorOf(() => applyLimits(fake.context, plan));
    expect(error.at).toBe(weight);
    expect(error.message).toContain(`${ROOT}/c/io.bfq.weight, nor ${ROOT}/c/io.weight`);
    expect(error.hint).toContain('modprobe bfq');
  });

  it('a weight that the other scheduler refuses names its file', () => {
    const onWrite = (path: string) => (path.endsWith('io.weight') ? errno.ERANGE : undefined);
    const { fake, plan } = io({ onWrite }, 'io.weight');
    const error = errorOf(() => applyLimits(fake.context, plan));
    expect(error.message).toContain(`cannot set ${ROOT}/c/io.weight to "910"`);
  });

  it.each([
    [{ hugepageLimits: [{ pageSize: '16MB', limit: 1 }] }, 'huge pages of 2MB, 1GB, 64KB'],
    [{ unified: { 'hugetlb.x': '1' } }, 'enables hugetlb'],
  ])('%j, which has no file, tells why', (resources, hint) => {
    const sizes = ['hugepages-2048kB', 'hugepages-1048576kB', 'hugepages-64kB', 'other'];
    const pages = '/sys/kernel/mm/hugepages';
    const files = Object.fromEntries(sizes.map((name) => [`${pages}/${name}`, '']));
    const facts = factsV2('/', ['hugetlb']);
    const { fake, plan } = ready(facts, resources, { files: { ...files, [pages]: '' } });
    expect(errorOf(() => applyLimits(fake.context, plan)).hint).toContain(hint);
  });

  it('reservations of huge pages are left out where the kernel does not count them', () => {
    const facts = factsV2('/', ['hugetlb']);
    const hugepageLimits = [{ pageSize: '2MB', limit: 0 }];
    const { fake, plan, written } = ready(facts, { hugepageLimits });
    fake.put(`${ROOT}/c/hugetlb.2MB.max`, 'max\n');
    applyLimits(fake.context, plan);
    expect(written()).toEqual([[`${ROOT}/c/hugetlb.2MB.max`, '0']]);
  });

  it('a lower quota waits for its burst', () => {
    let burst = 9;
    const { fake, plan, written } = ready(
      factsV2(),
      { cpu: { quota: 5, burst: 4 }, devices: [{ allow: true }] },
      {
        onWrite: (path, value) => {
          if (path.endsWith('burst')) burst = Number(value);
          return path.endsWith('cpu.max') && burst > 5 ? errno.EINVAL : undefined;
        },
      },
    );
    fake.put(`${ROOT}/c/cpu.max`, 'max 100000\n');
    fake.put(`${ROOT}/c/cpu.max.burst`, '0\n');
    applyLimits(fake.context, plan);
    expect(written()).toEqual([
      [`${ROOT}/c/cpu.max.burst`, '4'],
      [`${ROOT}/c/cpu.max`, '5 100000'],
    ]);
  });
});

describe('processes of a container', () => {
  const inhabited = (facts: CgroupFacts, setup: FakeSetup = {}) => {
    const fake = hostOf(facts, setup);
    const { record } = planOf(facts);
    create(fake, planOf(facts));
    return { fake, record };
  };

  it('are counted once, in all hierarchies and on all levels', () => {
    const { fake, record } = inhabited(factsHybrid());
    fake.put(`${ROOT}/memory/c/cgroup.procs`, '20\n3\n');
    fake.make(`${ROOT}/unified/c/x`);
    fake.make(`${ROOT}/unified/c/x/y`);
    fake.put(`${ROOT}/unified/c/x/y/cgroup.procs`, '100\n3\n');
    expect(processesIn(fake.context, record)).toEqual([3, 20, 100]);
    expect(fake.open()).toEqual([]);
  });

  it('v1: are frozen while they are signalled', () => {
    const { fake, record } = inhabited(factsV1());
    fake.put(`${ROOT}/pids/c/cgroup.procs`, '7\n8\n');
    const before = fake.writes.length;
    killAll(fake.context, record, SIGTERM);
    expect(fake.signals).toEqual([
      [7, SIGTERM],
      [8, SIGTERM],
    ]);
    expect(fake.writes.slice(before).map(([, value]) => value)).toEqual(['FROZEN', 'THAWED']);
  });

  it('v2: SIGKILL is one write for all of them', () => {
    const { fake, record } = inhabited(factsV2());
    killAll(fake.context, record, SIGKILL);
    expect(fake.writes.at(-1)).toEqual([`${ROOT}/c/cgroup.kill`, '1']);
    expect(fake.signals).toEqual([]);
  });

  it('stay frozen after a signal when they were before, but not after SIGKILL', () => {
    const { fake, record } = inhabited(factsV1());
    fake.put(`${ROOT}/freezer/c/freezer.state`, 'FROZEN\n');
    fake.put(`${ROOT}/pids/c/cgroup.procs`, '7\n');
    killAll(fake.context, record, SIGTERM);
    expect(isFrozen(fake.context, record)).toBe(true);
    killAll(fake.context, record, SIGKILL);
    expect(isFrozen(fake.context, record)).toBe(false);
    expect(fake.signals.map(([, signal]) => signal)).toEqual([SIGTERM, SIGKILL]);
  });

  it.each([
    ['v1', factsV1(), `${ROOT}/freezer/c/freezer.state`, 'THAWED'],
    ['v2', factsV2(), `${ROOT}/c/cgroup.freeze`, '0'],
  ] as const)('%s: thawing writes one file', (_, facts, file, value) => {
    const { fake, record } = inhabited(facts);
    thaw(fake.context, record);
    expect(fake.writes.at(-1)).toEqual([file, value]);
  });

  it.each([
    ['v1', factsV1(), 2],
    ['v2', factsV2(), 1],
  ] as const)('%s: tell how many of them memory has cost', (_, facts, kills) => {
    const { fake, record } = inhabited(facts);
    expect(oomKills(fake.context, record)).toBe(kills);
  });

  it('tell the limit that was met and how much was used', () => {
    const { fake, record } = inhabited(factsV2());
    const story = () => memoryStory(fake.context, record);
    expect(story()).toBe('');
    fake.put(`${ROOT}/c/memory.max`, '99\n');
    expect(story()).toBe('limit 99 bytes');
    fake.put(`${ROOT}/c/memory.peak`, '77\n');
    expect(story()).toBe('limit 99, peak 77 bytes');
    expect(memoryStory(fake.context, { mode: 'none', directories: [] })).toBe('');
  });

  it('tell whose limit was met when it is that of a cgroup above', () => {
    const fake = hostOf(factsV1());
    const plan = planOf(factsV1(), '/pod/c');
    create(fake, plan);
    fake.put(`${ROOT}/memory/pod/memory.limit_in_bytes`, '4096\n');
    expect(memoryStory(fake.context, plan.record)).toBe(
      `limit 4096 of ${ROOT}/memory/pod, peak 8192 bytes`,
    );
  });

  it.each([
    ['v1', factsV1()],
    ['v2', factsV2()],
    ['none', null],
  ] as const)('%s: are none when the directories are gone', (_, facts) => {
    const fake = hostOf(facts ?? factsV2());
    const record = facts ? planOf(facts).record : ({ mode: 'none', directories: [] } as const);
    expect(processesIn(fake.context, record)).toEqual([]);
    expect(isFrozen(fake.context, record)).toBe(false);
    expect(oomKills(fake.context, record)).toBe(0);
    killAll(fake.context, record, SIGKILL);
    thaw(fake.context, record);
    destroyCgroups(fake.context, record, 0);
    expect(fake.writes).toEqual([]);
  });
});

describe('removing cgroups', () => {
  it('takes those below with them, and one call where there are none', () => {
    const fake = hostOf(factsV1());
    const plan = planOf(factsV1());
    create(fake, plan);
    fake.make(`${ROOT}/memory/c/a`);
    fake.make(`${ROOT}/memory/c/a/b`);
    const before = fake.calls.length;
    destroyCgroups(fake.context, plan.record, 0);
    expect(fake.cgroups()).toEqual([]);
    const calls = fake.calls.slice(before).filter((name) => name === 'unlinkat');
    expect(calls).toHaveLength(7 + 2 + 2);
  });

  it('waits, longer each time, until the last process is gone', () => {
    const fake = hostOf(factsV2(), {
      onWait: (self, waits) => waits === 4 && self.put(`${ROOT}/c/cgroup.procs`, ''),
    });
    const plan = planOf(factsV2());
    create(fake, plan);
    fake.put(`${ROOT}/c/cgroup.procs`, '9\n');
    destroyCgroups(fake.context, plan.record, 1000);
    expect(fake.cgroups()).toEqual([]);
    expect(count(fake, 'ppoll')).toBe(4);
  });

  it('gives up at its deadline and says who is left where', () => {
    const fake = hostOf(factsV1());
    const plan = planOf(factsV1());
    create(fake, plan);
    fake.put(`${ROOT}/pids/c/cgroup.procs`, '9\n11\n');
    const error = errorOf(() => destroyCgroups(fake.context, plan.record, 100));
    expect(error.message).toBe(
      `cannot remove cgroup ${ROOT}/pids/c: still in use, processes: 9, 11`,
    );
    expect(fake.cgroups()).toEqual([`${ROOT}/pids/c`]);
  });

  it('never removes a mount point', () => {
    const fake = hostOf(factsV2());
    const directory = { path: ROOT, mountpoint: ROOT, controllers: [] };
    destroyCgroups(fake.context, { mode: 'v2', directories: [directory] }, 0);
    expect(fake.calls).toEqual([]);
  });
});

describe('a failure at any system call', () => {
  const resources = { memory: { limit: 4096 }, pids: { limit: 5 } };
  const mounts = (facts: CgroupFacts) => mountsOf(facts);

  it.each([
    ['hybrid', factsHybrid()],
    ['v2', factsV2()],
  ] as const)('%s: leaves nothing open and nothing behind', (_, facts) => {
    const attempt = (failing?: number) => {
      const fake = fakeCgroups({
        mounts: mounts(facts),
        ...(failing !== undefined && { failing }),
      });
      const plan = planOf(facts, '/a/b', resources);
      const steps: (() => void)[] = [];
      let failed = false;
      try {
        createCgroups(fake.context, plan, (step) => steps.unshift(step));
        using _entrances = openEntrances(fake.context, plan.record);
        applyLimits(fake.context, plan);
      } catch (thrown) {
        if (!(thrown instanceof RuntimeError)) throw thrown;
        failed = true;
      }
      const calls = fake.calls.length;
      for (const step of steps) step();
      return { calls, failed, open: fake.open(), left: fake.cgroups() };
    };
    const { calls, failed } = attempt();
    expect(failed).toBe(false);
    for (let failing = 0; failing < calls; failing++) {
      expect(attempt(failing)).toMatchObject({ open: [], left: [] });
    }
  });
});
