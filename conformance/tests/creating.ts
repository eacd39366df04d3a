import { equal, notEqual } from 'node:assert/strict';
import { subject } from '../runner/test.js';
import { succeeds } from '../runner/trial.js';
import { type Command, calledBack, commands } from './lib/commands.js';
import { disturbed, isWhole } from './lib/creating.js';
import { isState } from './lib/schema.js';

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
        const container = disturbed(trial, commands[command as Command]);
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
      const container = disturbed(trial, commands.state);
      await succeeds(container.create());
      const { status, stdout } = calledBack(trial);
      if (status === 0) equal(isState(JSON.parse(stdout)).status, 'creating');
      await isWhole(trial, container);
    },
  );
});
