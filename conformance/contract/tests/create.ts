import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cgroupFile, isAlive } from '../../lib/machine.js';
import { sendSignal } from '../../lib/send-signal.js';
import { until } from '../../lib/until.js';
import { root } from '../../runner/host.js';
import { subject } from '../../runner/test.js';
import { fails, succeeds } from '../../runner/trial.js';
import { created, failsWith, running, stopped } from '../help.js';

export const createTests = subject('engine-create', (test) => {
  test(
    'working-directory',
    'Without --bundle the bundle is where the caller is',
    { proves: ['commands/create-bundle'] },
    async (trial) => {
      const { id, bundle } = trial.container();
      await succeeds(trial.with({ cwd: bundle }, 'create', id));
      const { stdout } = await succeeds(trial.runtime('state', id));
      equal(JSON.parse(stdout).bundle, bundle);
    },
  );

  test(
    'relative-bundle',
    'A relative bundle is found, and known by its absolute path',
    { proves: ['commands/create-bundle'] },
    async (trial) => {
      const { id, bundle } = trial.container();
      await succeeds(trial.with({ cwd: trial.folder }, 'create', '--bundle', `./${id}`, id));
      const { stdout } = await succeeds(trial.runtime('state', id));
      equal(JSON.parse(stdout).bundle, bundle);
    },
  );

  test(
    'no-config',
    'A bundle without config.json is refused with its name',
    { proves: ['commands/create-no-config'] },
    async (trial) => {
      const container = trial.container();
      rmSync(join(container.bundle, 'config.json'));
      await failsWith(container.create(), 1, /config\.json/);
      await trial.expectNothingLeft();
    },
  );

  test(
    'no-bundle',
    'A bundle that there is not is refused',
    { proves: ['commands/create-no-config'] },
    async (trial) => {
      equal((await fails(trial.runtime('create', '--bundle', '/nowhere', 'engine-x'))).status, 1);
    },
  );

  test(
    'relative-pid-file',
    'A relative pid file is written where the caller is',
    { proves: ['commands/create-pid-file'] },
    async (trial) => {
      const { id, bundle } = trial.container();
      const cwd = trial.folderFor('caller');
      await succeeds(trial.with({ cwd }, 'create', '--bundle', bundle, '--pid-file', 'pid', id));
      const { stdout } = await succeeds(trial.runtime('state', id));
      equal(readFileSync(join(cwd, 'pid'), 'utf8'), String(JSON.parse(stdout).pid));
      ok(!existsSync(join(bundle, 'pid')));
    },
  );

  for (const program of ['nowhere-at-all', '/nowhere/at/all', '/etc', '/tmp/file'])
    test(
      `program${program.replaceAll('/', '-')}`,
      `create fails for the program ${program}, and leaves nothing`,
      { proves: ['commands/create-program', 'commands/create-undone'] },
      async (trial) => {
        const container = trial.container(({ process }, { rootfs }) => {
          process.args = [program];
          mkdirSync(join(rootfs, 'tmp'), { recursive: true });
        });
        equal((await fails(container.create())).status, 1);
        await trial.expectNothingLeft();
        ok(!container.hasPidFile(), 'the pid file is there');
      },
    );

  test(
    'cgroup',
    'A cgroup with another container’s process in it is refused, and that one is not harmed',
    { proves: ['commands/create-cgroup'], needs: [root] },
    async (trial) => {
      const container = await running(trial);
      const second = trial.container(({ linux }) => {
        linux.cgroupsPath = container.cgroup;
      });
      await failsWith(second.create(), 1, /cgroup is not empty/);
      equal(await container.status(), 'running');
      const file = cgroupFile('pids', container.cgroup, 'cgroup.procs');
      equal(readFileSync(file, 'utf8'), `${container.pid}\n`);
    },
  );

  test(
    'no-pivot',
    'With --no-pivot the container has its own root all the same',
    { proves: ['commands/create-flags'], needs: [root] },
    async (trial) => {
      const container = trial.container(({ process, linux }) => {
        process.args = ['/probe', 'list', '/'];
        linux.maskedPaths = [];
        linux.readonlyPaths = [];
      });
      await container.started('--no-pivot');
      await container.ended();
      const { results } = JSON.parse(container.output());
      deepEqual(results[0].names, ['dev', 'etc', 'probe', 'proc', 'sys', 'tmp']);
    },
  );

  test(
    'keyring',
    'A container has a session keyring of its own, with --no-new-keyring the caller’s',
    // In each user namespace the caller has another one.
    { proves: ['commands/create-flags'], needs: [root] },
    async (trial) => {
      const keyring = async (...flags: string[]): Promise<number> => {
        const container = trial.container();
        await container.started(...flags);
        await container.ended();
        return JSON.parse(container.output()).keyring;
      };
      const [first, second] = [await keyring(), await keyring()];
      const [third, fourth] = [
        await keyring('--no-new-keyring'),
        await keyring('--no-new-keyring'),
      ];
      ok(first !== second, 'two containers share a keyring');
      equal(third, fourth);
      ok(![first, second].includes(third), 'the keyring is a new one');
    },
  );

  test(
    'killed',
    'What is left of a create that was killed at any moment can be deleted, and its id used again',
    { proves: ['commands/create-killed'] },
    async (trial) => {
      for (const moment of [1, 4, 8, 12, 16, 24]) {
        const { id, bundle } = trial.container();
        const call = trial.start(['create', '--bundle', bundle, id]);
        const after = performance.now() + moment;
        await until('the moment has come', () => performance.now() >= after);
        call.child.kill('SIGKILL');
        await call.ended();
        await succeeds(trial.runtime('delete', '--force', id));
        await succeeds(trial.runtime('create', '--bundle', bundle, id));
        await succeeds(trial.runtime('delete', '--force', id));
        await trial.expectNothingLeft();
      }
    },
  );
});

export const startTests = subject('engine-start', (test) => {
  test(
    'twice',
    'A container that runs cannot be started',
    { proves: ['commands/start-once'] },
    async (trial) => {
      const container = await running(trial);
      const before = await container.query();
      equal((await fails(container.start())).status, 1);
      deepEqual(await container.query(), before);
    },
  );

  test(
    'stopped',
    'A container that has stopped cannot be started',
    { proves: ['commands/start-once'] },
    async (trial) => {
      const container = await stopped(trial);
      equal((await fails(container.start())).status, 1);
      equal(await container.status(), 'stopped');
    },
  );

  test(
    'paused',
    'A container that is paused cannot be started',
    { proves: ['commands/start-once'], needs: [root] },
    async (trial) => {
      const container = await created(trial);
      await succeeds(trial.runtime('pause', container.id));
      const { status } = await container.start();
      await trial.runtime('resume', container.id);
      equal(status, 1);
    },
  );

  test(
    'dead',
    'The start of a container whose process was killed fails',
    { proves: ['commands/start-dead'] },
    async (trial) => {
      const container = await created(trial);
      sendSignal(container.pid, 'SIGKILL');
      await container.ended();
      equal((await fails(container.start())).status, 1);
      equal(await container.status(), 'stopped');
    },
  );

  test(
    'released',
    'start ends while the process goes on, which is the one that create has made',
    { proves: ['commands/start-released'] },
    async (trial) => {
      const container = await created(trial, ({ process }) => {
        process.args = ['/probe', 'wait'];
      });
      const { pid } = container;
      await succeeds(container.start());
      await container.wrote('\n');
      ok(isAlive(pid));
      match(readFileSync(`/proc/${pid}/cmdline`, 'utf8'), /^\/probe\0wait\0$/);
    },
  );
});
