import { deepEqual, ok } from 'node:assert/strict';
import type { Container, Paths } from '../lib/container.js';
import { type Hook, type HookKind, hookKinds } from '../lib/hooks.js';
import { isAlive } from '../lib/machine.js';
import { until } from '../lib/until.js';
import { subject } from '../runner/test.js';
import { fails, succeeds, type Trial } from '../runner/trial.js';
import {
  begunAndEnded,
  hookRows,
  namesNoted,
  noteOf,
  noting,
  probeFor,
  withHooks,
} from './support/hooks.js';

/** All whose failure is an error of the operation that runs them. */
const kinds: readonly HookKind[] = hookKinds.filter((kind) => kind !== 'poststop');
type Broken = (kind: HookKind, paths: Paths) => Hook;

const later = (kind: HookKind): HookKind[] => kinds.slice(kinds.indexOf(kind) + 1);

const failing: Broken = (kind) => ({
  path: probeFor(kind),
  args: ['broken', 'stdin', 'to', '/dev/null', 'exit', '3'],
});

/** Without an exit status that could be looked at. */
const killed: Broken = (kind) => ({
  path: probeFor(kind),
  args: ['broken', 'stdin', 'to', '/dev/null', 'exit', '-9'],
});

const missing: Broken = () => ({ path: '/nowhere/at/all' });

/** Never ends, so that it has to be ended. */
const endless: Broken = (kind, paths) => {
  const { path, args = [] } = noting(kind, paths, 'endless');
  return { path, args: [...args, 'wait'], timeout: 1 };
};

/** One hook of a kind that does not work, and one of each kind that could follow. */
const broken = (kind: HookKind, hook: Broken) =>
  withHooks((paths) => ({
    [kind]: [hook(kind, paths)],
    ...Object.fromEntries(later(kind).map((next) => [next, [noting(next, paths, `then ${next}`)]])),
    poststop: [noting('poststop', paths)],
  }));

/** The operation that runs such a hook must fail, and the program must not run (any more). */
async function expectFailure(container: Container, kind: HookKind): Promise<void> {
  const { during } = hookRows[kind];
  if (during === 'create') {
    await fails(container.create());
    return;
  }
  const pid = await container.created();
  await fails(container.start());
  await until('the container’s process has ended', () => !isAlive(pid));
}

/** Neither the program nor any kind of hook that would have been next. */
function expectNothingFollows(container: Container, kind: HookKind): void {
  const names = namesNoted(container);
  if (kind !== 'poststart') ok(!names.includes('/probe'), 'the program has run');
  deepEqual(
    names.filter((name) => name.startsWith('then ')),
    [],
  );
}

const ways: readonly (readonly [string, string, Broken])[] = [
  ['exit', 'ends with another status than 0', failing],
  ['signal', 'is ended by a signal', killed],
  ['timeout', 'takes longer than its timeout', endless],
  ['missing', 'is not there', missing],
];

/** That a hook is not there is about its path, too. */
const provesOf = (name: string, kind: HookKind): string[] => [
  hookRows[kind].failure,
  ...(name === 'missing' ? hookRows[kind].path : []),
];

/** What a runtime says when all is well is its own matter. */
const linesOf = (said: string): number => said.split('\n').filter((line) => line !== '').length;

async function deletedWith(trial: Trial, make: (paths: Paths) => readonly Hook[]) {
  const container = trial.container(withHooks((paths) => ({ poststop: make(paths) })));
  await container.created();
  await begunAndEnded(container);
  const deleted = await succeeds(container.delete());
  await trial.expectNothingLeft();
  return { container, said: deleted.stderr };
}

export const hookFailureTests = subject('hook-failures', (test) => {
  for (const kind of kinds)
    for (const [name, title, hook] of ways)
      test(
        `${name}-${kind}`,
        `A ${kind} hook that ${title} is an error, and stops the container`,
        { proves: provesOf(name, kind) },
        async (trial) => {
          const container = trial.container(broken(kind, hook));
          await expectFailure(container, kind);
          expectNothingFollows(container, kind);
          if (name === 'timeout') noteOf(container, 'endless');
        },
      );

  for (const kind of kinds) {
    test(
      `stopped-at-first-${kind}`,
      `After a ${kind} hook that fails no further one runs`,
      { proves: [hookRows[kind].failure] },
      async (trial) => {
        const container = trial.container(
          withHooks((paths) => ({
            [kind]: [
              noting(kind, paths, 'before'),
              failing(kind, paths),
              noting(kind, paths, 'after'),
            ],
          })),
        );
        await expectFailure(container, kind);
        deepEqual(
          namesNoted(container).filter((name) => name !== '/probe'),
          ['before'],
        );
      },
    );
  }

  for (const [name, title, hook] of ways) {
    test(
      `${name}-poststop`,
      `After a poststop hook that ${title} the others run, and the container is deleted`,
      { proves: provesOf(name, 'poststop') },
      async (trial) => {
        const { container } = await deletedWith(trial, (paths) => [
          noting('poststop', paths, 'before'),
          hook('poststop', paths),
          noting('poststop', paths, 'after'),
        ]);
        deepEqual(
          namesNoted(container).filter((each) => each === 'before' || each === 'after'),
          ['before', 'after'],
        );
        await fails(trial.runtime('state', container.id));
      },
    );

    test(
      `${name}-poststop-warning`,
      `A poststop hook that ${title} is told of in a warning`,
      { proves: ['runtime/lifecycle/18', 'runtime/warnings/1'] },
      async (trial) => {
        const plain = await deletedWith(trial, (paths) => [noting('poststop', paths)]);
        const { said } = await deletedWith(trial, (paths) => [hook('poststop', paths)]);
        ok(linesOf(said) > linesOf(plain.said), `delete has said no more than otherwise: ${said}`);
      },
    );
  }
});
