/** What is demanded of each command in each state, as tables: a part of docs/conformance-coverage.md. */
import { outcomes as engine } from '../contract/state-table.js';
import { type Profile, profiles } from '../runner/profiles.js';
import { outcomes as spec } from '../tests/lib/states.js';
import { table } from './markdown.js';

type Outcomes = Readonly<Record<string, Readonly<Record<string, string>>>>;

interface Kind {
  readonly outcomes: Outcomes;
  readonly states: readonly string[];
  /** What tests are called that call a command while a container is created. */
  readonly creating: (command: string) => string;
  /** What these demand. */
  readonly early: string;
}

const states = ['created', 'running', 'stopped', 'killed'];

const kinds: Readonly<Record<keyof typeof profiles, Kind>> = {
  spec: {
    outcomes: spec,
    states: ['absent', ...states, 'exited', 'deleted'],
    creating: (command) => `creating/${command}`,
    early: 'fails',
  },
  engine: {
    outcomes: engine,
    states: ['absent', ...states, 'paused', 'paused-created'],
    creating: (command) => `engine-every-state/${command}-creating`,
    early: 'no effect',
  },
};

const said: Readonly<Record<string, string>> = {
  error: 'fails',
  same: 'works',
  works: 'works',
  untouched: 'no effect',
};

const has = ({ tests }: Pick<Profile, 'tests'>, id: string): boolean =>
  tests.some((test) => test.id === id);

export function statesText(name: keyof typeof profiles): string {
  const { outcomes, states, creating, early } = kinds[name];
  const rows = Object.entries(outcomes).map(([command, row]) => [
    `\`${command}\``,
    has(profiles[name], creating(command)) ? (command === 'state' ? 'either' : early) : '',
    ...states.map((state) => {
      const outcome = row[state];
      return outcome === undefined ? '' : (said[outcome] ?? `→ ${outcome}`);
    }),
  ]);
  return `### Every command in every state

\`fails\` and \`works\`: the container is as it was before, and can still do the rest of its life; \`no
effect\`: the same, whether the command works or not; \`→\`: it works, and that is the container's state
then. \`killed\` is a container that ended before its start. What is empty is no matter of this profile.

${table(['', 'creating', ...states], rows)}`;
}
