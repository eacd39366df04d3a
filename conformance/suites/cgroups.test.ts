import { mkdirSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { engines, underV2, unifiedMount } from '../lib/engines.js';
import { cgroupFile, cgroupsOf, hierarchies, isAlive, textOf } from '../lib/machine.js';
import { suite } from '../lib/suite.js';
import { until } from '../lib/until.js';

const MiB = 1 << 20;

const limits = {
  memory: { limit: 64 * MiB, reservation: 32 * MiB },
  cpu: { shares: 256, quota: 50_000, period: 100_000, cpus: '0', mems: '0' },
  pids: { limit: 44 },
};

/** What these limits look like in the files of v1. */
const files: readonly (readonly [controller: string, file: string, value: string])[] = [
  ['memory', 'memory.limit_in_bytes', String(64 * MiB)],
  ['memory', 'memory.soft_limit_in_bytes', String(32 * MiB)],
  ['cpu', 'cpu.shares', '256'],
  ['cpu', 'cpu.cfs_quota_us', '50000'],
  ['cpu', 'cpu.cfs_period_us', '100000'],
  ['cpuset', 'cpuset.cpus', '0'],
  ['cpuset', 'cpuset.mems', '0'],
  ['pids', 'pids.max', '44'],
];

const isV1 = hierarchies().some(({ controllers }) => controllers.includes('memory'));

if (isV1)
  suite('cgroups of v1', ({ it, engine }) => {
    it('carry the limits of the configuration, seen from the host and from inside', async (box) => {
      const container = box.container(({ process, linux }) => {
        const shown = files.map(([controller, file]) => `/sys/fs/cgroup/${controller}/${file}`);
        process.args = ['sh', '-c', `cat ${shown.join(' ')}; exec sleep 1000`];
        linux.resources = limits;
      });
      const pid = await container.created();
      const seen = files.map(([controller, file]) =>
        textOf(cgroupFile(controller, container.cgroup, file)).trim(),
      );
      expect(seen).toEqual(files.map(([, , value]) => value));
      await container.start();
      await container.wrote(`\n44\n`);
      expect(container.output().trim().split('\n')).toEqual(files.map(([, , value]) => value));
      expect(textOf(`/proc/${pid}/status`)).toMatch(/^Cpus_allowed_list:\t0$/m);
    });

    it('are joined in every hierarchy', async (box) => {
      const container = box.container();
      const pid = await container.created();
      const lines = textOf(`/proc/${pid}/cgroup`).trim().split('\n');
      expect(lines.length).toBeGreaterThan(5);
      for (const line of lines) expect(line).toMatch(new RegExp(`:${container.cgroup}$`));
      expect(cgroupsOf(container.cgroup)).toHaveLength(hierarchies().length);
    });

    it('hold at once what the process starts', async (box) => {
      const container = box.container(({ process, linux }) => {
        process.args = ['sh', '-c', 'for n in 1 2 3 4 5 6; do sleep 1000 & done 2>&1; echo over'];
        linux.resources = { pids: { limit: 3 } };
      });
      const { stdout } = await container.runtime('run');
      expect(stdout).toMatch(/fork/);
    });

    it('have the process killed that uses too much memory', async (box) => {
      const container = box.container(({ process, linux }) => {
        process.args = ['sh', '-c', 'dd if=/dev/zero of=/dev/null bs=256M count=1'];
        // Node's init alone takes 16.
        linux.resources = { memory: { limit: 64 * MiB } };
      });
      const { status } = await container.runtime('run');
      expect(status).toBe(137);
      expect(box.leftovers()).toEqual([]);
    });

    it('tell it when the memory limit is too low for init', async (box) => {
      const refusal = await box.refusal(({ linux }) => {
        linux.resources = { memory: { limit: 4096 } };
      });
      expect(refusal).toMatch(/OOM-killed|memory/);
    });

    if (engine.quick)
      it('may limit the memory to 2 MiB', async (box) => {
        const container = box.container(({ process, linux }) => {
          process.args = ['echo', 'small'];
          linux.resources = { memory: { limit: 2 * MiB } };
        });
        expect(await container.runtime('run')).toMatchObject({ status: 0, stdout: 'small\n' });
      });

    it('take -1 for no limit, and numbers of 64 bits', async (box) => {
      const container = box.container(({ linux }) => {
        linux.resources = {
          memory: { limit: 9007199254740993n, swap: -1 },
          pids: { limit: -1 },
          cpu: { quota: -1 },
        };
      });
      await container.created();
      const value = (controller: string, file: string) =>
        textOf(cgroupFile(controller, container.cgroup, file)).trim();
      // The kernel rounds down to whole pages.
      expect(value('memory', 'memory.limit_in_bytes')).toBe('9007199254740992');
      expect(value('pids', 'pids.max')).toBe('max');
      expect(value('cpu', 'cpu.cfs_quota_us')).toBe('-1');
    });

    it('are made with all that is missing above them', async (box) => {
      const outer = `/${box.container().id}`;
      const container = box.container(({ linux }) => {
        linux.cgroupsPath = `${outer}/a/b`;
        linux.resources = { cpu: { cpus: '0' }, pids: { limit: 5 } };
      });
      const pid = await container.created();
      expect(textOf(`/proc/${pid}/cgroup`)).toContain(`:${outer}/a/b\n`);
      expect(await container.delete()).toMatchObject({ status: 0, stderr: '' });
      for (const path of [...cgroupsOf(`${outer}/a`), ...cgroupsOf(outer)]) rmdirSync(path);
    });

    it('lie below the caller’s own when the path is relative', async (box) => {
      const container = box.container((config) => {
        config.linux.cgroupsPath = config.linux.cgroupsPath!.slice(1);
      });
      const pid = await container.created();
      const own = textOf('/proc/self/cgroup').trim().split('\n');
      const its = textOf(`/proc/${pid}/cgroup`).trim().split('\n');
      const wanted = own
        .filter((line) => !line.startsWith('0:'))
        .map((line) => `${line.replace(/\/$/, '')}/${container.id}`);
      expect(its.filter((line) => !line.startsWith('0:'))).toEqual(wanted);
    });

    it('are named after the container when no path is given', async (box) => {
      const container = box.container(({ linux }) => {
        delete linux.cgroupsPath;
      });
      const pid = await container.created();
      for (const line of textOf(`/proc/${pid}/cgroup`).trim().split('\n'))
        expect(line).toMatch(new RegExp(`/${container.id}$`));
    });

    it('do not leave the hierarchy by ..', async (box) => {
      const container = box.container((config) => {
        config.linux.cgroupsPath = `/../../${config.linux.cgroupsPath}`;
      });
      const pid = await container.created();
      expect(textOf(`/proc/${pid}/cgroup`)).toContain(`:${container.cgroup}\n`);
    });

    it('may exist before, if they are empty', async (box) => {
      const container = box.container();
      mkdirSync(cgroupFile('memory', container.cgroup, ''));
      await container.created();
      expect(await container.delete()).toMatchObject({ status: 0, stderr: '' });
      expect(box.leftovers()).toEqual([]);
    });

    it('are refused when they are frozen', async (box) => {
      const container = box.container();
      mkdirSync(cgroupFile('freezer', container.cgroup, ''));
      writeFileSync(cgroupFile('freezer', container.cgroup, 'freezer.state'), 'FROZEN');
      const { status, stderr } = await container.create();
      expect(status).toBe(1);
      expect(stderr).toContain("container's cgroup unexpectedly frozen");
      expect(cgroupsOf(container.cgroup)).toHaveLength(1);
      rmdirSync(cgroupFile('freezer', container.cgroup, ''));
    });

    it('refuse limits that the kernel does not take, and go again', async (box) => {
      const refusal = await box.refusal(({ linux }) => {
        linux.resources = { cpu: { cpus: '4096' } };
      });
      expect(refusal).toContain('/linux/resources/cpu/cpus');
      const swap = await box.refusal(({ linux }) => {
        linux.resources = { memory: { limit: 64 * MiB, swap: MiB } };
      });
      expect(swap).toContain('/linux/resources/memory/swap');
    });
  });

suite(
  'cgroups of v2 alone',
  ({ it, engine }) => {
    it('are made, joined and removed', async (box) => {
      const container = box.container(({ process, linux }) => {
        process.args = ['sh', '-c', 'cat /proc/self/cgroup; ls /sys/fs/cgroup; exec sleep 1000'];
        linux.namespaces.push({ type: 'cgroup' });
      });
      const pid = await container.started();
      expect(textOf(`/proc/${pid}/cgroup`)).toContain(`0::${container.cgroup}\n`);
      expect(readdirSync(join(unifiedMount, container.cgroup))).toContain('cgroup.procs');
      await container.wrote('cgroup.procs\n');
      expect(container.output()).toMatch(/^0::\/$/m);
      expect(await container.delete('-f')).toMatchObject({ status: 0, stderr: '' });
      expect(box.leftovers()).toEqual([]);
    });

    it('show the container’s own without a cgroup namespace', async (box) => {
      const container = box.container(({ process }) => {
        process.args = ['sh', '-c', 'cat /sys/fs/cgroup/cgroup.procs'];
      });
      const { status, stdout } = await container.runtime('run');
      expect(status).toBe(0);
      expect(stdout).toMatch(/^1\n/);
    });

    it('keep devices closed that no rule allows', async (box) => {
      const fuse = { path: '/dev/fuse', type: 'c', major: 10, minor: 229 };
      const script = 'true </dev/fuse && echo read; true >>/dev/fuse && echo wrote; true';
      const allowed = { allow: true, type: 'c', major: 10, minor: 229, access: 'r' };
      for (const [rules, expected] of [
        [[], ''],
        [[allowed], 'read\n'],
        [[{ allow: true, access: 'rwm' }], 'read\nwrote\n'],
      ] as const) {
        const output = await box.inside(script, ({ linux }) => {
          linux.devices = [fuse];
          linux.resources = { devices: [{ allow: false, access: 'rwm' }, ...rules] };
        });
        expect(output).toBe(expected);
      }
    });

    it('kill with one write all of a container that shares the pid namespace', async (box) => {
      const container = box.container(({ process, linux }) => {
        process.args = ['sh', '-c', 'sleep 1000 & trap "exit 0" TERM; echo ready; wait'];
        linux.namespaces = linux.namespaces.filter(({ type }) => type !== 'pid');
      });
      await container.started();
      await container.wrote('ready\n');
      const procs = textOf(join(unifiedMount, container.cgroup, 'cgroup.procs'))
        .trim()
        .split('\n');
      expect(procs).toHaveLength(2);
      expect(await container.kill('KILL')).toMatchObject({ status: 0 });
      await until('all are dead', () => !procs.map(Number).some(isAlive));
    });

    it('show a frozen container as paused, and kill thaws it', async (box) => {
      const container = box.container(({ process }) => {
        process.args = ['sleep', '1000'];
      });
      const pid = await container.started();
      const freeze = join(unifiedMount, container.cgroup, 'cgroup.freeze');
      writeFileSync(freeze, '1');
      expect(await container.status()).toBe('paused');
      expect(await container.kill('KILL')).toMatchObject({ status: 0 });
      await container.ended(pid);
    });

    if (!textOf(join(unifiedMount, 'cgroup.controllers')).includes('pids'))
      it('refuse a limit that needs a controller which is not there', async (box) => {
        const refusal = await box.refusal(({ linux }) => {
          linux.resources = { pids: { limit: 5 } };
        });
        expect(refusal).toContain('/linux/resources/pids');
      });

    if (engine.quick)
      it('take away what the container has made below', async (box) => {
        const container = box.container();
        await container.created();
        mkdirSync(join(unifiedMount, container.cgroup, 'a/b'), { recursive: true });
        expect(await container.delete()).toMatchObject({ status: 0, stderr: '' });
        expect(box.leftovers()).toEqual([]);
      });
  },
  engines.map(underV2),
);
