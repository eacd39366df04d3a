import { describe, expect, it } from 'vitest';
import { errno } from '../linux/errno.js';
import { factsHybrid, factsV1, factsV2, mountsOf } from '../testing/cgroup-hosts.js';
import { type FakeHostSetup, fakeHost } from '../testing/fake-host.js';
import { createCgroups } from './act.js';
import { delegate } from './delegate.js';
import type { CgroupFacts, CgroupPlan } from './driver.js';
import { planCgroup } from './plan.js';

const OWNER = 700_000;

const planOf = (facts: CgroupFacts, owner: number | null): CgroupPlan => ({
  ...planCgroup(facts, { ociVersion: '1.2.0', linux: { cgroupsPath: '/c' } }, 'id'),
  owner,
});

/** Who owns what of a cgroup once it has been given away. */
function given(facts: CgroupFacts, owner: number | null, setup: FakeHostSetup = {}) {
  const fake = fakeHost({ cgroups: mountsOf(facts), ...setup });
  const plan = planOf(facts, owner);
  for (const { path } of plan.record.directories) fake.context.host.raw.mkdirat(-100, path, 0o755);
  const before = fake.calls.length;
  delegate(fake.context, plan);
  const owned = [...fake.machine.tree.nodes]
    .filter(([, { uid }]) => uid === OWNER)
    .map(([path, { gid }]) => `${path} ${gid}`);
  expect(fake.open()).toEqual([]);
  return { owned: owned.sort(), calls: fake.trace().slice(before) };
}

const LIST = '/sys/kernel/cgroup/delegate';
const c = '/sys/fs/cgroup/c';

describe('a cgroup with an owner', () => {
  it('is given away with the files that the kernel names', () => {
    const files = { [LIST]: 'cgroup.procs\ncgroup.freeze\n' };
    expect(given(factsV2(), OWNER, { files }).owned).toEqual([
      `${c} 0`,
      `${c}/cgroup.freeze 0`,
      `${c}/cgroup.procs 0`,
    ]);
  });

  it('is given away with the files of cgroups(7) where the kernel names none', () => {
    expect(given(factsV2(), OWNER).owned).toEqual([
      `${c} 0`,
      `${c}/cgroup.procs 0`,
      `${c}/cgroup.subtree_control 0`,
    ]);
  });

  it('need not have all of these files', () => {
    const files = { [LIST]: 'memory.reclaim\ncgroup.procs\n' };
    expect(given(factsV2(), OWNER, { files }).owned).toEqual([`${c} 0`, `${c}/cgroup.procs 0`]);
  });

  it('keeps its group', () => {
    const { calls } = given(factsV2(), OWNER);
    const changes = calls.filter((line) => line.startsWith('fchownat'));
    expect(changes).toHaveLength(4);
    for (const line of changes) expect(line).toMatch(/0xaae60, 0xffffffff, 0/);
  });

  it('is the unified one alone', () => {
    const { owned } = given(factsHybrid(), OWNER);
    expect(owned.every((path) => path.startsWith('/sys/fs/cgroup/unified/c'))).toBe(true);
    expect(owned).toHaveLength(3);
    expect(given(factsV1(), OWNER)).toEqual({ owned: [], calls: [] });
  });

  it.each([
    ['directory', 0],
    ['file', 1],
  ])('whose %s cannot be given away is an error', (_, failing) => {
    let calls = 0;
    const fchownat = () => (calls++ === failing ? -errno.EPERM : 0);
    expect(() => given(factsV2(), OWNER, { natives: { fchownat } })).toThrow(
      expect.objectContaining({ call: expect.objectContaining({ errno: errno.EPERM }) }),
    );
  });
});

describe('a cgroup without an owner', () => {
  it('is not touched', () => {
    expect(given(factsV2(), null)).toEqual({ owned: [], calls: [] });
  });
});

it('is given away when it is made', () => {
  const fake = fakeHost({ cgroups: mountsOf(factsV2()) });
  createCgroups(fake.context, planOf(factsV2(), OWNER), () => {});
  expect(fake.machine.tree.nodes.get(c)?.uid).toBe(OWNER);
});
