import { describe, expect, it } from 'vitest';
import { AT_REMOVEDIR } from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import { factsHybrid, factsV1, factsV2, mountsOf } from '../testing/cgroup-hosts.js';
import { errorOf } from '../testing/error-of.js';
import { type FakeCgroups, fakeCgroups } from '../testing/fake-cgroups.js';
import { count, create, hostOf, planOf, ROOT } from '../testing/made-cgroups.js';
import { openEntrances } from './act.js';

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
