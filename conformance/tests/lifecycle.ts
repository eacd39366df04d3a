import { deepEqual, equal, notEqual, ok } from 'node:assert/strict';
import { readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../lib/config.js';
import { parseMounts, textOf } from '../lib/machine.js';
import { mountAt, type Report } from '../probe/report.js';
import { onHost } from '../runner/holder.js';
import { root } from '../runner/host.js';
import { subject } from '../runner/test.js';
import { succeeds } from '../runner/trial.js';
import { hooksRun, telling } from './lib/told.js';
import { runs, statusOf } from './lib/view.js';

const unshared = ['mnt', 'pid', 'net', 'ipc', 'uts'];

const namespaceOf = (pid: number | 'self', name: string) => readlinkSync(`/proc/${pid}/ns/${name}`);

/** Null where nobody may look. */
function programOf(pid: number): string | null {
  try {
    const { dev, ino } = statSync(`/proc/${pid}/exe`);
    return `${dev}:${ino}`;
  } catch {
    return null;
  }
}

function environment(config: Config): void {
  config.hostname = 'elsewhere';
  config.mounts.push({ destination: '/tmp', type: 'tmpfs', options: ['size=64k', 'nosuid'] });
  config.process.cwd = '/tmp';
  config.process.env = ['WHERE=inside'];
}

const forwarding = '/proc/sys/net/ipv4/conf/lo/forwarding';

function applied(config: Config): void {
  environment(config);
  config.root.readonly = true;
  config.linux.sysctl = { 'net.ipv4.conf.lo.forwarding': '1' };
  config.linux.devices = [{ path: '/dev/thing', type: 'c', major: 60, minor: 1 }];
  config.linux.maskedPaths = ['/sys'];
  config.linux.readonlyPaths = ['/proc/sys'];
}

function isThere({ hostname, cwd, env }: Report): void {
  deepEqual([hostname, cwd], ['elsewhere', '/tmp']);
  ok(env.includes('WHERE=inside'), 'the environment variable');
}

const changed = ['/probe', 'exit', '7'];

export const lifecycleTests = subject('lifecycle', (test) => {
  test(
    'environment',
    'The program finds the environment that the configuration describes',
    { proves: ['runtime/lifecycle/1', 'runtime/lifecycle/13', 'runtime/start/3'] },
    async (trial) => {
      const report = await trial.look(environment, 'stat', '/probe');
      isThere(report);
      deepEqual(report.argv, ['/probe', 'stat', '/probe']);
      equal(mountAt(report, '/tmp')?.type, 'tmpfs');
      ok(mountAt(report, '/tmp')?.superOptions.includes('size=64k'));
      for (const name of unshared)
        notEqual(report.namespaces[name], namespaceOf('self', name), `the ${name} namespace`);
    },
  );

  test(
    'create-runs-nothing',
    'create does not run the program, which start does once',
    { proves: ['runtime/lifecycle/3', 'runtime/create/5', 'runtime/start/3'] },
    async (trial) => {
      const container = trial.container((config) => {
        config.process.args = ['/probe', 'append', '/witness', 'was here'];
      });
      const pid = await container.created();
      const { dev, ino } = statSync(join(container.rootfs, 'probe'));
      notEqual(programOf(pid), `${dev}:${ino}`, 'the process executes the program already');
      equal(await statusOf(trial, container), 'created');
      deepEqual([runs(container), textOf(join(container.rootfs, 'witness'))], [0, '']);
      await succeeds(container.start());
      await container.ended(pid);
      deepEqual([runs(container), textOf(join(container.rootfs, 'witness'))], [1, 'was here']);
    },
  );

  test(
    'create-makes-all',
    'After create the namespaces and mounts of the container are there',
    { proves: ['runtime/lifecycle/3', 'runtime/create/4'], needs: [root] },
    async (trial) => {
      const pid = await trial.container(environment).created();
      for (const name of unshared)
        notEqual(namespaceOf(pid, name), namespaceOf('self', name), `the ${name} namespace`);
      const mounts = parseMounts(textOf(`/proc/${pid}/mountinfo`));
      equal(mounts.findLast(({ path }) => path === '/tmp')?.type, 'tmpfs');
    },
  );

  test(
    'create-applies',
    'After create, before start, the container has its names, parameters, devices and protections',
    { proves: ['runtime/lifecycle/3', 'runtime/create/4'], needs: [root] },
    async (trial) => {
      const pid = await trial.container(applied).created();
      const inside = (path: string) => `/proc/${pid}/root${path}`;
      const namespaces = ['uts', 'net'].flatMap((name) => ['enter', `/proc/${pid}/ns/${name}`]);
      const { hostname, results } = onHost(...namespaces, 'read', forwarding);
      deepEqual([hostname, results.at(-1)?.text], ['elsewhere', '1\n']);
      const [thing, masked] = onHost('stat', inside('/dev/thing'), 'list', inside('/sys')).results;
      deepEqual([thing?.type, thing?.major, thing?.minor], ['character', 60, 1]);
      deepEqual(masked?.names, []);
      const mounts = parseMounts(textOf(`/proc/${pid}/mountinfo`));
      const isReadOnly = (place: string) =>
        mounts.findLast(({ path }) => path === place)?.options.includes('ro');
      deepEqual([isReadOnly('/'), isReadOnly('/proc/sys')], [true, true]);
    },
  );

  test(
    'create-joins-cgroup',
    'After create the process is in the cgroup of the configuration',
    { proves: ['runtime/lifecycle/3', 'runtime/create/4'], needs: [root] },
    async (trial) => {
      const container = trial.container();
      const pid = await container.created();
      ok(textOf(`/proc/${pid}/cgroup`).includes(`:${container.cgroup}\n`));
    },
  );

  test(
    'config-changed',
    'What becomes of config.json after create does not matter to start',
    { proves: ['runtime/lifecycle/4'] },
    async (trial) => {
      const container = trial.container((config) => {
        environment(config);
        config.process.args = ['/probe', 'stat', '/probe'];
      });
      await succeeds(container.create());
      container.config.hostname = 'changed';
      container.config.process = { ...container.config.process, args: changed, cwd: '/', env: [] };
      container.config.annotations = { 'org.example.late': 'yes' };
      container.config.hooks = { poststart: [telling(trial, 'poststart')] };
      container.write();
      await succeeds(container.start());
      const report = await trial.firstReport(container);
      deepEqual(report.argv, ['/probe', 'stat', '/probe']);
      isThere(report);
      deepEqual(hooksRun(trial), []);
      deepEqual(Object.keys((await container.query()).annotations ?? {}), []);
    },
  );

  test(
    'config-changed-running',
    'What becomes of config.json after start does not matter to delete',
    { proves: ['runtime/lifecycle/4'] },
    async (trial) => {
      const container = trial.container((config) => {
        config.hooks = { poststop: [telling(trial, 'poststop', 'before')] };
      });
      await container.started();
      container.config.hooks = { poststop: [telling(trial, 'poststop', 'after')] };
      container.write();
      await container.ended();
      await succeeds(container.delete());
      deepEqual(hooksRun(trial), ['before']);
    },
  );
});
