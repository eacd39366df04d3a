import { describe, expect, it } from 'vitest';
import { SIGKILL, SIGTERM } from '../linux/constants.js';
import { factsHybrid, factsV1, factsV2 } from '../testing/cgroup-hosts.js';
import type { FakeSetup } from '../testing/fake-cgroups.js';
import { create, hostOf, planOf, ROOT } from '../testing/made-cgroups.js';
import {
  destroyCgroups,
  isFrozen,
  killAll,
  memoryStory,
  oomKills,
  processesIn,
  thaw,
} from './act.js';
import type { CgroupFacts } from './driver.js';

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
