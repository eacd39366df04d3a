import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { basename, dirname } from 'node:path';
import { type HookKind, hookKinds } from '../lib/hooks.js';
import { textOf } from '../lib/machine.js';
import { subject } from '../runner/test.js';
import { succeeds, type Trial } from '../runner/trial.js';
import { isState, type StateDocument } from './lib/schema.js';
import { type State, states } from './lib/states.js';
import { share, telling, toldByHooks } from './lib/told.js';
import { becomes, stateOf } from './lib/view.js';

const annotations = { 'org.example.key': 'a value', 'org.example.other': 'é "2"' };

/** What each kind of hooks is told of the container's status. */
const statusIn: Readonly<Record<HookKind, string>> = {
  prestart: 'creating',
  createRuntime: 'creating',
  createContainer: 'creating',
  startContainer: 'created',
  poststart: 'running',
  poststop: 'stopped',
};

/** A whole life with a hook of one kind, and the state that this was given. */
async function givenTo(trial: Trial, kind: HookKind): Promise<StateDocument> {
  const container = trial.container((config) => {
    share(trial, config);
    // While the hook runs the program must not end, which would be another status.
    config.process.args = ['/probe', 'wait'];
    config.annotations = annotations;
    config.hooks = { [kind]: [telling(trial, kind)] };
  });
  await container.started();
  await succeeds(container.kill('KILL'));
  await becomes(trial, container, 'stopped');
  await succeeds(container.delete());
  const [report] = toldByHooks(trial);
  const text = report?.results[0]?.text;
  if (typeof text !== 'string') throw new Error(`the ${kind} hook was given nothing`);
  // The probe tells bytes, each as the character of that number.
  const document = isState(JSON.parse(Buffer.from(text, 'latin1').toString()));
  deepEqual([document.id, document.bundle], [container.id, container.bundle]);
  deepEqual(document.annotations, annotations);
  return document;
}

export const stateTests = subject('state', (test) => {
  for (const state of ['created', 'running', 'stopped'] as const satisfies readonly State[])
    test(
      state,
      `The state of a ${state} container adheres to the schema and tells what the container is`,
      { proves: ['runtime/state/2', 'runtime/state/3', 'runtime/query-state/3'] },
      async (trial) => {
        const container = await states[state](trial);
        const document = isState(await stateOf(trial, container));
        deepEqual([document.id, document.status], [container.id, state]);
        equal(document.bundle, container.bundle);
        match(document.ociVersion, /^\d+\.\d+\.\d+/);
        if (state !== 'stopped') equal(document.pid, container.pid);
      },
    );

  test(
    'pid',
    "The state's pid is the one of the container's process, as the caller sees it",
    { proves: ['runtime/query-state/3'] },
    async (trial) => {
      const container = await states.running(trial);
      const { pid } = await container.query();
      const { pid: inside } = await trial.firstReport(container);
      match(textOf(`/proc/${pid}/status`), new RegExp(`^NSpid:\\t(.*\\t)?${inside}$`, 'm'));
      ok(textOf(`/proc/${pid}/cmdline`).startsWith('/probe\0signals\0'));
    },
  );

  test(
    'annotations',
    "The state has the configuration's annotations",
    { proves: ['runtime/query-state/3'] },
    async (trial) => {
      const container = trial.container((config) => {
        config.annotations = annotations;
      });
      await succeeds(container.create());
      deepEqual((await container.query()).annotations, annotations);
    },
  );

  test(
    'bundle',
    'The state has the absolute path of a bundle that was given by a relative one',
    { proves: ['runtime/query-state/3'] },
    async (trial) => {
      const { id, bundle } = trial.container();
      const cwd = dirname(bundle);
      await succeeds(trial.with({ cwd }, 'create', '--bundle', basename(bundle), id));
      const { stdout } = await succeeds(trial.runtime('state', id));
      equal(isState(JSON.parse(stdout)).bundle, bundle);
    },
  );

  for (const kind of hookKinds) {
    test(
      `hook-${kind}`,
      `The state that a ${kind} hook reads adheres to the schema and tells of its container`,
      { proves: ['runtime/state/3'] },
      async (trial) => {
        await givenTo(trial, kind);
      },
    );

    test(
      `hook-${kind}-status`,
      `A ${kind} hook reads that the container is ${statusIn[kind]}`,
      { proves: ['runtime/state/2'] },
      async (trial) => {
        const { status } = await givenTo(trial, kind);
        equal(status, statusIn[kind]);
      },
    );
  }
});
