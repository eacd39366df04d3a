/** Programs of others, called in the course of a container's life. */
import { existsSync } from 'node:fs';
import type { Config } from '../../lib/config.js';
import { changed, configured, ignored } from '../how.js';
import type { Change, Row } from '../mutation.js';

interface Hook {
  readonly path: string;
  readonly args?: readonly string[];
  readonly env?: readonly string[];
  readonly timeout?: number;
}

const kinds = [
  ...['prestart', 'createRuntime', 'createContainer', 'startContainer', 'poststart', 'poststop'],
];

/** The statements of a kind. */
const aimsOf = (kind: string): string => `config/${kind.toLowerCase()} hook lifecycle-hooks`;

const list = (config: Config, kind: string): readonly Hook[] =>
  (config.hooks as Record<string, readonly Hook[]> | undefined)?.[kind] ?? [];

/** Called where hooks of another kind are. */
const moved =
  (from: string, to: string): Change =>
  (config) => {
    const hooks = list(config, from);
    if (hooks.length === 0) return;
    Object.assign(config.hooks as object, { [to]: [...list(config, to), ...hooks] });
    delete (config.hooks as Record<string, unknown>)[from];
  };

const movedRow = (from: string, to: string): Row => [
  `${from}-as-${to}`,
  `calls ${from} hooks as ${to} hooks`,
  aimsOf(from),
  configured(moved(from, to)),
];

const all = (change: (hook: Hook) => Hook) =>
  changed<readonly Hook[]>('hooks[]', (hooks) => hooks.map(change));

/** The program of every test that fails is told to by its arguments. */
const forgiving = ({ args, ...hook }: Hook): Hook => ({
  ...hook,
  ...(args && { args: args.map((word, index) => (args[index - 1] === 'exit' ? '0' : word)) }),
});

const forgivingRow = (kind: string): Row => [
  `forgiving-${kind}`,
  `goes on when a ${kind} hook fails`,
  aimsOf(kind),
  changed<readonly Hook[]>(`hooks.${kind}`, (hooks) => hooks.map(forgiving)),
];

/** Between the runtime and the hook: only where the host's shell is. */
const withoutInput = ({ path, args = [path], ...hook }: Hook): Hook => ({
  ...hook,
  path: '/bin/sh',
  args: ['sh', '-c', 'exec "$@" </dev/null', 'sh', path, ...args.slice(1)],
});

export const hooks: readonly Row[] = [
  ...kinds.map(
    (kind): Row => [`no-${kind}`, `calls no ${kind} hook`, aimsOf(kind), ignored(`hooks.${kind}`)],
  ),
  ...['prestart', 'createRuntime', 'createContainer', 'startContainer', 'poststart'].map(
    forgivingRow,
  ),
  movedRow('createRuntime', 'createContainer'),
  movedRow('createContainer', 'createRuntime'),
  movedRow('prestart', 'createRuntime'),
  movedRow('createContainer', 'startContainer'),
  movedRow('poststart', 'createRuntime'),
  movedRow('poststart', 'poststop'),
  movedRow('poststop', 'poststart'),
  [
    'hooks-ended-by-signals',
    'takes a hook that a signal has ended for one that has worked',
    'hook-failures/signal hook',
    all(({ args, ...hook }) => ({
      ...hook,
      ...(args && { args: args.map((word) => (/^-\d+$/.test(word) ? '0' : word)) }),
    })),
  ],
  [
    'missing-hooks',
    'leaves out hooks that are not there',
    'hook-failures/missing hook',
    changed<readonly Hook[]>('hooks[]', (some) =>
      some.filter(({ path }) => path === '/probe' || existsSync(path)),
    ),
  ],
  [
    'reversed-hooks',
    'calls the hooks of a kind in the reverse order',
    'hook',
    changed<readonly Hook[]>('hooks[]', (some) => [...some].reverse()),
  ],
  [
    'first-hook-only',
    'calls the first hook of each kind only',
    'hook',
    changed<readonly Hook[]>('hooks[]', (some) => some.slice(0, 1)),
  ],
  ['no-hook-timeout', 'waits for hooks for ever', 'hook', ignored('hooks[][].timeout')],
  ['no-hook-env', 'ignores the environment of hooks', 'hook', ignored('hooks[][].env')],
  [
    'more-hook-env',
    'gives hooks a variable of the environment too many',
    'hook',
    all((hook) => ({ ...hook, env: [...(hook.env ?? []), 'MUTANT=1'] })),
  ],
  [
    'no-last-hook-argument',
    'loses the last argument of hooks',
    'hook',
    all((hook) => ({ ...hook, ...(hook.args && { args: hook.args.slice(0, -1) }) })),
  ],
  [
    'no-hook-state',
    'does not tell hooks the state of the container',
    'hook',
    changed<Record<string, readonly Hook[]>>('hooks', ({ startContainer = [], ...others }) => ({
      ...Object.fromEntries(
        Object.entries(others).map(([kind, some]) => [kind, some.map(withoutInput)]),
      ),
      startContainer,
    })),
  ],
];
