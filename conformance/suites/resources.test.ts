import { existsSync, mkdirSync, readdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Box } from '../lib/box.js';
import type { Config } from '../lib/config.js';
import { engines, underV2, unifiedMount } from '../lib/engines.js';
import { cgroupFile, hierarchies, textOf } from '../lib/machine.js';
import { suite } from '../lib/suite.js';

const MiB = 1 << 20;

const hasV1 = (...controllers: readonly string[]) =>
  controllers.every((name) => hierarchies().some((each) => each.controllers.includes(name)));
const unifiedControllers = textOf(join(unifiedMount, 'cgroup.controllers')).trim().split(' ');

const onV2 = (...controllers: readonly string[]) =>
  !hasV1('memory') && controllers.every((name) => unifiedControllers.includes(name));

/** A whole disk: its rates can be limited. */
function disk(): { major: number; minor: number } | null {
  const names = readdirSync('/sys/block').filter(
    (name) => !/^(loop|ram|zram|dm-|sr|fd)/.test(name),
  );
  const [major, minor] = textOf(`/sys/block/${names[0] ?? 'none'}/dev`)
    .trim()
    .split(':');
  return major && minor ? { major: Number(major), minor: Number(minor) } : null;
}

const limited =
  (resources: Record<string, unknown>) =>
  ({ process, linux }: Config): void => {
    process.args = ['sleep', '1000'];
    linux.resources = resources;
  };

/** Files that a cgroup has only on some kernels are looked for in one that is there for a moment. */
function cgroupHas(controller: string, file: string): boolean {
  const path = `/runts-looks-${process.pid}`;
  const directory = cgroupFile(controller, path, '');
  mkdirSync(directory);
  const found = existsSync(join(directory, file));
  rmdirSync(directory);
  return found;
}

const target = disk();

if (hasV1('blkio') && target !== null)
  suite('block I/O of v1', ({ it }) => {
    const device = `${target.major}:${target.minor}`;
    const rates = {
      throttleReadBpsDevice: [{ ...target, rate: 9007199254740993n }],
      throttleWriteBpsDevice: [{ ...target, rate: 2 * MiB }],
      throttleReadIOPSDevice: [{ ...target, rate: 3000 }],
      throttleWriteIOPSDevice: [{ ...target, rate: 4000 }],
    };

    it('is throttled for each disk, in 64 bits', async (box) => {
      const container = box.container(limited({ blockIO: rates }));
      await container.created();
      const seen = ['read_bps', 'write_bps', 'read_iops', 'write_iops'].map((name) =>
        textOf(cgroupFile('blkio', container.cgroup, `blkio.throttle.${name}_device`)).trim(),
      );
      const values = ['9007199254740993', String(2 * MiB), '3000', '4000'];
      expect(seen).toEqual(values.map((value) => `${device} ${value}`));
    });

    if (cgroupHas('blkio', 'blkio.bfq.weight'))
      it('has a weight, seen from the host and from inside', async (box) => {
        const file = 'blkio.bfq.weight';
        const output = await box.inside(`cat /sys/fs/cgroup/blkio/${file}`, ({ linux }) => {
          linux.resources = { blockIO: { weight: 321 } };
        });
        expect(output).toBe('321\n');
      });

    it('is refused for what is no disk, and for leaf weights, which no kernel has', async (box) => {
      for (const [blockIO, at, why] of [
        [
          { throttleReadBpsDevice: [{ major: 4095, minor: 9, rate: 1 }] },
          'blockIO/throttleReadBpsDevice/0',
          'whole disk',
        ],
        [{ leafWeight: 10 }, 'blockIO/leafWeight', 'blkio.leaf_weight'],
        [{ weight: 1001 }, 'blockIO/weight', '1 to 1000'],
      ] as const) {
        const refusal = await box.refusal(limited({ blockIO }));
        expect(refusal).toContain(`/linux/resources/${at}: `);
        expect(refusal).toContain(why);
      }
    });
  });

if (hasV1('memory', 'cpu'))
  suite('limits that v1 alone has', ({ it }) => {
    it('are those of memory', async (box) => {
      const memory = { swappiness: 7, disableOOMKiller: true, useHierarchy: true, limit: 64 * MiB };
      const container = box.container(limited({ memory }));
      await container.created();
      const read = (name: string) =>
        textOf(cgroupFile('memory', container.cgroup, `memory.${name}`)).trim();
      expect(read('swappiness')).toBe('7');
      expect(read('oom_control')).toMatch(/^oom_kill_disable 1$/m);
      expect(read('use_hierarchy')).toBe('1');
    });

    it('but for kernel memory, which is ignored with a warning', async (box) => {
      const container = box.container(({ process, linux }) => {
        process.args = ['echo', 'done'];
        linux.resources = { memory: { kernel: 64 * MiB } };
      });
      const { status, stdout, stderr } = await container.runtime('run');
      expect([status, stdout]).toEqual([0, 'done\n']);
      expect(stderr).toMatch(/level=warning msg=".*memory\/kernel is ignored/);
    });

    if (cgroupHas('cpu', 'cpu.rt_runtime_us'))
      it('give time to real-time processes, before the first one', async (box) => {
        const outer = `/${box.container().id}`;
        const container = box.container((config) => {
          const cpu = { realtimePeriod: 500_000, realtimeRuntime: 5000 };
          limited({ cpu })(config);
          config.linux.cgroupsPath = `${outer}/inner`;
          config.process.scheduler = { policy: 'SCHED_RR', priority: 5 };
        });
        const pid = await container.started();
        const read = (path: string, name: string) => textOf(cgroupFile('cpu', path, name)).trim();
        for (const path of [outer, `${outer}/inner`]) {
          expect(read(path, 'cpu.rt_runtime_us')).toBe('5000');
          expect(read(path, 'cpu.rt_period_us')).toBe('500000');
        }
        // Field 41 of proc_pid_stat(5): SCHED_RR.
        expect(textOf(`/proc/${pid}/stat`).split(') ')[1]!.split(' ')[38]).toBe('2');
        expect(await container.delete('-f')).toMatchObject({ status: 0, stderr: '' });
        for (const { mountpoint } of hierarchies()) {
          const path = join(mountpoint, outer);
          if (existsSync(path)) rmdirSync(path);
        }
      });

    it('refuse more time than there is', async (box) => {
      const cpu = { realtimePeriod: 100_000, realtimeRuntime: 100_000 };
      const refusal = await box.refusal(limited({ cpu }));
      expect(refusal).toContain('/linux/resources/cpu/realtimeRuntime: ');
    });
  });

const absent: readonly (readonly [controller: string, resources: object, at: string])[] = [
  ['net_cls', { network: { classID: 5 } }, 'network/classID'],
  ['net_prio', { network: { priorities: [{ name: 'lo', priority: 1 }] } }, 'network/priorities/0'],
  ['rdma', { rdma: { mlx5_1: { hcaHandles: 3 } } }, 'rdma/mlx5_1'],
];

if (hasV1('memory'))
  suite('a limit without its controller', ({ it }) => {
    it('is refused by the names of both, with what to do', async (box) => {
      for (const [controller, resources, at] of absent.filter(([name]) => !hasV1(name))) {
        const refusal = await box.refusal(limited({ ...resources }));
        expect(refusal).toContain(`/linux/resources/${at}: `);
        expect(refusal).toContain(`the cgroup controller ${controller}`);
        expect(refusal).toContain(`mount -t cgroup -o ${controller}`);
      }
    });
  });

const hugePages = readdirSync('/sys/kernel/mm/hugepages').includes('hugepages-2048kB');

if (hugePages && unifiedControllers.includes('hugetlb') && hasV1('memory'))
  suite('a hybrid host', ({ it }) => {
    it('has limits in the unified hierarchy too', async (box) => {
      const container = box.container(
        limited({
          hugepageLimits: [{ pageSize: '2MB', limit: 4 * MiB }],
          unified: { 'hugetlb.2MB.rsvd.max': String(2 * MiB), 'cgroup.max.depth': '3' },
          pids: { limit: 9 },
        }),
      );
      await container.created();
      const read = (name: string) => textOf(join(unifiedMount, container.cgroup, name)).trim();
      expect(read('hugetlb.2MB.max')).toBe(String(4 * MiB));
      expect(read('hugetlb.2MB.rsvd.max')).toBe(String(2 * MiB));
      expect(read('cgroup.max.depth')).toBe('3');
      expect(textOf(cgroupFile('pids', container.cgroup, 'pids.max')).trim()).toBe('9');
    });

    it('refuses files of v2 whose controller is in v1', async (box) => {
      const refusal = await box.refusal(limited({ unified: { 'memory.high': String(MiB) } }));
      expect(refusal).toContain('/linux/resources/unified/memory.high: ');
      expect(refusal).toContain('a v1 hierarchy holds it');
    });
  });

suite(
  'limits of v2 alone',
  ({ it }) => {
    it('are refused where v2 has no such thing', async (box) => {
      for (const [resources, at] of [
        [{ cpu: { realtimeRuntime: 5000 } }, 'cpu/realtimeRuntime'],
        [{ network: { classID: 5 } }, 'network/classID'],
        [{ blockIO: { leafWeight: 5 } }, 'blockIO/leafWeight'],
        [{ memory: { swappiness: 5 } }, 'memory/swappiness'],
        [{ unified: { 'a/b': 'x' } }, 'unified/a~1b'],
        [{ unified: { 'cgroup.procs': '1' } }, 'unified/cgroup.procs'],
      ] as const) {
        const refusal = await box.refusal(limited({ ...resources }));
        expect(refusal).toContain(`/linux/resources/${at}: `);
      }
    });

    it('may be files that the runtime does not know', async (box) => {
      const file = 'cgroup.max.descendants';
      const output = await box.inside(`cat /sys/fs/cgroup/${file}`, ({ linux }) => {
        linux.resources = { unified: { [file]: '7' } };
      });
      expect(output).toBe('7\n');
    });

    if (hugePages && unifiedControllers.includes('hugetlb')) {
      it('hold huge pages and their reservations, seen from inside', async (box) => {
        const files = ['hugetlb.2MB.max', 'hugetlb.2MB.rsvd.max', 'hugetlb.1GB.max'];
        const output = await box.inside(`cd /sys/fs/cgroup; cat ${files.join(' ')}`, (config) => {
          config.linux.resources = {
            hugepageLimits: [{ pageSize: '2MB', limit: 6 * MiB }],
            unified: { 'hugetlb.1GB.max': '0\n1073741824\n' },
          };
        });
        expect(output).toBe(`${6 * MiB}\n${6 * MiB}\n1073741824\n`);
      });

      it('refuse a size of pages that this machine does not have, and name those it has', async (box) => {
        const refusal = await box.refusal(
          limited({ hugepageLimits: [{ pageSize: '3MB', limit: MiB }] }),
        );
        expect(refusal).toContain('/linux/resources/hugepageLimits/0: ');
        expect(refusal).toMatch(/huge pages of [^;]*2MB/);
      });
    }

    const seen = async (box: Box, resources: Record<string, unknown>, files: readonly string[]) => {
      const container = box.container(limited(resources));
      await container.created();
      return files.map((name) => textOf(join(unifiedMount, container.cgroup, name)).trim());
    };

    if (onV2('memory', 'cpu', 'cpuset', 'pids'))
      it('are those of memory, cpu, cpuset and pids', async (box) => {
        const resources = {
          memory: { limit: 64 * MiB, swap: 96 * MiB, reservation: 32 * MiB },
          cpu: { shares: 512, quota: 50_000, period: 200_000, burst: 1000, cpus: '0', mems: '0' },
          pids: { limit: 9 },
          unified: { 'memory.high': String(48 * MiB) },
        };
        const files: Readonly<Record<string, string>> = {
          'memory.max': String(64 * MiB),
          'memory.swap.max': String(32 * MiB),
          'memory.low': String(32 * MiB),
          'memory.high': String(48 * MiB),
          'cpu.weight': '59',
          'cpu.max': '50000 200000',
          'cpu.max.burst': '1000',
          'cpuset.cpus': '0',
          'cpuset.mems': '0',
          'pids.max': '9',
        };
        expect(await seen(box, resources, Object.keys(files))).toEqual(Object.values(files));
      });

    if (onV2('io') && target !== null) {
      it('throttle each disk', async (box) => {
        const blockIO = {
          throttleReadBpsDevice: [{ ...target, rate: MiB }],
          throttleWriteIOPSDevice: [{ ...target, rate: 300 }],
          throttleReadIOPSDevice: [{ ...target, rate: 0 }],
        };
        expect(await seen(box, { blockIO }, ['io.max'])).toEqual([
          `${target.major}:${target.minor} rbps=${MiB} wbps=max riops=max wiops=300`,
        ]);
      });

      it('throttle nothing but disks', async (box) => {
        const refusal = await box.refusal(
          limited({ blockIO: { throttleReadBpsDevice: [{ major: 4095, minor: 9, rate: 1 }] } }),
        );
        expect(refusal).toContain('/linux/resources/blockIO/throttleReadBpsDevice/0: ');
        expect(refusal).toContain('whole disk');
      });
    }

    if (onV2('memory'))
      it('of memory below its use are rejected when that is asked for', async (box) => {
        const memory = { limit: 4096, checkBeforeUpdate: true };
        const refusal = await box.refusal(limited({ memory }));
        expect(refusal).toMatch(/rejecting memory limit 4096: \d+ bytes are in use/);
      });

    it('have no leftovers of an earlier container in the same cgroup', async (box) => {
      const fuse = { path: '/dev/fuse', type: 'c', major: 10, minor: 229 };
      const directory = join(unifiedMount, box.container().cgroup);
      const open = async (rules: readonly object[]) => {
        const container = box.container(({ process, linux }) => {
          process.args = ['sh', '-c', 'true </dev/fuse && echo open; true'];
          linux.cgroupsPath = directory.slice(unifiedMount.length);
          linux.devices = [fuse];
          linux.resources = { devices: [{ allow: false, access: 'rwm' }, ...rules] };
        });
        return (await container.runtime('run', '--keep')).stdout;
      };
      expect(await open([])).toBe('');
      expect(existsSync(directory)).toBe(true);
      expect(await open([{ allow: true, type: 'c', major: 10, minor: 229, access: 'r' }])).toBe(
        'open\n',
      );
      expect(await open([])).toBe('');
      expect(await open([{ allow: true, access: 'rwm' }])).toBe('open\n');
    });
  },
  engines.map(underV2),
);
