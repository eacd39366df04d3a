/** What is demanded of each command that engines use in each state of a container. */
import type { Container } from '../lib/container.js';
import { succeeds, type Trial } from '../runner/trial.js';
import { states as simple } from '../tests/lib/states.js';

async function pausedFrom(state: 'created' | 'running', trial: Trial): Promise<Container> {
  const container = await simple[state](trial);
  await succeeds(trial.runtime('pause', container.id));
  return container;
}

export const states = {
  absent: simple.absent,
  created: simple.created,
  running: simple.running,
  paused: (trial) => pausedFrom('running', trial),
  'paused-created': (trial) => pausedFrom('created', trial),
  stopped: simple.stopped,
  killed: simple.killed,
} as const satisfies Readonly<Record<string, (trial: Trial) => Promise<Container>>>;

export type State = keyof typeof states;

export const subjects: Readonly<Record<State, string>> = {
  absent: 'a container that there is not',
  created: 'a created container',
  running: 'a running container',
  paused: 'a paused container',
  'paused-created': 'a container that is paused before its start',
  stopped: 'a stopped container',
  killed: 'a container that was killed before its start',
};

export const words = {
  create: ({ bundle, id }) => ['create', '--bundle', bundle, id],
  run: ({ bundle, id }) => ['run', '--detach', '--bundle', bundle, id],
  start: ({ id }) => ['start', id],
  state: ({ id }) => ['state', id],
  kill: ({ id }) => ['kill', id, 'KILL'],
  'signal-0': ({ id }) => ['kill', id, '0'],
  delete: ({ id }) => ['delete', id],
  'delete-force': ({ id }) => ['delete', '--force', id],
  exec: ({ id }) => ['exec', id, '/probe'],
  pause: ({ id }) => ['pause', id],
  resume: ({ id }) => ['resume', id],
  update: ({ id }) => ['update', '--pids-limit', '77', id],
  ps: ({ id }) => ['ps', '--format', 'json', id],
  events: ({ id }) => ['events', '--stats', id],
} as const satisfies Readonly<
  Record<string, (container: Pick<Container, 'bundle' | 'id'>) => readonly string[]>
>;

export type Command = keyof typeof words;

/**
 * `error`: it fails and changes nothing. `works`: it answers, and changes nothing that can be seen.
 * `untouched`: engines rely on neither; whatever it answers, it changes nothing. Otherwise it works,
 * and that is what the container is then.
 */
export type Outcome =
  | 'error'
  | 'works'
  | 'untouched'
  | 'created'
  | 'running'
  | 'paused'
  | 'stopped'
  | 'gone';

const [error, works, untouched] = ['error', 'works', 'untouched'] as const;

/** What the specification demands of its operations in its own states is a matter of its profile. */
const onlyPaused = (outcome: Outcome) => ({ paused: outcome, 'paused-created': outcome });
const ended = (outcome: Outcome) => ({ stopped: outcome, killed: outcome });
const alive = (outcome: Outcome) => ({ created: outcome, running: outcome });

export const outcomes: Readonly<Record<Command, Partial<Record<State, Outcome>>>> = {
  create: { ...onlyPaused(error), killed: error },
  run: {
    absent: 'running',
    ...alive(error),
    ...onlyPaused(error),
    ...ended(error),
  },
  start: { ...onlyPaused(error), killed: error },
  state: { ...onlyPaused(works), killed: works },
  kill: { ...onlyPaused('stopped'), killed: error },
  'signal-0': { ...alive(works), ...onlyPaused(works), killed: error },
  delete: { created: 'gone', ...onlyPaused(error), killed: 'gone' },
  'delete-force': { absent: works, ...onlyPaused('gone'), killed: 'gone' },
  exec: { absent: error, ...alive(works), ...onlyPaused(error), ...ended(error) },
  pause: { absent: error, ...alive('paused'), ...onlyPaused(untouched), ...ended(error) },
  resume: {
    absent: error,
    ...alive(error),
    paused: 'running',
    'paused-created': 'created',
    ...ended(error),
  },
  update: { absent: error, ...alive(works), ...onlyPaused(works), ...ended(error) },
  ps: { absent: error, ...alive(works), ...onlyPaused(works), ...ended(works) },
  events: {
    absent: error,
    created: untouched,
    running: works,
    ...onlyPaused(untouched),
    ...ended(error),
  },
};
