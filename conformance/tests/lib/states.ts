/** Containers in each state of runtime.md, and what is demanded of each operation there. */

import type { Container } from '../../lib/container.js';
import { succeeds, type Trial } from '../../runner/trial.js';
import type { Command } from './commands.js';
import { livesOf } from './life.js';
import { telling } from './told.js';
import { becomes, running } from './view.js';

/** A bundle with hooks that an operation without effect must not run. */
const bundleFor = (trial: Trial, args: readonly string[] = running): Container =>
  trial.container((config) => {
    config.process.args = [...args];
    config.hooks = {
      poststart: [telling(trial, 'poststart')],
      poststop: [telling(trial, 'poststop')],
    };
  });

const { created, started, stopped } = livesOf((trial) => bundleFor(trial));

/** Its process has ended before anybody has started it. */
async function killed(trial: Trial): Promise<Container> {
  const container = await created(trial);
  await succeeds(container.kill('KILL'));
  await becomes(trial, container, 'stopped');
  return container;
}

/** Its program has ended by itself, and not well. */
async function exited(trial: Trial): Promise<Container> {
  const container = bundleFor(trial, ['/probe', 'exit', '3']);
  await succeeds(container.create());
  await succeeds(container.start());
  await becomes(trial, container, 'stopped');
  return container;
}

async function deleted(trial: Trial): Promise<Container> {
  const container = await stopped(trial);
  await succeeds(container.delete());
  return container;
}

export const states = {
  absent: async (trial) => bundleFor(trial),
  created,
  running: started,
  stopped,
  exited,
  killed,
  deleted,
} as const satisfies Readonly<Record<string, (trial: Trial) => Promise<Container>>>;

export type State = keyof typeof states;

/**
 * `error`: it fails and changes nothing. `same`: it works and changes nothing. `untouched`: the
 * specification knows no such operation; whatever it answers, it changes nothing. Otherwise it works,
 * and the container's state is that.
 */
export type Outcome = 'error' | 'same' | 'untouched' | 'created' | 'running' | 'stopped' | 'gone';

/** The states in which a container does not exist are alike. */
const none = (outcome: Outcome) => ({ absent: outcome, deleted: outcome });

/** However it has ended. */
const ended = (outcome: Outcome) => ({ stopped: outcome, exited: outcome, killed: outcome });

export const outcomes: Readonly<Record<Command, Readonly<Record<State, Outcome>>>> = {
  create: { ...none('created'), created: 'error', running: 'error', ...ended('error') },
  state: { ...none('error'), created: 'same', running: 'same', ...ended('same') },
  start: { ...none('error'), created: 'running', running: 'error', ...ended('error') },
  kill: { ...none('error'), created: 'stopped', running: 'stopped', ...ended('error') },
  // Nothing says that it is a signal, but a container must never notice it.
  'signal-0': { ...none('error'), created: 'untouched', running: 'untouched', ...ended('error') },
  delete: { ...none('error'), created: 'error', running: 'error', ...ended('gone') },
  // No operation of the specification; who offers it has to do it wholly.
  'delete-force': { ...none('untouched'), created: 'gone', running: 'gone', ...ended('gone') },
};
