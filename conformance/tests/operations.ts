import { equal } from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { subject } from '../runner/test.js';
import { fails, succeeds } from '../runner/trial.js';
import { isState } from './lib/schema.js';
import { states } from './lib/states.js';
import { becomes, isAsBefore, runs, statusOf, viewOf } from './lib/view.js';

/** Each operation without what it must be given; `/nowhere` is no bundle. */
const incomplete: Readonly<Record<string, readonly (readonly string[])[]>> = {
  'query-state/1': [['state'], ['state', '']],
  'create/1': [['create'], ['create', ''], ['create', '--bundle', '/nowhere', 'runts-test-none']],
  'start/1': [['start'], ['start', '']],
  'kill/1': [['kill'], ['kill', '', 'KILL']],
  'delete/1': [['delete'], ['delete', '']],
};

/** What a file system reads in another way than as a name. */
const oddIds = ['.', '..', '../outside', 'a/b', '/tmp/absolute', 'a\nb', 'é'];

export const operationsTests = subject('operations', (test) => {
  test(
    'life',
    'Who creates a container can query, start, kill and delete it, and then use its id again',
    {
      proves: [
        'runtime/scope-of-a-container/1',
        'runtime/operations/1',
        'runtime/create/3',
        'runtime/start/3',
        'runtime/kill/3',
        'runtime/delete/3',
      ],
    },
    async (trial) => {
      const container = trial.container((config) => {
        config.process.args = ['/probe', 'wait'];
      });
      for (const round of [1, 2]) {
        await succeeds(container.create());
        equal(await statusOf(trial, container), 'created');
        await succeeds(container.start());
        await trial.firstReport(container);
        equal(await statusOf(trial, container), 'running');
        await succeeds(container.kill('KILL'));
        await becomes(trial, container, 'stopped');
        await succeeds(container.delete());
        equal(await statusOf(trial, container), 'absent');
        equal(runs(container), 1, `in round ${round}`);
        await trial.expectNothingLeft();
      }
    },
  );

  for (const [statement, calls] of Object.entries(incomplete)) {
    const [name = ''] = statement.replace('query-', '').split('/');
    test(
      `incomplete-${name}`,
      `${name} fails without what it has to be given, and has no effect`,
      { proves: [`runtime/${statement}`, 'runtime/errors/1'] },
      async (trial) => {
        const container = await states.running(trial);
        const before = await viewOf(trial, container);
        const containers = readdirSync(trial.root);
        for (const call of calls) await fails(trial.runtime(...call));
        await isAsBefore(trial, container, before);
        equal(readdirSync(trial.root).join(), containers.join());
      },
    );
  }

  test(
    'no-bundle',
    'create without a bundle fails where the working directory is none',
    { proves: ['runtime/create/1', 'runtime/errors/1'] },
    async (trial) => {
      await fails(trial.with({ cwd: trial.folderFor('empty') }, 'create', 'runts-test-none'));
      await trial.expectNothingLeft();
    },
  );

  for (const [number, id] of oddIds.entries())
    test(
      `odd-id-${number + 1}`,
      `The id ${JSON.stringify(id)} is refused and leaves nothing, or is one like any other`,
      { proves: ['runtime/create/2', 'runtime/state/1'] },
      async (trial) => {
        const { bundle } = trial.container();
        const folders = () =>
          readdirSync(trial.folder).filter((name) => !/^(out|err)-|^state$/.test(name));
        const before = folders();
        const { status } = await trial.runtime('create', '--bundle', bundle, id);
        if (status === 0) {
          const { stdout } = await succeeds(trial.runtime('state', id));
          equal(isState(JSON.parse(stdout)).id, id);
          await succeeds(trial.runtime('delete', '--force', id));
        }
        await fails(trial.runtime('state', id));
        equal(folders().join(), before.join());
        await trial.expectNothingLeft();
      },
    );

  test(
    'start-without-process',
    'A container without process cannot be started',
    { proves: ['runtime/start/4'] },
    async (trial) => {
      const container = trial.container((config) => {
        Reflect.deleteProperty(config, 'process');
      });
      // Whoever refuses the configuration as a whole has generated an error in time.
      const { status } = await container.create();
      if (status === 0) await fails(container.start());
      equal(runs(container), 0);
    },
  );
});
