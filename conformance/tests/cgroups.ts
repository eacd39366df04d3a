import { equal, ok } from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { textOf } from '../lib/machine.js';
import { holding, onHost } from '../runner/holder.js';
import { controller, type Host, root } from '../runner/host.js';
import { expectTaken, isIn, limitOf, refusedAnyhow, withCgroup } from '../runner/scratch.js';
import { type Need, NotTestable, subject } from '../runner/test.js';
import type { Trial } from '../runner/trial.js';
import { disk } from './disk.js';

const MiB = 1 << 20;
const EAGAIN = 11;

const anyCgroups: Need = ({ cgroups }) => (cgroups === 'none' ? 'needs cgroups' : null);

/** What freezes a cgroup, and a controller of its hierarchy. */
const freezer = ({ cgroups }: Host) =>
  cgroups === 'v2'
    ? { name: 'pids', file: 'cgroup.freeze', frozen: '1', thawed: '0' }
    : { name: 'freezer', file: 'freezer.state', frozen: 'FROZEN', thawed: 'THAWED' };

const spoilt = (resources: () => Record<string, unknown>) => (trial: Trial) =>
  refusedAnyhow(trial, ({ linux }) => {
    linux.resources = resources();
  });

export const cgroupTests = subject('cgroups', (test) => {
  test(
    'limit-holds',
    'The process is held by its limit from the start',
    { proves: ['runtime/lifecycle/1'], needs: [controller('pids')] },
    async (trial) => {
      const limited = trial.look(
        ({ linux }) => {
          // Some of them are of the runtime.
          linux.resources = { pids: { limit: 6 } };
        },
        ...Array(8).fill('child'),
      );
      const errors = (await limited).results.map(({ errno }) => errno);
      equal(errors.at(0), undefined);
      equal(errors.at(-1), EAGAIN);
    },
  );

  test(
    'pids-zero',
    'A limit of 0 processes is a limit',
    { proves: ['config-linux/pids/1'], needs: [controller('pids')] },
    async (trial) => {
      const container = trial.container(({ linux }) => {
        linux.resources = { pids: { limit: 0 } };
      });
      await container.created();
      equal(limitOf('pids', container.cgroup, 'pids.max'), '0');
    },
  );

  test(
    'memory-in-use',
    'A limit below what the cgroup uses already is refused when that is to be checked',
    { proves: ['config-linux/memory/1'], needs: [controller('memory')] },
    async (trial) => {
      const container = trial.container(({ linux }) => {
        linux.resources = { memory: { limit: 4 * MiB, checkBeforeUpdate: true } };
      });
      await withCgroup('memory', container.cgroup, async (folder) => {
        for (const file of ['memory.swappiness', 'memory.swap.max'])
          if (existsSync(join(folder, file))) writeFileSync(join(folder, file), '0');
        if (!existsSync(join(folder, 'memory.stat'))) throw new NotTestable('needs memory.stat');
        const file = `/dev/shm/${container.id}`;
        onHost('write', join(folder, 'cgroup.procs'), '0', 'fill', file, `${32 * MiB}`);
        const { status } = await container.create();
        onHost('unlink', file);
        ok(status !== 0, 'create has succeeded, but must fail');
      });
    },
  );

  test(
    'burst-over-quota',
    'A burst that is larger than the quota is refused',
    { proves: ['config-linux/cpu/1', 'config-linux/cpu/2'], needs: [controller('cpu')] },
    async (trial) => {
      const v2 = trial.host.cgroups === 'v2';
      await expectTaken(trial, 'cpu', v2 ? 'cpu.max.burst' : 'cpu.cfs_burst_us');
      await spoilt(() => ({ cpu: { quota: 20_000, period: 100_000, burst: 30_000 } }))(trial);
    },
  );

  test(
    'burst-of-quota',
    'A burst may be as large as the quota',
    { proves: ['config-linux/cpu/1', 'config-linux/cpu/2'], needs: [controller('cpu')] },
    async (trial) => {
      const v2 = trial.host.cgroups === 'v2';
      const file = v2 ? 'cpu.max.burst' : 'cpu.cfs_burst_us';
      await expectTaken(trial, 'cpu', file);
      const container = trial.container(({ linux }) => {
        linux.resources = { cpu: { quota: 20_000, period: 100_000, burst: 20_000 } };
      });
      await container.created();
      equal(limitOf('cpu', container.cgroup, file), '20000');
    },
  );

  test(
    'weight-of-nothing',
    'A device with neither weight nor leafWeight is refused',
    { proves: ['config-linux/block-io/1'], needs: [root, anyCgroups] },
    spoilt(() => {
      const [major, minor] = disk();
      return { blockIO: { weightDevice: [{ major, minor }] } };
    }),
  );

  test(
    'rdma-of-nothing',
    'A device with neither hcaHandles nor hcaObjects is refused',
    { proves: ['config-linux/rdma/1'], needs: [root, anyCgroups] },
    spoilt(() => ({ rdma: { mlx5_1: {} } })),
  );

  test(
    'rdma',
    'RDMA resources of a device are limited',
    { proves: ['runtime/lifecycle/1'], needs: [controller('rdma')] },
    async (trial) => {
      const [device] = onHost('list', '/sys/class/infiniband').results[0]?.names ?? [];
      if (device === undefined) throw new NotTestable('needs an RDMA device');
      const container = trial.container(({ linux }) => {
        linux.resources = { rdma: { [device]: { hcaHandles: 3, hcaObjects: 100 } } };
      });
      await container.created();
      const lines = limitOf('rdma', container.cgroup, 'rdma.max').split('\n');
      ok(lines.includes(`${device} hca_handle=3 hca_object=100`), lines.join('\n'));
    },
  );

  test(
    'frozen',
    'In a frozen cgroup a container is refused, or its process runs all the same',
    { proves: ['config-linux/control-groups/1'], needs: [root, anyCgroups] },
    async (trial) => {
      const { name, file, frozen, thawed } = freezer(trial.host);
      await expectTaken(trial, name, file);
      const container = trial.container();
      await withCgroup(name, container.cgroup, async (folder) => {
        const state = join(folder, file);
        writeFileSync(state, frozen);
        const { status } = await container.create();
        const left = textOf(state).trim();
        if (existsSync(state)) writeFileSync(state, thawed);
        await container.delete('--force');
        const expected = status === 0 ? thawed : frozen;
        equal(left, expected, `create has ended with ${status}, and the cgroup is ${left}`);
      });
    },
  );

  test(
    'occupied',
    'A cgroup with processes is refused, or they live on while the container is created',
    { proves: ['config-linux/control-groups/1'], needs: [root, anyCgroups] },
    async (trial) => {
      const name = 'pids';
      await expectTaken(trial, name, 'cgroup.procs');
      const container = trial.container();
      await withCgroup(name, container.cgroup, async (folder) => {
        const join0 = ['write', join(folder, 'cgroup.procs'), '0'];
        await holding(trial, join0, async ({ pid }) => {
          await container.create();
          ok(isIn(folder, pid), 'the process is not in its cgroup any more');
          writeFileSync(cgroupAbove(folder), String(pid));
        });
        await container.delete('--force');
      });
    },
  );
});

const cgroupAbove = (folder: string): string => join(folder, '../cgroup.procs');
