import { describe, expect, it } from 'vitest';
import { factsV1, factsV2 } from '../testing/cgroup-hosts.js';
import { errorOf } from '../testing/error-of.js';
import { count, create, hostOf, planOf, ROOT } from '../testing/made-cgroups.js';
import { destroyCgroups } from './act.js';

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
