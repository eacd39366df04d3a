import { deepEqual, equal, notEqual } from 'node:assert/strict';
import type { Container } from '../lib/container.js';
import { subject } from '../runner/test.js';
import { succeeds, type Trial } from '../runner/trial.js';
import { type Command, calledBack, callingHook, commands, idIn } from './lib/commands.js';
import { isState } from './lib/schema.js';
import { hooksRun, telling } from './lib/told.js';
import { becomes, running, runs, statusOf } from './lib/view.js';

/** A container that is not created before a command of the runtime has ended that was called of it. */
const disturbed = (trial: Trial, command: Command): Container =>
  trial.container((config, paths) => {
    config.process.args = [...running];
    config.hooks = {
      createRuntime: [callingHook(trial, commands[command](paths.bundle, idIn(paths)))],
      poststart: [telling(trial, 'poststart')],
      poststop: [telling(trial, 'poststop')],
    };
  });

/** It lives as if nobody had disturbed its creation. */
async function isWhole(trial: Trial, container: Container): Promise<void> {
  equal(await statusOf(trial, container), 'created');
  equal(runs(container), 0, 'its program has been run');
  await succeeds(container.start());
  await trial.firstReport(container);
  equal(runs(container), 1);
  await succeeds(container.kill('KILL'));
  await becomes(trial, container, 'stopped');
  await succeeds(container.delete());
  deepEqual(hooksRun(trial), ['poststart', 'poststop']);
}

const refusals: Partial<Record<Command, readonly string[]>> = {
  create: ['runtime/create/2'],
  start: ['runtime/start/2'],
  kill: ['runtime/kill/2'],
  'signal-0': ['runtime/kill/2'],
  delete: ['runtime/delete/2'],
};

export const creatingTests = subject('creating', (test) => {
  for (const [command, proves = []] of Object.entries(refusals))
    test(
      command,
      `${command.replace('-', ' ')} of a container that is being created fails and has no effect`,
      { proves: [...proves, 'runtime/errors/1'] },
      async (trial) => {
        const container = disturbed(trial, command as Command);
        await succeeds(container.create());
        notEqual(calledBack(trial).status, 0, `${command} has succeeded`);
        await isWhole(trial, container);
      },
    );

  test(
    'state',
    'state of a container that is being created says so, or that there is none yet',
    { proves: ['runtime/query-state/2', 'runtime/query-state/3'] },
    async (trial) => {
      const container = disturbed(trial, 'state');
      await succeeds(container.create());
      const { status, stdout } = calledBack(trial);
      if (status === 0) equal(isState(JSON.parse(stdout)).status, 'creating');
      await isWhole(trial, container);
    },
  );
});
