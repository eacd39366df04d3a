import { deepEqual, equal } from 'node:assert/strict';
import type { Container } from '../lib/container.js';
import { subject } from '../runner/test.js';
import { fails, succeeds, type Trial } from '../runner/trial.js';
import { type Command, commands, perform } from './lib/commands.js';
import { type Outcome, outcomes, type State, states } from './lib/states.js';
import { hooksRun } from './lib/told.js';
import { becomes, isAsBefore, runs, statusOf, viewOf } from './lib/view.js';

const proofs: Readonly<Record<Command, Partial<Record<Outcome, readonly string[]>>>> = {
  create: { error: ['runtime/create/2'], created: ['runtime/create/3'] },
  state: { error: ['runtime/query-state/2'], same: ['runtime/query-state/3'] },
  start: { error: ['runtime/start/2'], running: ['runtime/start/3', 'runtime/lifecycle/13'] },
  kill: { error: ['runtime/kill/2'], stopped: ['runtime/kill/3'] },
  'signal-0': { error: ['runtime/kill/2'], untouched: ['runtime/kill/3'] },
  delete: { error: ['runtime/delete/2'], gone: ['runtime/delete/3', 'runtime/lifecycle/16'] },
  'delete-force': { untouched: ['runtime/delete/2'], gone: ['runtime/delete/3'] },
};

const provedBy = (command: Command, outcome: Outcome): readonly string[] => [
  ...(proofs[command][outcome] ?? []),
  ...(outcome === 'error' ? ['runtime/errors/1'] : ['runtime/operations/1']),
];

const titles: Readonly<Record<Outcome, string>> = {
  error: 'fails and has no effect',
  same: 'works and has no effect',
  untouched: 'has no effect, whether it works or not',
  created: 'creates it',
  running: 'runs its program',
  stopped: 'ends its process',
  gone: 'leaves nothing of it',
};

const subjects: Readonly<Record<State, string>> = {
  absent: 'a container that has never been there',
  created: 'a created container',
  running: 'a running container',
  stopped: 'a stopped container',
  exited: 'a container whose program has ended',
  killed: 'a container that was killed before its start',
  deleted: 'a deleted container',
};

const expectations: Readonly<
  Record<Outcome, (trial: Trial, container: Container, command: Command) => Promise<void>>
> = {
  async error(trial, container, command) {
    const before = await viewOf(trial, container);
    await fails(perform(trial, container, command));
    await isAsBefore(trial, container, before);
  },
  async same(trial, container, command) {
    const before = await viewOf(trial, container);
    await succeeds(perform(trial, container, command));
    await isAsBefore(trial, container, before);
  },
  async untouched(trial, container, command) {
    const before = await viewOf(trial, container);
    await perform(trial, container, command);
    await isAsBefore(trial, container, before);
  },
  async created(trial, container) {
    const before = runs(container);
    await succeeds(container.create());
    equal(await statusOf(trial, container), 'created');
    equal(runs(container), 0, `its program has run, after ${before} runs before it was deleted`);
  },
  async running(trial, container, command) {
    await succeeds(perform(trial, container, command));
    await trial.firstReport(container);
    equal(await statusOf(trial, container), 'running');
    equal(runs(container), 1);
    deepEqual(hooksRun(trial), ['poststart']);
  },
  async stopped(trial, container, command) {
    const before = runs(container);
    await succeeds(perform(trial, container, command));
    await container.ended();
    await becomes(trial, container, 'stopped');
    equal(runs(container), before);
  },
  async gone(trial, container, command) {
    await succeeds(perform(trial, container, command));
    equal(await statusOf(trial, container), 'absent');
    equal(hooksRun(trial).at(-1), 'poststop');
    await trial.expectNothingLeft();
  },
};

/** What is still to be done in each state, so that a container that seems unharmed is. */
const rest: Readonly<Record<string, readonly Command[]>> = {
  created: ['start', 'kill', 'delete'],
  running: ['kill', 'delete'],
  stopped: ['delete'],
};

async function liveOn(trial: Trial, container: Container): Promise<void> {
  const status = await statusOf(trial, container);
  for (const command of rest[status] ?? []) {
    await succeeds(perform(trial, container, command));
    if (command === 'start') await trial.firstReport(container);
    if (command === 'kill') await becomes(trial, container, 'stopped');
  }
  if (status === 'created') equal(runs(container), 1);
  equal(await statusOf(trial, container), 'absent');
}

export const statesTests = subject('states', (test) => {
  for (const command of Object.keys(commands) as Command[])
    for (const state of Object.keys(states) as State[]) {
      const outcome = outcomes[command][state];
      test(
        `${command}-${state}`,
        `${command.replace('-', ' ')} of ${subjects[state]} ${titles[outcome]}`,
        { proves: provedBy(command, outcome) },
        async (trial) => {
          const container = await states[state](trial);
          await expectations[outcome](trial, container, command);
          await liveOn(trial, container);
        },
      );
    }
});
