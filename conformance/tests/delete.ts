import { equal } from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Container } from '../lib/container.js';
import { cgroupsOf, hierarchies } from '../lib/machine.js';
import { root } from '../runner/host.js';
import { subject } from '../runner/test.js';
import { succeeds, type Trial } from '../runner/trial.js';
import { states } from './lib/states.js';
import { statusOf } from './lib/view.js';

/** From its first to its last moment. */
async function live(trial: Trial, container: Container): Promise<void> {
  await container.started();
  await container.ended();
  await succeeds(container.delete());
  equal(await statusOf(trial, container), 'absent');
}

const makeCgroups = (path: string): string[] =>
  hierarchies().map(({ mountpoint }) => {
    mkdirSync(join(mountpoint, path), { recursive: true });
    return join(mountpoint, path);
  });

export const deleteTests = subject('delete', (test) => {
  test(
    'everything',
    'delete removes cgroups, mounts, processes and state that create has made',
    { proves: ['runtime/delete/3', 'runtime/lifecycle/16'] },
    async (trial) => {
      const container = await states.stopped(trial);
      await succeeds(container.delete());
      await trial.expectNothingLeft();
      equal(cgroupsOf(container.cgroup).join(), '');
    },
  );

  test(
    'bundle-stays',
    'delete leaves the bundle and what the program has written there',
    { proves: ['runtime/delete/4'] },
    async (trial) => {
      const container = trial.container((config) => {
        config.process.args = ['/probe', 'write', '/made', 'inside'];
      });
      const config = readFileSync(join(container.bundle, 'config.json'), 'utf8');
      await live(trial, container);
      equal(readFileSync(join(container.bundle, 'config.json'), 'utf8'), config);
      equal(readFileSync(join(container.rootfs, 'made'), 'utf8'), 'inside');
    },
  );

  test(
    'sources-stay',
    'delete leaves what was mounted into the container',
    { proves: ['runtime/delete/4'] },
    async (trial) => {
      const source = trial.folderFor('source');
      writeFileSync(join(source, 'there before'), '');
      const container = trial.container((config) => {
        config.mounts.push({ destination: '/data', source, options: ['rbind', 'rw'] });
        config.process.args = ['/probe', 'write', '/data/made', 'inside'];
      });
      await live(trial, container);
      equal(readdirSync(source).sort().join(), 'made,there before');
    },
  );

  test(
    'namespace-stays',
    'delete leaves namespaces that the container has joined, and who lives in them',
    { proves: ['runtime/delete/4'], needs: [root] },
    async (trial) => {
      const host = await states.running(trial);
      const path = (name: string) => `/proc/${host.pid}/ns/${name}`;
      const guest = trial.container((config) => {
        delete config.hostname;
        for (const namespace of config.linux.namespaces)
          if (namespace.type === 'uts') namespace.path = path('uts');
          else if (namespace.type === 'network') namespace.path = path('net');
      });
      await live(trial, guest);
      equal(await statusOf(trial, host), 'running');
      equal(existsSync(path('uts')) && existsSync(path('net')), true);
    },
  );

  test(
    'cgroup-above-stays',
    'delete leaves the cgroup above, which was there before',
    { proves: ['runtime/delete/4'], needs: [root] },
    async (trial) => {
      const above = `/${trial.container().id}`;
      const folders = makeCgroups(above);
      const container = trial.container(({ linux }) => {
        linux.cgroupsPath = `${above}/inner`;
      });
      await live(trial, container);
      equal(folders.filter((folder) => !existsSync(folder)).join(), '');
      equal(cgroupsOf(`${above}/inner`).join(), '');
      for (const folder of folders) rmdirSync(folder);
    },
  );

  test(
    'bystander',
    'delete of one container does nothing to another from the same root',
    { proves: ['runtime/delete/4'] },
    async (trial) => {
      const other = await states.running(trial);
      await live(trial, trial.container());
      equal(await statusOf(trial, other), 'running');
      await succeeds(other.kill('KILL'));
      await other.ended();
      await succeeds(other.delete());
    },
  );
});
