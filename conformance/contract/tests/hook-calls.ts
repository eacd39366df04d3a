/** Hooks that call the runtime for their own container, as those of networks and monitors do. */
import { equal, match } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Container } from '../../lib/container.js';
import type { Hook } from '../../lib/hooks.js';
import { cgroupFile } from '../../lib/machine.js';
import { root } from '../../runner/host.js';
import { subject } from '../../runner/test.js';
import { fails, succeeds, type Trial } from '../../runner/trial.js';
import { calledBack, callingHook, idIn } from '../../tests/lib/commands.js';
import { messageIn } from '../help.js';

type Words = (id: string, bundle: string) => readonly string[];

/** Seconds: what waits for who waits for it would do so for ever. */
const timeout = 10;

const early = {
  exec: (id) => ['exec', id, '/probe'],
  ps: (id) => ['ps', '--format', 'json', id],
  events: (id) => ['events', '--stats', id],
  pause: (id) => ['pause', id],
  resume: (id) => ['resume', id],
  update: (id) => ['update', '--pids-limit', '99', id],
} as const satisfies Readonly<Record<string, Words>>;

const createHooks = ['prestart', 'createRuntime', 'createContainer'] as const;

/** One that waits, and whose hook of `create` calls the runtime; what it hears is in `calledBack`. */
const calling = (trial: Trial, kind: (typeof createHooks)[number], words: Words): Container =>
  trial.container((config, paths) => {
    const call = callingHook(trial, words(idIn(paths), paths.bundle));
    config.process.args = ['/probe', 'wait'];
    config.hooks = { [kind]: [{ ...call, timeout }] };
  });

/** A hook that succeeds if the command does. */
const demanding = ({ engine, root: place }: Trial, words: readonly string[]): Hook => ({
  path: '/bin/sh',
  args: [
    ...['sh', '-c', 'cat >/dev/null; exec "$@" </dev/null >/dev/null 2>&1'],
    ...['sh', ...engine.command, '--root', place, ...words],
  ],
  env: [`PATH=${process.env.PATH ?? '/usr/sbin:/usr/bin:/sbin:/bin'}`],
  timeout,
});

const late = (trial: Trial, ...all: readonly Words[]): Container =>
  trial.container((config, paths) => {
    config.process.args = ['/probe', 'wait'];
    const hooks = all.map((words) => demanding(trial, words(idIn(paths), paths.bundle)));
    config.hooks = { poststart: hooks };
  });

const starts = {
  start: async (container: Container) => {
    await container.created();
    await succeeds(container.start());
  },
  run: (container: Container) => succeeds(container.runtime('run', '--detach')),
} as const;

export const hookCallTests = subject('engine-hook-calls', (test) => {
  for (const [command, words] of Object.entries(early))
    test(
      `early-${command}`,
      `${command} by a hook of create fails at once as for a container that there is not`,
      { proves: ['protocols/hook-calls-early'] },
      async (trial) => {
        const container = calling(trial, 'createRuntime', words);
        await succeeds(container.create());
        const { status, stderr } = calledBack(trial);
        equal(status, command === 'exec' ? 255 : 1);
        match(messageIn(stderr), /does not exist/);
        equal(await container.status(), 'created');
      },
    );

  for (const kind of createHooks)
    test(
      `early-delete-${kind}`,
      `delete --force by a hook of the kind ${kind} succeeds, and create fails and leaves nothing`,
      { proves: ['protocols/hook-deletes'] },
      async (trial) => {
        const container = calling(trial, kind, (id) => ['delete', '--force', id]);
        await fails(container.create());
        equal(calledBack(trial).status, 0, calledBack(trial).stderr);
        await fails(trial.runtime('state', container.id));
        await trial.expectNothingLeft();
      },
    );

  for (const [verb, act] of Object.entries(starts)) {
    const proof = { proves: ['protocols/hook-calls-late'] };

    test(
      `${verb}-pause`,
      `A poststart hook of ${verb} can pause its container and let it go on`,
      { ...proof, needs: [root] },
      async (trial) => {
        const container = late(trial, early.pause, early.resume);
        await act(container);
        equal(await container.status(), 'running');
      },
    );

    test(
      `${verb}-update`,
      `A poststart hook of ${verb} can give its container other limits`,
      { ...proof, needs: [root] },
      async (trial) => {
        const container = late(trial, early.update);
        await act(container);
        const file = cgroupFile('pids', container.cgroup, 'pids.max');
        equal(readFileSync(file, 'utf8'), '99\n');
      },
    );

    test(
      `${verb}-delete`,
      `A poststart hook of ${verb} can delete its container`,
      proof,
      async (trial) => {
        await act(late(trial, (id) => ['delete', '--force', id]));
        await trial.expectNothingLeft();
      },
    );
  }
});
