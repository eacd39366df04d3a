import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { encodeBpf } from '../linux/bpf.js';
import { describeAsRoot } from '../testing/as-root.js';
import {
  devicesInside,
  kernelContext,
  killFrozen,
  testPlan,
  wholeLife,
  withCgroups,
} from '../testing/cgroup-scenario.js';
import { anyRules } from '../testing/device-rules.js';
import { applyLimits, createCgroups } from './act.js';
import { deviceRules } from './devices.js';
import type { CgroupPlan } from './driver.js';
import { probeCgroups } from './probe.js';
import { compileDeviceFilter } from './v2/devices.js';

const context = kernelContext();
const facts = probeCgroups(context);
const MiB = 2 ** 20;

const read = (path: string) => readFileSync(path, 'utf8').trim();
const directoryOf = ({ record }: CgroupPlan, controller: string) =>
  record.directories.find(({ controllers }) => controllers.includes(controller))?.path ?? '';

describeAsRoot('cgroups of this machine', () => {
  it('are found where /proc says that they are', () => {
    const mounts = readFileSync('/proc/self/mounts', 'utf8');
    for (const { mountpoint } of facts.hierarchies) {
      expect(mounts).toContain(` ${mountpoint} cgroup `);
    }
    if (facts.unified !== null) {
      expect(mounts).toContain(` ${facts.unified.mountpoint} cgroup2 `);
    }
  });

  it('are made, entered, frozen, thawed, killed and removed', async () => {
    const life = await wholeLife(context, testPlan(context, 'life', {}));
    expect(life).toMatchObject({ inside: true, frozen: [false, true, false], signal: 'SIGKILL' });
    expect(life.refusal).toContain('still in use, processes: ');
    expect(life.left).toEqual([]);
    for (const line of life.membership.trim().split('\n')) {
      expect(line).toMatch(/\/runts-cgroups-\d+\/life$|^0::/);
    }
  });

  it('let a frozen process die of SIGKILL', async () => {
    expect(await killFrozen(context, testPlan(context, 'frozen', {}))).toBe('SIGKILL');
  });

  it('forbid devices that no rule allows', async () => {
    expect(await devicesInside(context, testPlan(context, 'devices', {}))).toEqual([
      'null yes',
      'denied no',
    ]);
  });

  it('allow devices that a rule allows', async () => {
    const rule = { allow: true, type: 'c' as const, major: 1, minor: 11, access: 'r' };
    const plan = testPlan(context, 'allowed', { devices: [{ allow: false }, rule] });
    expect(await devicesInside(context, plan)).toEqual(['null yes', 'denied yes']);
  });

  it('are gone again when one of them cannot be made', () => {
    const plan = testPlan(context, 'undone', {});
    const last = plan.record.directories.at(-1);
    const directories = plan.record.directories.map((directory) =>
      directory === last ? { ...directory, path: `${directory.path}\n` } : directory,
    );
    const steps: (() => void)[] = [];
    const broken = { ...plan, record: { ...plan.record, directories } };
    try {
      expect(() => createCgroups(context, broken, (step) => steps.unshift(step))).toThrow(
        "cannot make the container's cgroup",
      );
    } finally {
      for (const step of steps) step();
    }
    expect(directories.filter(({ path }) => existsSync(path))).toEqual([]);
  });

  it.skipIf(facts.mode === 'v2')('v1: hold the limits that were asked for', async () => {
    const plan = testPlan(context, 'limits', {
      memory: { limit: 64 * MiB, reservation: 32 * MiB, swap: 96 * MiB, swappiness: 10 },
      cpu: { shares: 512, quota: 50000, period: 200000, cpus: '0', mems: '0' },
      pids: { limit: 0 },
    });
    await withCgroups(context, plan, async () => {
      applyLimits(context, plan);
      const value = (file: string) =>
        read(`${directoryOf(plan, file.split('.')[0] ?? '')}/${file}`);
      expect(value('memory.limit_in_bytes')).toBe(String(64 * MiB));
      expect(value('memory.memsw.limit_in_bytes')).toBe(String(96 * MiB));
      expect(value('memory.soft_limit_in_bytes')).toBe(String(32 * MiB));
      expect(value('memory.swappiness')).toBe('10');
      expect(value('cpu.shares')).toBe('512');
      expect(value('cpu.cfs_quota_us')).toBe('50000');
      expect(value('cpu.cfs_period_us')).toBe('200000');
      expect(value('cpuset.cpus')).toBe('0');
      expect(value('cpuset.mems')).toBe('0');
      expect(value('pids.max')).toBe('0');
    });
  });

  it.skipIf(facts.mode === 'v2')('v1: take new limits in the place of lower ones', async () => {
    const limits = (limit: number) =>
      testPlan(context, 'again', { memory: { limit, swap: limit } });
    await withCgroups(context, limits(8 * MiB), async () => {
      applyLimits(context, limits(8 * MiB));
      applyLimits(context, limits(64 * MiB));
      applyLimits(context, limits(16 * MiB));
      const file = `${directoryOf(limits(1), 'memory')}/memory.memsw.limit_in_bytes`;
      expect(read(file)).toBe(String(16 * MiB));
    });
  });

  it.skipIf(facts.mode === 'v2')('v1: show just the wanted devices in devices.list', async () => {
    const plan = testPlan(context, 'list', { devices: [{ allow: false, access: 'rwm' }] });
    await withCgroups(context, plan, async () => {
      applyLimits(context, plan);
      const list = read(`${directoryOf(plan, 'devices')}/devices.list`).split('\n');
      expect(list).toHaveLength(11);
      expect(list).toContain('c 136:* rwm');
      applyLimits(context, plan);
      expect(read(`${directoryOf(plan, 'devices')}/devices.list`).split('\n')).toEqual(list);
    });
  });

  it('the kernel takes every device filter', () => {
    fc.assert(
      fc.property(anyRules, (rules) => {
        const program = compileDeviceFilter(deviceRules(rules));
        if (program === null) return;
        const { sys } = context.host;
        sys.close(sys.loadDeviceFilter(encodeBpf(program), program.length));
      }),
      { numRuns: 200 },
    );
  });

  it('leave nothing behind', () => {
    const roots = [...facts.hierarchies, ...(facts.unified === null ? [] : [facts.unified])];
    const left = roots.flatMap(({ mountpoint }) =>
      readdirSync(mountpoint).filter((name) => name === `runts-cgroups-${process.pid}`),
    );
    expect(left).toEqual([]);
  });
});

/** A process that sees cgroup v2 alone: the unified hierarchy over a private view of the others. */
const onUnifiedHost = (expression: string) => {
  const view = 'mount --bind /sys/fs/cgroup/unified /sys/fs/cgroup && exec "$@"';
  const script = new URL('../testing/cgroup-scenario.ts', import.meta.url).pathname;
  const code = `import * as s from ${JSON.stringify(script)};
    const context = s.kernelContext();
    console.log(JSON.stringify(await (${expression})));`;
  const node = [process.execPath, '--import', 'tsx', '--input-type=module', '--eval', code];
  const child = spawnSync(
    'unshare',
    ['-m', '--propagation', 'private', 'sh', '-c', view, 'sh', ...node],
    { encoding: 'utf8' },
  );
  if (child.status !== 0) throw new Error(child.stderr);
  return JSON.parse(child.stdout);
};

const hybrid = facts.unified !== null && facts.mode === 'hybrid';

describeAsRoot(hybrid ? 'cgroup v2 alone' : 'cgroup v2 alone (needs a hybrid host)', () => {
  it.runIf(hybrid)('is made, entered, frozen, thawed, killed and removed', () => {
    const life = onUnifiedHost(`s.wholeLife(context, s.testPlan(context, 'life', {}))`);
    expect(life).toMatchObject({
      mode: 'v2',
      inside: true,
      frozen: [false, true, false],
      signal: 'SIGKILL',
      left: [],
    });
    expect(life.membership).toMatch(/^0::\/runts-cgroups-\d+\/life$/m);
    expect(life.refusal).toContain('still in use, processes: ');
  });

  it.runIf(hybrid)('lets a frozen process die of SIGKILL', () => {
    expect(onUnifiedHost(`s.killFrozen(context, s.testPlan(context, 'x', {}))`)).toBe('SIGKILL');
  });

  it.runIf(hybrid)('filters devices', () => {
    const inside = (devices: string) =>
      onUnifiedHost(
        `s.devicesInside(context, s.testPlan(context, 'devices', { devices: ${devices} }))`,
      );
    expect(inside('[]')).toEqual(['null yes', 'denied no']);
    expect(inside(`[{ allow: true, type: 'c', major: 1 }]`)).toEqual(['null yes', 'denied yes']);
    expect(inside('[{ allow: true }]')).toEqual(['null yes', 'denied yes']);
  });

  it.runIf(hybrid)('has one device filter, however often one is put in force', () => {
    expect(onUnifiedHost(`s.filtersOf(context, [[], [{ allow: false }], []])`)).toEqual([1, 1, 1]);
  });

  it.runIf(hybrid)('refuses a limit whose controller is absent', () => {
    const limited = `s.testPlan(context, 'x', { memory: { limit: 4096 } })`;
    expect(() => onUnifiedHost(limited)).toThrow(/this needs the cgroup controller memory/);
  });
});
