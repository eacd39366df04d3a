/** What create, start and delete refuse, and in which words; what they must not leave or hold. */
import { deepEqual, equal, match } from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../lib/config.js';
import { cgroupFile, pids, textOf } from '../../lib/machine.js';
import { until } from '../../lib/until.js';
import { cgroupV1, controller, root } from '../../runner/host.js';
import { subject } from '../../runner/test.js';
import { succeeds } from '../../runner/trial.js';
import { created, failsWith, listening, running } from '../help.js';

/** Configurations without what every container needs, and what says so. */
const wrong: readonly (readonly [slug: string, change: (config: Config) => void, says: RegExp])[] =
  [
    [
      'no-cwd',
      ({ process }) => {
        process.cwd = '';
      },
      /Cwd property must not be empty/,
    ],
    [
      'relative-cwd',
      ({ process }) => {
        process.cwd = 'tmp';
      },
      /Cwd must be an absolute path/,
    ],
    [
      'no-args',
      ({ process }) => {
        process.args = [];
      },
      /args must not be empty/,
    ],
  ];

/** Processes that have a file open. */
const holders = (path: string): number[] =>
  pids().filter((pid) => {
    try {
      const folder = `/proc/${pid}/fd`;
      return readdirSync(folder).some((fd) => readlinkSync(join(folder, fd)) === path);
    } catch {
      return false;
    }
  });

export const refusalTests = subject('engine-refusals', (test) => {
  for (const [slug, change, says] of wrong)
    test(
      slug,
      `create refuses such a process in the usual words: ${says.source}`,
      { proves: ['commands/create-words'] },
      async (trial) => {
        await failsWith(trial.container(change).create(), 1, says);
        await trial.expectNothingLeft();
      },
    );

  test(
    'no-config',
    'create says that the specification file is not found',
    { proves: ['commands/create-words', 'commands/create-no-config'] },
    async (trial) => {
      const cwd = trial.folderFor('empty');
      const says = /JSON specification file config\.json not found/;
      await failsWith(trial.with({ cwd }, 'create', 'engine-x'), 1, says);
    },
  );

  test(
    'no-bundle',
    'create and run say that there is no such directory to change to',
    { proves: ['commands/create-words'] },
    async (trial) => {
      for (const verb of ['create', 'run']) {
        const words = [verb, '--bundle', '/nowhere/at/all', 'engine-x'];
        await failsWith(trial.runtime(...words), 1, /chdir.*\/nowhere\/at\/all/);
      }
    },
  );

  test(
    'cgroup-in-use',
    'create says how many processes are in the cgroup',
    { proves: ['commands/create-cgroup'], needs: [root] },
    async (trial) => {
      const container = await running(trial);
      const second = trial.container(({ linux }) => {
        linux.cgroupsPath = container.cgroup;
      });
      await failsWith(second.create(), 1, /container's cgroup is not empty: 1 process\(es\) found/);
    },
  );

  test(
    'cgroup-frozen',
    'A cgroup that is frozen is refused, and stays',
    { proves: ['commands/create-frozen'], needs: [controller('freezer'), cgroupV1] },
    async (trial) => {
      const container = trial.container();
      const folder = cgroupFile('freezer', container.cgroup, '');
      mkdirSync(folder);
      try {
        writeFileSync(join(folder, 'freezer.state'), 'FROZEN');
        // One that is not refused would wait.
        const call = trial.start(container.words('create'));
        const isInside = () => textOf(join(folder, 'cgroup.procs')) !== '';
        await until('it has ended or is inside', () => call.child.exitCode !== null || isInside());
        const isRefused = call.child.exitCode === 1;
        writeFileSync(join(folder, 'freezer.state'), 'THAWED');
        match((await call.ended()).stderr, /container's cgroup unexpectedly frozen/);
        deepEqual([isRefused, existsSync(container.state)], [true, false]);
      } finally {
        await trial.runtime('delete', '--force', container.id);
        if (existsSync(folder)) {
          writeFileSync(join(folder, 'freezer.state'), 'THAWED');
          await until('it is empty', () => textOf(join(folder, 'cgroup.procs')) === '');
          rmdirSync(folder);
        }
      }
    },
  );

  test(
    'streams-held',
    'When create has ended, nobody holds its output but the container’s process',
    // What others have open only root can see.
    { proves: ['protocols/adopted', 'protocols/standard-streams'], needs: [root] },
    async (trial) => {
      const container = trial.container();
      const { running: call } = await succeeds(trial.runtime(...container.words('create')));
      deepEqual(
        [holders(call.stdoutFile), holders(call.stderrFile)],
        [[container.pid], [container.pid]],
      );
    },
  );

  test(
    'terminal-streams-held',
    'When create of a container with a terminal has ended, nobody holds its output',
    { proves: ['protocols/adopted', 'protocols/console-terminal'], needs: [root] },
    async (trial) => {
      const container = trial.container(({ process }) => {
        process.terminal = true;
      });
      await listening(
        trial,
        (path) => ['receive', path, 'drain'],
        async (path) => {
          const words = container.words('create', '--console-socket', path);
          const { running: call } = await succeeds(trial.runtime(...words));
          deepEqual([holders(call.stdoutFile), holders(call.stderrFile)], [[], []]);
          await succeeds(container.delete('--force'));
        },
      );
    },
  );

  test(
    'start-paused',
    'start says that the container is paused',
    { proves: ['protocols/starts', 'commands/start-once'], needs: [root] },
    async (trial) => {
      const container = await created(trial);
      await succeeds(trial.runtime('pause', container.id));
      const says = /cannot start a container in the paused state/;
      await failsWith(container.start(), 1, says).finally(() =>
        trial.runtime('resume', container.id),
      );
    },
  );

  test(
    'delete-paused',
    'delete of a container that is paused says that it is not stopped: paused',
    { proves: ['protocols/not-stopped'], needs: [root] },
    async (trial) => {
      const container = await running(trial);
      await succeeds(trial.runtime('pause', container.id));
      const says = `cannot delete container ${container.id} that is not stopped: paused`;
      await failsWith(container.delete(), 1, new RegExp(says));
    },
  );

  test(
    'delete-leftover',
    'delete of a directory that somebody left removes it, and fails: does not exist',
    { proves: ['commands/delete-leftover', 'states/leftover'] },
    async (trial) => {
      const container = trial.container();
      mkdirSync(container.state, { recursive: true });
      await failsWith(container.delete(), 1, /does not exist/);
      equal(existsSync(container.state), false);
    },
  );
});
