/** Containers in each state of runtime.md, and what is demanded of each operation there. */

import type { Container } from '../../lib/container.js';
import { succeeds, type Trial } from '../../runner/trial.js';
import type { Command } from './commands.js';
import { livesOf } from './life.js';
import { telling } from './told.js';
import { running } from './view.js';

/** A bundle with hooks that an operation without effect must not run. */
const bundleFor = (trial: Trial): Container =>
  trial.container((config) => {
    config.process.args = [...running];
    config.hooks = {
      poststart: [telling(trial, 'poststart')],
      poststop: [telling(trial, 'poststop')],
    };
  });

const { created, started, stopped } = livesOf(bundleFor);

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

export const outcomes: Readonly<Record<Command, Readonly<Record<State, Outcome>>>> = {
  create: { ...none('created'), created: 'error', running: 'error', stopped: 'error' },
  state: { ...none('error'), created: 'same', running: 'same', stopped: 'same' },
  start: { ...none('error'), created: 'running', running: 'error', stopped: 'error' },
  kill: { ...none('error'), created: 'stopped', running: 'stopped', stopped: 'error' },
  // Nothing says that it is a signal, but a container must never notice it.
  'signal-0': { ...none('error'), created: 'untouched', running: 'untouched', stopped: 'error' },
  delete: { ...none('error'), created: 'error', running: 'error', stopped: 'gone' },
  // No operation of the specification; who offers it has to do it wholly.
  'delete-force': { ...none('untouched'), created: 'gone', running: 'gone', stopped: 'gone' },
};
