import { deepEqual, ok } from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { textOf } from '../lib/machine.js';
import { root } from '../runner/host.js';
import { foldersOf, isIn, refusedAnyhow, removeCgroups } from '../runner/scratch.js';
import { NotTestable, subject } from '../runner/test.js';
import type { Trial } from '../runner/trial.js';

/** Controllers whose hierarchies have to be used when there are limits for them. */
const limits: Readonly<Record<string, object>> = {
  memory: { limit: 1 << 28 },
  pids: { limit: 100 },
  cpu: { shares: 512 },
};

const controllers = ['devices', ...Object.keys(limits)];

/** As much as the host can limit. */
const resources = ({ host }: Trial): object => ({
  devices: [{ allow: false, access: 'rwm' }],
  ...Object.fromEntries(Object.entries(limits).filter(([name]) => host.controllers.includes(name))),
});

function folders(path: string): string[] {
  const found = foldersOf(path, controllers);
  if (found.length === 0) throw new NotTestable('needs mounted cgroups');
  return found;
}

/** Cgroups of a process, hierarchies in which the kernel has put it by itself left out. */
const placesOf = (pid: number, name: string): string[] =>
  textOf(`/proc/${pid}/cgroup`)
    .split('\n')
    .filter((line) => line.includes(name))
    .sort();

export const cgroupsPathTests = subject('cgroups-path', (test) => {
  for (const [slug, suffix] of [
    ['absolute', ''],
    ['nested', '/a/b'],
  ] as const)
    test(
      slug,
      `An absolute path (id${suffix}) counts from where cgroups are mounted`,
      { proves: ['config-linux/cgroups-path/1', 'config-linux/cgroups-path/2'], needs: [root] },
      async (trial) => {
        const container = await trial.probing(['wait'], ({ linux }) => {
          Object.assign(linux, {
            cgroupsPath: `${linux.cgroupsPath}${suffix}`,
            resources: resources(trial),
          });
        });
        const all = folders(`${container.cgroup}${suffix}`);
        const { pid } = container;
        for (const folder of all) ok(isIn(folder, pid), `the container is not in ${folder}`);
        await container.delete('--force');
        deepEqual(
          all.filter((folder) => existsSync(folder)),
          [],
          'delete has left cgroups',
        );
        // Those above the container’s own need not go with it.
        removeCgroups(container.cgroup);
      },
    );

  test(
    'relative',
    'A relative path leads to the same place each time',
    { proves: ['config-linux/cgroups-path/1', 'config-linux/cgroups-path/3'], needs: [root] },
    async (trial) => {
      const path = trial.container().cgroup.slice(1);
      const places: string[][] = [];
      for (const _ of ['first', 'second']) {
        const container = await trial.probing(['wait'], ({ linux }) => {
          Object.assign(linux, { cgroupsPath: path, resources: resources(trial) });
        });
        places.push(placesOf(container.pid, path));
        await container.delete('--force');
      }
      const [first = [], second] = places;
      ok(first.length > 0, `the path of no cgroup has ${path} in it`);
      deepEqual(second, first);
    },
  );

  test(
    'same-place',
    'An absolute path leads to the same place each time',
    { proves: ['config-linux/cgroups-path/3'], needs: [root] },
    async (trial) => {
      const { cgroup } = trial.container();
      for (const _ of ['first', 'second']) {
        const container = await trial.probing(['wait'], ({ linux }) => {
          Object.assign(linux, { cgroupsPath: cgroup, resources: resources(trial) });
        });
        for (const folder of folders(cgroup)) ok(isIn(folder, container.pid), folder);
        await container.delete('--force');
      }
    },
  );

  test(
    'default',
    'Without a path the container has cgroups of the runtime’s choice, or none',
    { proves: ['runtime/lifecycle/1'], needs: [root] },
    async (trial) => {
      const { pid } = await trial.look(({ linux }) => {
        delete linux.cgroupsPath;
      });
      ok(pid > 0);
    },
  );

  test(
    'invalid',
    'A path that no cgroup can have is refused',
    { proves: ['config-linux/cgroups-path/4'], needs: [root] },
    (trial) =>
      refusedAnyhow(trial, ({ linux }) => {
        Object.assign(linux, {
          cgroupsPath: `${linux.cgroupsPath}/${'x'.repeat(5000)}`,
          resources: resources(trial),
        });
      }),
  );
});
