import { deepEqual, equal, ok } from 'node:assert/strict';
import type { Finished } from '../../lib/call.js';
import type { Container } from '../../lib/container.js';
import { readReport } from '../../probe/report.js';
import { root } from '../../runner/host.js';
import { limitOf } from '../../runner/scratch.js';
import { type Need, subject } from '../../runner/test.js';
import { fails, succeeds, type Trial } from '../../runner/trial.js';
import { calledBack } from '../../tests/lib/commands.js';
import { disturbed, isWhole } from '../../tests/lib/creating.js';
import { becomes, isAsBefore, runs, statusOf, viewOf } from '../../tests/lib/view.js';
import {
  type Command,
  type Outcome,
  outcomes,
  type State,
  states,
  subjects,
  words,
} from '../state-table.js';

const titles: Readonly<Record<Outcome, string>> = {
  error: 'fails and has no effect',
  works: 'works and leaves it in its state',
  untouched: 'leaves it in its state, whether it works or not',
  created: 'makes it wait for its start again',
  running: 'makes it run',
  paused: 'makes it stand still',
  stopped: 'ends its process',
  gone: 'leaves nothing of it',
};

/** By what a command has to do, and where a state has a clause of its own. */
const proofs: Readonly<
  Record<
    Command,
    Partial<Record<Outcome, string>> & { readonly of?: Partial<Record<State, string>> }
  >
> = {
  create: { error: 'states/taken' },
  run: { error: 'states/taken', running: 'commands/run-detached' },
  start: { error: 'commands/start-once', of: { killed: 'commands/start-dead' } },
  state: {
    works: 'states/paused',
    of: { 'paused-created': 'states/paused-created', killed: 'states/stopped' },
  },
  kill: { stopped: 'commands/kill-paused', error: 'commands/kill-stopped' },
  'signal-0': { works: 'commands/kill-zero', error: 'commands/kill-zero' },
  delete: {
    error: 'commands/delete-running',
    gone: 'commands/delete-stopped',
    of: { created: 'commands/delete-created' },
  },
  'delete-force': { gone: 'commands/delete-force', works: 'commands/delete-missing' },
  exec: {
    works: 'commands/exec-options',
    error: 'commands/exec-refused',
    of: { created: 'commands/exec-created' },
  },
  pause: { error: 'commands/pause-refused', paused: 'commands/pause', untouched: 'commands/pause' },
  resume: {
    error: 'commands/pause-refused',
    running: 'commands/pause',
    created: 'commands/pause',
  },
  update: { works: 'commands/update-options', error: 'commands/update-stopped' },
  ps: {
    works: 'commands/ps-json',
    of: { stopped: 'commands/ps-stopped', killed: 'commands/ps-stopped' },
  },
  events: {
    works: 'commands/events-stats',
    error: 'commands/events-refused',
    untouched: 'commands/events-stats',
  },
};

function provedBy(command: Command, state: State, outcome: Outcome): string[] {
  if (state === 'absent' && outcome === 'error') return ['protocols/does-not-exist'];
  const { of, [outcome]: usual } = proofs[command];
  return [of?.[state] ?? usual ?? []].flat();
}

/** Without privileges nobody has cgroups, which these need. */
const ofCgroups: readonly (Command | State)[] = [
  ...(['pause', 'resume', 'update', 'ps', 'events'] as const),
  ...(['paused', 'paused-created'] as const),
];

const needsOf = (command: Command, state: State): readonly Need[] =>
  [command, state].some((each) => ofCgroups.includes(each)) ||
  (command === 'exec' && state === 'created')
    ? [root]
    : [];

/** Of those that work: what they have to answer or to do. */
const answers: Partial<
  Record<Command, (finished: Finished, container: Container, state: State) => void>
> = {
  state: ({ stdout }, { id }, state) => {
    const { id: found, status } = JSON.parse(stdout);
    deepEqual([found, status], [id, state === 'killed' ? 'stopped' : 'paused']);
  },
  exec: ({ stdout }) => deepEqual(readReport(stdout).argv, ['/probe']),
  update: (_, { cgroup }) => equal(limitOf('pids', cgroup, 'pids.max'), '77'),
  ps: ({ stdout }, container, state) =>
    deepEqual(
      JSON.parse(stdout) ?? [],
      ['stopped', 'killed'].includes(state) ? [] : [container.pid],
    ),
  events: ({ stdout }, { id }) => {
    const { type, id: found } = JSON.parse(stdout);
    deepEqual([type, found], ['stats', id]);
  },
};

const perform = (trial: Trial, container: Container, command: Command): Promise<Finished> =>
  trial.runtime(...words[command](container));

type Expect = (
  trial: Trial,
  container: Container,
  command: Command,
  state: State,
) => Promise<unknown>;

const unharmed =
  (call: (command: Promise<Finished>) => Promise<Finished>): Expect =>
  async (trial, container, command, state) => {
    const before = await viewOf(trial, container);
    const finished = await call(perform(trial, container, command));
    await isAsBefore(trial, container, before);
    if (call === succeeds) answers[command]?.(finished, container, state);
  };

const inStatus =
  (status: string): Expect =>
  async (trial, container, command) => {
    await succeeds(perform(trial, container, command));
    equal(await statusOf(trial, container), status);
  };

const expectations: Readonly<Record<Outcome, Expect>> = {
  error: unharmed(fails),
  works: unharmed(succeeds),
  untouched: unharmed((command) => command),
  created: inStatus('created'),
  running: inStatus('running'),
  paused: inStatus('paused'),
  async stopped(trial, container, command) {
    await succeeds(perform(trial, container, command));
    await becomes(trial, container, 'stopped');
  },
  async gone(trial, container, command) {
    await succeeds(perform(trial, container, command));
    equal(await statusOf(trial, container), 'absent');
    await trial.expectNothingLeft();
  },
};

/** The rest of its life: a container that was not harmed can still do all of it. */
async function liveOn(trial: Trial, container: Container, state: State): Promise<void> {
  const left = await statusOf(trial, container);
  // Whoever does not show that a container stands still has to let it go on all the same.
  if (left === 'paused' || (left === 'created' && state === 'paused-created'))
    await trial.runtime('resume', container.id);
  if ((await statusOf(trial, container)) === 'created') {
    await succeeds(container.start());
    await container.wrote('\n');
    equal(runs(container), 1);
  }
  if ((await statusOf(trial, container)) === 'running') {
    await succeeds(container.kill('KILL'));
    await becomes(trial, container, 'stopped');
  }
  ok(['stopped', 'absent'].includes(await statusOf(trial, container)));
  if ((await statusOf(trial, container)) === 'stopped') await succeeds(container.delete());
}

/** Of a container that engines cannot know yet; none of them may keep it from being created. */
const early = ['exec', 'pause', 'resume', 'update', 'ps', 'events'] as const;

export const everyStateTests = subject('engine-every-state', (test) => {
  for (const [command, row] of Object.entries(outcomes) as [Command, Record<State, Outcome>][])
    for (const [state, outcome] of Object.entries(row) as [State, Outcome][])
      test(
        `${command}-${state}`,
        `${command.replace('-', ' ')} of ${subjects[state]} ${titles[outcome]}`,
        { proves: provedBy(command, state, outcome), needs: needsOf(command, state) },
        async (trial) => {
          const container = await states[state](trial);
          await expectations[outcome](trial, container, command, state);
          await liveOn(trial, container, state);
        },
      );

  for (const command of early)
    test(
      `${command}-creating`,
      `${command} of a container that is being created does not disturb its creation`,
      { proves: ['commands/create-undisturbed'], needs: command === 'exec' ? [] : [root] },
      async (trial) => {
        const container = disturbed(trial, (bundle, id) => words[command]({ bundle, id }));
        await succeeds(container.create());
        calledBack(trial);
        await isWhole(trial, container);
      },
    );
});
