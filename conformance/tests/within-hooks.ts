/** Operations of a container that its own hooks ask for: none may wait for the one that runs the hook. */
import { deepEqual, equal, notEqual } from 'node:assert/strict';
import type { Container } from '../lib/container.js';
import type { HookKind } from '../lib/hooks.js';
import { subject } from '../runner/test.js';
import { succeeds, type Trial } from '../runner/trial.js';
import { type Command, calledBack, callingHook, commands, idIn } from './lib/commands.js';
import { isState } from './lib/schema.js';
import { hooksRun, telling } from './lib/told.js';
import { becomes, running, runs, statusOf } from './lib/view.js';

/** Its first hook of a kind calls the runtime; others tell that they have run. */
const calling = (trial: Trial, kind: HookKind, command: Command): Container =>
  trial.container((config, paths) => {
    const call = callingHook(trial, commands[command](paths.bundle, idIn(paths)));
    const hooks = (each: HookKind) => [...(each === kind ? [call] : []), telling(trial, each)];
    config.process.args = [...running];
    config.hooks = { poststart: hooks('poststart'), poststop: hooks('poststop') };
  });

async function isRunning(trial: Trial, container: Container): Promise<void> {
  await trial.firstReport(container);
  equal(await statusOf(trial, container), 'running');
  await succeeds(container.kill('KILL'));
}

async function isEnded(trial: Trial, container: Container): Promise<void> {
  await becomes(trial, container, 'stopped');
  equal(runs(container), 1, 'the program has not been run once');
  await succeeds(container.delete());
  deepEqual(hooksRun(trial), ['poststart', 'poststop']);
  equal(await statusOf(trial, container), 'absent');
  await trial.expectNothingLeft();
}

const refusals = {
  create: 'runtime/create/2',
  start: 'runtime/start/2',
  delete: 'runtime/delete/2',
} as const;

export const withinHooksTests = subject('within-hooks', (test) => {
  for (const command of ['create', 'start', 'delete'] as const)
    test(
      `poststart-${command}`,
      `${command} of a container that a poststart hook asks for fails and has no effect`,
      { proves: [refusals[command], 'runtime/errors/1'] },
      async (trial) => {
        const container = calling(trial, 'poststart', command);
        await container.started();
        notEqual(calledBack(trial).status, 0, `${command} has succeeded`);
        await isRunning(trial, container);
        await isEnded(trial, container);
      },
    );

  test(
    'poststart-state',
    'state of a container that a poststart hook asks for answers that it is running',
    { proves: ['runtime/query-state/3', 'runtime/lifecycle/14'] },
    async (trial) => {
      const container = calling(trial, 'poststart', 'state');
      await container.started();
      const { status, stdout, stderr } = calledBack(trial);
      equal(status, 0, stderr);
      equal(isState(JSON.parse(stdout)).status, 'running');
      await isRunning(trial, container);
      await isEnded(trial, container);
    },
  );

  test(
    'poststart-kill',
    'kill of a container that a poststart hook asks for ends its process',
    { proves: ['runtime/kill/3', 'runtime/lifecycle/14'] },
    async (trial) => {
      const container = calling(trial, 'poststart', 'kill');
      await succeeds(container.create());
      // The process may have ended before anybody could see it run; its start is no failure then.
      await container.start();
      const { status, stderr } = calledBack(trial);
      equal(status, 0, stderr);
      await becomes(trial, container, 'stopped');
      await succeeds(container.delete());
      equal(await statusOf(trial, container), 'absent');
      await trial.expectNothingLeft();
    },
  );

  for (const command of ['state', 'delete'] as const)
    test(
      `poststop-${command}`,
      `${command} of a container that a poststop hook asks for does not disturb its deletion`,
      { proves: ['runtime/delete/3', 'runtime/lifecycle/17'] },
      async (trial) => {
        const container = calling(trial, 'poststop', command);
        await container.started();
        await isRunning(trial, container);
        await isEnded(trial, container);
        if (command === 'delete') notEqual(calledBack(trial).status, 0, 'it is deleted twice');
      },
    );
});
