import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { LinuxResources } from '../generated/spec-types.js';
import { describeAsRoot } from '../testing/as-root.js';
import { kernelContext, testPlan, withCgroups } from '../testing/cgroup-scenario.js';
import { applyLimits, updateCgroups } from './act.js';
import { holding, unifiedOf } from './limits.js';
import { probeCgroups } from './probe.js';

const context = kernelContext();
const facts = probeCgroups(context);
const MiB = 2 ** 20;

const has = (...names: readonly string[]) =>
  names.every((name) => facts.hierarchies.some(({ controllers }) => controllers.includes(name)));

const onV2 = (...names: readonly string[]) =>
  facts.mode === 'v2' && names.every((name) => facts.unified?.controllers.includes(name));

interface Made {
  readonly update: (resources: LinuxResources) => void;
  readonly path: (controller: string) => string;
  /** `pids.max`, in the hierarchy of `pids`. */
  readonly read: (file: string) => string;
}

/** The cgroups of a container with some limits, for as long as `body` takes. */
async function withContainer(name: string, limits: LinuxResources, body: (made: Made) => void) {
  const plan = testPlan(context, name, limits);
  await withCgroups(context, plan, async (record) => {
    applyLimits(context, plan);
    const path = (controller: string) => (holding(record, controller) ?? unifiedOf(record))!.path;
    body({
      path,
      update: (resources) => updateCgroups(context, record, resources),
      read: (file) => readFileSync(`${path(file.split('.')[0]!)}/${file}`, 'utf8').trim(),
    });
  });
}

const PIDS_TOO_MANY = 5_000_000;

describeAsRoot('an update on this kernel, v1', () => {
  it.runIf(has('memory'))('raises and lowers memory and swap, together and alone', async () => {
    const memory = { limit: 16 * MiB, swap: 16 * MiB };
    await withContainer('memory', { memory }, ({ update, read }) => {
      const seen = () => [
        Number(read('memory.limit_in_bytes')) / MiB,
        Number(read('memory.memsw.limit_in_bytes')) / MiB,
      ];
      update({ memory: { limit: 64 * MiB, swap: 96 * MiB } });
      expect(seen()).toEqual([64, 96]);
      update({ memory: { limit: 32 * MiB } });
      expect(seen()).toEqual([32, 96]);
      update({ memory: { swap: 40 * MiB } });
      expect(seen()).toEqual([32, 40]);
      expect(() => update({ memory: { swap: 8 * MiB } })).toThrow(/below the memory limit/);
      expect(() => update({ memory: { limit: 48 * MiB } })).toThrow(/memory.limit_in_bytes/);
      update({ memory: { limit: 8 * MiB, swap: 8 * MiB } });
      expect(seen()).toEqual([8, 8]);
      update({ memory: { limit: -1 } });
      expect(seen().every((limit) => limit > 2 ** 40)).toBe(true);
    });
  });

  it.runIf(has('cpu'))(
    'takes a quota and its burst in the order that the kernel wants',
    async () => {
      const cpu = { quota: 50_000, burst: 40_000, period: 100_000 };
      await withContainer('burst', { cpu }, ({ update, read }) => {
        const seen = () => [read('cpu.cfs_quota_us'), read('cpu.cfs_burst_us')].map(Number);
        update({ cpu: { quota: 20_000, burst: 10_000 } });
        expect(seen()).toEqual([20_000, 10_000]);
        update({ cpu: { quota: 90_000, burst: 80_000 } });
        expect(seen()).toEqual([90_000, 80_000]);
        update({ cpu: { period: 200_000 } });
        expect([...seen(), Number(read('cpu.cfs_period_us'))]).toEqual([90_000, 80_000, 200_000]);
        expect(() => update({ cpu: { quota: 5000 } })).toThrow(/cpu.cfs_quota_us/);
      });
    },
  );

  it.runIf(has('memory', 'cpu', 'cpuset', 'pids', 'blkio'))(
    'that fails leaves every file as it was',
    async () => {
      const before: LinuxResources = {
        memory: { limit: 16 * MiB, swap: 32 * MiB, reservation: 8 * MiB, swappiness: 5 },
        cpu: { shares: 512, quota: 50_000, burst: 1000, cpus: '0', realtimeRuntime: 1000 },
        pids: { limit: 9 },
      };
      await withContainer('restored', before, ({ update, read }) => {
        const files = [
          ...['limit_in_bytes', 'memsw.limit_in_bytes', 'soft_limit_in_bytes'].map(
            (name) => `memory.${name}`,
          ),
          ...['memory.swappiness', 'memory.oom_control', 'cpu.shares', 'cpu.cfs_quota_us'],
          ...['cpu.cfs_period_us', 'cpu.cfs_burst_us', 'cpu.idle', 'cpu.rt_runtime_us'],
          ...['cpuset.cpus', 'cpuset.mems', 'pids.max'],
          ...['blkio.bfq.weight', 'blkio.throttle.read_bps_device'],
        ].filter((file) => existsSync(`/sys/fs/cgroup/${file.split('.')[0]}`));
        const look = () =>
          files.map((file) => {
            try {
              return read(file);
            } catch {
              return 'absent';
            }
          });
        const old = look();
        const wanted: LinuxResources = {
          memory: {
            limit: 64 * MiB,
            swap: 96 * MiB,
            reservation: 48 * MiB,
            swappiness: 60,
            disableOOMKiller: true,
          },
          cpu: { shares: 99, quota: 90_000, burst: 60_000, period: 150_000, idle: 1, cpus: '0-1' },
          pids: { limit: PIDS_TOO_MANY },
        };
        expect(() => update(wanted)).toThrow(/pids.max to "5000000"/);
        expect(look()).toEqual(old);
        update({ ...wanted, pids: { limit: 10 } });
        expect(look()).not.toEqual(old);
      });
    },
  );

  it.runIf(has('cpuset', 'pids'))('takes CPUs from cgroups below first', async () => {
    await withContainer('cpus', {}, ({ update, path, read }) => {
      const all = read('cpuset.cpus');
      if (!/^0[-,]/.test(all)) return;
      const inner = ['a', 'a/b'].map((name) => `${path('cpuset')}/${name}`);
      const cpus = (directory: string) => readFileSync(`${directory}/cpuset.cpus`, 'utf8').trim();
      for (const directory of inner) {
        mkdirSync(directory);
        writeFileSync(`${directory}/cpuset.cpus`, all);
      }
      expect(() => update({ cpu: { cpus: '1' }, pids: { limit: PIDS_TOO_MANY } })).toThrow();
      expect([read('cpuset.cpus'), ...inner.map(cpus)]).toEqual([all, all, all]);
      update({ cpu: { cpus: '1' } });
      expect([read('cpuset.cpus'), ...inner.map(cpus)]).toEqual(['1', '1', '1']);
      update({ cpu: { cpus: '0' } });
      expect([read('cpuset.cpus'), ...inner.map(cpus)]).toEqual(['0', '0', '0']);
      for (const directory of inner.toReversed()) rmdirSync(directory);
    });
  });

  it.runIf(facts.unified?.controllers.includes('hugetlb'))(
    'reaches controllers that the unified hierarchy has',
    async () => {
      const plan = testPlan(context, 'pages', {});
      await withCgroups(context, plan, async (record) => {
        const directory = record.directories.find(({ controllers }) => controllers.length === 0);
        updateCgroups(context, record, { hugepageLimits: [{ pageSize: '2MB', limit: 4 * MiB }] });
        const file = `${directory?.path}/hugetlb.2MB.max`;
        expect(readFileSync(file, 'utf8')).toBe(`${4 * MiB}\n`);
        const unified = { 'hugetlb.2MB.max': '0', 'hugetlb.2MB.rsvd.max': 'nonsense' };
        expect(() => updateCgroups(context, record, { unified })).toThrow(/rsvd\.max/);
        expect(readFileSync(file, 'utf8')).toBe(`${4 * MiB}\n`);
      });
    },
  );
});

describeAsRoot('an update on this kernel, v2', () => {
  it.runIf(onV2('memory'))('counts swap beyond the memory that is there', async () => {
    await withContainer('memory', { memory: { limit: 16 * MiB, swap: 16 * MiB } }, (made) => {
      const seen = () => [made.read('memory.max'), made.read('memory.swap.max')];
      expect(seen()).toEqual([String(16 * MiB), '0']);
      made.update({ memory: { swap: 24 * MiB } });
      expect(seen()).toEqual([String(16 * MiB), String(8 * MiB)]);
      made.update({ memory: { limit: 64 * MiB } });
      expect(seen()).toEqual([String(64 * MiB), String(8 * MiB)]);
      expect(() => made.update({ memory: { swap: 8 * MiB } })).toThrow(/below the memory limit/);
      made.update({ memory: { limit: -1 } });
      expect(seen()).toEqual(['max', 'max']);
    });
  });

  it.runIf(onV2('cpu'))('keeps the half of cpu.max that it does not ask for', async () => {
    await withContainer('cpu', { cpu: { quota: 50_000, period: 200_000 } }, ({ update, read }) => {
      update({ cpu: { quota: 60_000 } });
      expect(read('cpu.max')).toBe('60000 200000');
      update({ cpu: { period: 100_000 } });
      expect(read('cpu.max')).toBe('60000 100000');
      update({ cpu: { burst: 50_000 } });
      update({ cpu: { quota: 20_000, burst: 10_000 } });
      expect([read('cpu.max'), read('cpu.max.burst')]).toEqual(['20000 100000', '10000']);
      update({ cpu: { quota: -1 } });
      expect(read('cpu.max')).toBe('max 100000');
    });
  });

  it.runIf(onV2('memory', 'cpu', 'cpuset', 'pids', 'io'))(
    'that fails leaves every file as it was',
    async () => {
      const before: LinuxResources = {
        memory: { limit: 16 * MiB, swap: 32 * MiB, reservation: 8 * MiB },
        cpu: { shares: 512, quota: 50_000, burst: 1000, cpus: '0' },
        pids: { limit: 9 },
      };
      await withContainer('restored', before, ({ update, read }) => {
        const files = [
          ...['memory.max', 'memory.swap.max', 'memory.low', 'memory.high'],
          ...['cpu.weight', 'cpu.idle', 'cpu.max', 'cpu.max.burst', 'cpuset.cpus', 'cpuset.mems'],
          ...['pids.max', 'io.max'],
        ];
        const old = files.map(read);
        const wanted: LinuxResources = {
          memory: { limit: 64 * MiB, swap: 96 * MiB, reservation: 48 * MiB },
          cpu: { shares: 99, quota: 90_000, burst: 60_000, period: 150_000, idle: 1, mems: '0' },
          unified: { 'memory.high': String(32 * MiB) },
        };
        const failing = { ...wanted.unified, 'pids.max': String(PIDS_TOO_MANY) };
        expect(() => update({ ...wanted, unified: failing })).toThrow(/pids.max to "5000000"/);
        expect(files.map(read)).toEqual(old);
        update(wanted);
        expect(files.map(read)).not.toEqual(old);
      });
    },
  );
});
