import { describe, expect, it } from 'vitest';
import type { CgroupPlan } from '../cgroup/driver.js';
import { SIGKILL } from '../linux/constants.js';
import { fakeHost } from '../testing/fake-host.js';
import { applySparing } from './serve.js';

const path = '/sys/fs/cgroup/c1';
const events = (kills: number) => `oom 1\noom_kill ${kills}\n`;

/** A limit that is written to a cgroup whose kernel then counts so many killed processes. */
function limited(file: string, killedBefore: number, killedAfter: number) {
  const record = {
    mode: 'v2',
    directories: [{ path, controllers: [], mountpoint: '/sys/fs/cgroup' }],
  } as const;
  const plan: CgroupPlan = {
    record,
    view: record,
    owner: null,
    inherited: [],
    realtime: null,
    before: [],
    checks: [],
    limits: [{ file: `${path}/${file}`, value: '4096', at: '/linux/resources' }],
    devices: null,
    notes: [],
  };
  const host = fakeHost({
    files: { [`${path}/${file}`]: '', [`${path}/memory.events`]: events(killedBefore) },
    natives: {
      write: (_, __, length) => {
        host.machine.tree.put(`${path}/memory.events`, events(killedAfter));
        if (killedAfter > killedBefore) host.machine.end(4242, SIGKILL);
        return Number(length);
      },
    },
  });
  host.machine.addProcess(4242, '1');
  applySparing(host.context, 4242, plan);
  return host;
}

describe('limits of a process that waits', () => {
  it('are told when they have it killed', () => {
    expect(() => limited('memory.max', 0, 1)).toThrow('OOM-killed');
    expect(() => limited('memory.max', 2, 3)).toThrow('OOM-killed');
  });

  it('are well when only an earlier container of the same cgroup was killed', () => {
    expect(limited('memory.max', 2, 2).machine.processes.has(4242)).toBe(true);
  });

  it('of other things cost no look at what was killed', () => {
    expect(limited('pids.max', 0, 0).trace().join('\n')).not.toContain('memory.events');
  });
});
