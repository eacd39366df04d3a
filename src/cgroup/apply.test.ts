import { describe, expect, it } from 'vitest';
import type { LinuxResources } from '../generated/spec-types.js';
import {
  BPF_CGROUP_DEVICE,
  BPF_F_ALLOW_MULTI,
  BPF_F_REPLACE,
  BPF_PROG_ATTACH,
  BPF_PROG_DETACH,
  BPF_PROG_GET_FD_BY_ID,
} from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import { factsV1, factsV2 } from '../testing/cgroup-hosts.js';
import { errorOf } from '../testing/error-of.js';
import type { FakeSetup } from '../testing/fake-cgroups.js';
import { create, hostOf, planOf, ROOT } from '../testing/made-cgroups.js';
import { applyCpuset, applyLimits } from './act.js';
import type { CgroupFacts } from './driver.js';

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
