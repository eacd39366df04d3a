import { readdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Box } from '../lib/box.js';
import type { Config } from '../lib/config.js';
import { unifiedMount } from '../lib/engines.js';
import { cgroupsOf, hierarchies, textOf } from '../lib/machine.js';
import { suite } from '../lib/suite.js';

const MiB = 1 << 20;
const v2Alone = hierarchies().length === 1;
const controllers = textOf(join(unifiedMount, 'cgroup.controllers')).trim().split(' ');
const has = (...names: readonly string[]) =>
  v2Alone && names.every((name) => controllers.includes(name));

const limits = {
  memory: { limit: 64 * MiB, reservation: 32 * MiB, swap: 96 * MiB },
  cpu: { shares: 256, quota: 50_000, period: 100_000, burst: 20_000, cpus: '0', mems: '0' },
  pids: { limit: 44 },
  unified: { 'memory.high': String(48 * MiB), 'memory.oom.group': '1' },
};

/** What these limits look like in the files of v2. */
const files: Readonly<Record<string, string>> = {
  'memory.max': String(64 * MiB),
  'memory.low': String(32 * MiB),
  'memory.swap.max': String(32 * MiB),
  'memory.high': String(48 * MiB),
  'memory.oom.group': '1',
  'cpu.max': '50000 100000',
  'cpu.max.burst': '20000',
  'cpuset.cpus': '0',
  'cpuset.mems': '0',
  'pids.max': '44',
};

const fileOf = (cgroup: string, name: string) => textOf(join(unifiedMount, cgroup, name)).trim();

const limited =
  (resources: Record<string, unknown>, ...args: readonly string[]) =>
  ({ process, linux }: Config): void => {
    process.args = args.length === 0 ? ['sleep', '1000'] : [...args];
    linux.resources = resources;
  };

/** The first disk there is, as the files of the io controller name it. */
function disk(): string | undefined {
  const name = readdirSync('/sys/block').find((each) => !/^(loop|ram|zram|dm-)/.test(each));
  return name && textOf(`/sys/block/${name}/dev`).trim();
}

/** One that the runtime makes with limits, and what one of its files then says. */
async function written(box: Box, resources: Record<string, unknown>, file: string) {
  const container = box.container(limited(resources));
  await container.created();
  const value = fileOf(container.cgroup, file);
  await container.delete('--force');
  return value;
}

if (has('memory', 'cpu', 'cpuset', 'pids'))
  suite('limits on a machine with cgroup v2 and all of its controllers', ({ it, engine }) => {
    it('are seen from the host and from inside', async (box) => {
      const shown = Object.keys(files).map((name) => `/sys/fs/cgroup/${name}`);
      const script = `cat ${shown.join(' ')}; exec sleep 1000`;
      const container = box.container(limited(limits, 'sh', '-c', script));
      const pid = await container.created();
      const seen = Object.keys(files).map((name) => [name, fileOf(container.cgroup, name)]);
      expect(Object.fromEntries(seen)).toEqual(files);
      expect(Number(fileOf(container.cgroup, 'cpu.weight'))).toBeGreaterThan(1);
      await container.start();
      await container.wrote('\n44\n');
      expect(container.output().trim().split('\n')).toEqual(Object.values(files));
      expect(textOf(`/proc/${pid}/status`)).toMatch(/^Cpus_allowed_list:\t0$/m);
    });

    it('hold at once what the process starts', async (box) => {
      const script = 'for n in 1 2 3 4 5 6; do sleep 1000 & done 2>&1; echo over';
      const container = box.container(limited({ pids: { limit: 3 } }, 'sh', '-c', script));
      expect((await container.runtime('run')).stdout).toMatch(/fork/);
    });

    it('have the process killed that uses too much memory', async (box) => {
      const hog = ['dd', 'if=/dev/zero', 'of=/dev/null', 'bs=256M', 'count=1'];
      const container = box.container(limited({ memory: { limit: 16 * MiB } }, ...hog));
      expect((await container.runtime('run')).status).toBe(137);
      expect(box.leftovers()).toEqual([]);
    });

    it('are told when the memory is too little for init', async (box) => {
      const refusal = await box.refusal(limited({ memory: { limit: 4096 } }));
      expect(refusal).toMatch(/OOM-killed|memory/);
    });

    if (engine.quick)
      it('may be 2 MiB of memory', async (box) => {
        const container = box.container(limited({ memory: { limit: 2 * MiB } }, 'echo', 'small'));
        expect(await container.runtime('run')).toMatchObject({ status: 0, stdout: 'small\n' });
      });

    it('take -1 for none, and numbers of 64 bits', async (box) => {
      const resources = {
        memory: { limit: 9007199254740993n, swap: -1 },
        pids: { limit: -1 },
        cpu: { quota: -1 },
      };
      const container = box.container(limited(resources));
      await container.created();
      // The kernel rounds down to whole pages.
      expect(fileOf(container.cgroup, 'memory.max')).toBe('9007199254740992');
      expect(fileOf(container.cgroup, 'memory.swap.max')).toBe('max');
      expect(fileOf(container.cgroup, 'pids.max')).toBe('max');
      expect(fileOf(container.cgroup, 'cpu.max')).toBe('max 100000');
    });

    it('reach through cgroups that had to be made above', async (box) => {
      const outer = `/${box.container().id}`;
      const container = box.container((config) => {
        limited(limits)(config);
        config.linux.cgroupsPath = `${outer}/a/b`;
      });
      await container.created();
      expect(fileOf(`${outer}/a/b`, 'pids.max')).toBe('44');
      expect(fileOf(`${outer}/a/b`, 'cpuset.cpus.effective')).toBe('0');
      expect(await container.delete()).toMatchObject({ status: 0, stderr: '' });
      for (const path of [...cgroupsOf(`${outer}/a`), ...cgroupsOf(outer)]) rmdirSync(path);
    });

    it('are handed down below the caller’s own cgroup when the path is relative', async (box) => {
      const container = box.container((config) => {
        limited({ pids: { limit: 7 } }, 'cat', '/sys/fs/cgroup/pids.max')(config);
        config.linux.cgroupsPath = config.linux.cgroupsPath!.slice(1);
      });
      expect(await container.runtime('run')).toMatchObject({ status: 0, stdout: '7\n' });
    });

    it('that the kernel does not take are refused, and nothing stays', async (box) => {
      const cpus = await box.refusal(limited({ cpu: { cpus: '4096' } }));
      expect(cpus).toContain('/linux/resources/cpu/cpus');
      const swap = await box.refusal(limited({ memory: { limit: 64 * MiB, swap: MiB } }));
      expect(swap).toContain('/linux/resources/memory/swap');
    });
  });
else test.skip('limits on a machine with cgroup v2 and all of its controllers', () => {});

const device = disk();

if (has('io') && device !== undefined)
  suite('block I/O of v2', ({ it }) => {
    const [major = 0, minor = 0] = device.split(':').map(Number);

    it('is throttled for a disk', async (box) => {
      const blockIO = {
        throttleReadBpsDevice: [{ major, minor, rate: 3 * MiB }],
        throttleWriteIOPSDevice: [{ major, minor, rate: 400 }],
      };
      expect(await written(box, { blockIO }, 'io.max')).toBe(
        `${device} rbps=${3 * MiB} wbps=max riops=max wiops=400`,
      );
    });
  });
else test.skip('block I/O of v2', () => {});
