import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { probe } from '../../probe/program.js';
import { root } from '../../runner/host.js';
import { subject } from '../../runner/test.js';
import { fails, succeeds, type Trial } from '../../runner/trial.js';
import { created, failsWith, messageIn, running, stopped } from '../help.js';

const misleading =
  /no such file or directory|permission denied|operation not permitted|executable file not found/i;

/** Programs that cannot be executed, and what says so. */
const programs: readonly (readonly [
  slug: string,
  program: string,
  clause: string,
  says: RegExp,
])[] = [
  ['in-path', 'nowhere', 'not-found', /executable file not found in \$PATH/],
  ['at-path', '/nowhere', 'not-found', /no such file or directory/],
  ['directory', '/etc', 'not-executable', /is a directory|permission denied/],
  ['file', '/etc/text', 'not-executable', /permission denied/],
];

const state = (trial: Trial, name: string): Record<string, unknown> =>
  JSON.parse(String(trial.told(name)[0]?.results[0]?.text));

export const textTests = subject('engine-texts', (test) => {
  for (const verb of ['state', 'start', 'kill', 'delete', 'pause', 'resume', 'update', 'exec'])
    test(
      `missing-${verb}`,
      `${verb} of a container that there is not says: does not exist`,
      { proves: ['protocols/does-not-exist'] },
      async (trial) => {
        const words = [verb, 'engine-nobody', ...(verb === 'exec' ? ['/probe'] : [])];
        match((await fails(trial.runtime(...words))).stderr, /does not exist/);
      },
    );

  test(
    'not-running',
    'kill of a container that has ended says: container not running',
    { proves: ['protocols/not-running'] },
    async (trial) => {
      await failsWith((await stopped(trial)).kill('KILL'), 1, /container not running/);
    },
  );

  for (const [slug, program, clause, says] of programs) {
    const prepare = (rootfs: string) => writeFileSync(join(rootfs, 'etc/text'), 'text');
    test(
      `create-${slug}`,
      `create tells why the program ${program} cannot be executed`,
      { proves: [`protocols/${clause}`] },
      async (trial) => {
        const container = trial.container(({ process }, { rootfs }) => {
          prepare(rootfs);
          process.args = [program];
        });
        await failsWith(container.create(), 1, says);
      },
    );

    test(
      `exec-${slug}`,
      `exec tells why the program ${program} cannot be executed`,
      { proves: [`protocols/${clause}`] },
      async (trial) => {
        const container = await running(trial, (_, { rootfs }) => prepare(rootfs));
        const { stderr } = await fails(container.exec([], program));
        match(messageIn(stderr), says);
      },
    );
  }

  test(
    'already-exists',
    'An id that is in use is refused: already exists',
    { proves: ['protocols/already-exists'] },
    async (trial) => {
      const { id } = await created(trial);
      const { bundle } = trial.container();
      await failsWith(trial.runtime('create', '--bundle', bundle, id), 1, /already exists/);
    },
  );

  test(
    'not-stopped',
    'delete of a container that runs says that it is not stopped: running',
    { proves: ['protocols/not-stopped'] },
    async (trial) => {
      const container = await running(trial);
      const says = new RegExp(
        `cannot delete container ${container.id} that is not stopped: running`,
      );
      await failsWith(container.delete(), 1, says);
    },
  );

  test(
    'starts',
    'start tells whether the container has stopped or runs already',
    { proves: ['protocols/starts'] },
    async (trial) => {
      const ended = await stopped(trial);
      await failsWith(ended.start(), 1, /cannot start a container that has stopped/);
      const container = await running(trial);
      await failsWith(container.start(), 1, /cannot start an already running container/);
    },
  );

  test(
    'execs',
    'exec tells that the container has stopped, and that a command is missing',
    { proves: ['protocols/execs'] },
    async (trial) => {
      const ended = await stopped(trial);
      match((await ended.exec([], '/probe')).stderr, /cannot exec in a stopped container/);
      match((await (await running(trial)).exec([])).stderr, /exec args cannot be empty/);
    },
  );

  test(
    'pauses',
    'pause says that a container is not running, resume that it is not paused',
    { proves: ['protocols/pauses'], needs: [root] },
    async (trial) => {
      const ended = await stopped(trial);
      await failsWith(trial.runtime('pause', ended.id), 1, /container not running/);
      const container = await running(trial);
      await failsWith(trial.runtime('resume', container.id), 1, /container not paused/);
    },
  );

  test(
    'ordinary',
    'What has nothing to do with a program is not told in words that callers take for one',
    { proves: ['protocols/ordinary'] },
    async (trial) => {
      const container = trial.container();
      const refused: [string, readonly string[]][] = [
        ['a container that is missing', ['state', 'engine-nobody']],
        ['delete of a missing one', ['delete', 'engine-nobody']],
        ['start of a missing one', ['start', 'engine-nobody']],
        ['a wrong option', ['state', '--bogus', 'x']],
        ['a wrong id', ['create', '--bundle', container.bundle, 'a/b']],
      ];
      for (const [what, words] of refused) {
        const { stderr } = await fails(trial.runtime(...words));
        ok(!misleading.test(stderr), `${what}: ${stderr}`);
      }
    },
  );
});

export const hookTests = subject('engine-hooks', (test) => {
  test(
    'state',
    'A hook reads the state: compact, with id, pid, bundle and status, without rootfs',
    { proves: ['protocols/hook-state'] },
    async (trial) => {
      const args = ['probe', 'stdin', 'to', trial.file('hooks')];
      const container = trial.container((config) => {
        config.hooks = { createRuntime: [{ path: probe(), args }] };
      });
      const pid = await container.created();
      const text = String(trial.told('hooks')[0]?.results[0]?.text);
      equal(text, JSON.stringify(JSON.parse(text)));
      const { id, bundle, status, ...rest } = state(trial, 'hooks');
      deepEqual([id, rest.pid, bundle, status], [container.id, pid, container.bundle, 'creating']);
      ok(!('rootfs' in rest));
    },
  );

  test(
    'poststop',
    'A hook after the end reads a state without a process',
    { proves: ['protocols/hook-state'] },
    async (trial) => {
      const args = ['probe', 'stdin', 'to', trial.file('hooks')];
      const container = await stopped(trial, (config) => {
        config.hooks = { poststop: [{ path: probe(), args }] };
      });
      await succeeds(container.delete());
      const { id, status, pid } = state(trial, 'hooks');
      deepEqual([id, status, pid ?? 0], [container.id, 'stopped', 0]);
    },
  );

  test(
    'output',
    'What hooks print does not reach the output of create',
    { proves: ['protocols/hook-output'] },
    async (trial) => {
      const container = trial.container((config) => {
        config.hooks = { createRuntime: [{ path: probe(), args: ['probe'] }] };
      });
      const { stdout, stderr } = await succeeds(container.create());
      equal(stdout, '');
      ok(!stderr.includes('results'), stderr);
    },
  );

  for (const [slug, env] of [
    ['some', ['A=1', 'B=two words']],
    ['none', []],
  ] as const)
    test(
      `environment-${slug}`,
      `A hook with an environment of ${slug === 'none' ? 'nothing' : 'two variables'} has that one alone`,
      { proves: ['protocols/hook-environment'] },
      async (trial) => {
        const args = ['probe', 'to', trial.file('hooks')];
        const container = trial.container((config) => {
          config.hooks = { createRuntime: [{ path: probe(), args, env }] };
        });
        await container.created();
        deepEqual(trial.told('hooks')[0]?.env, env);
      },
    );

  test(
    'failure',
    'A hook that fails is told of, with its exit status',
    { proves: ['protocols/hook-failure'] },
    async (trial) => {
      const container = trial.container((config) => {
        config.hooks = { createRuntime: [{ path: probe(), args: ['probe', 'exit', '9'] }] };
      });
      match((await fails(container.create())).stderr, /hook.*exit status 9/);
      await trial.expectNothingLeft();
    },
  );
});
