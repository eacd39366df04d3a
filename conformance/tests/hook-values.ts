import { deepEqual } from 'node:assert/strict';
import { join } from 'node:path';
import type { Paths } from '../lib/container.js';
import { type Hook, type HookKind, hookKinds } from '../lib/hooks.js';
import { placeProbe } from '../runner/shape.js';
import { subject } from '../runner/test.js';
import type { Trial } from '../runner/trial.js';
import { namesNoted, noting, withHooks } from './support/hooks.js';

/** What every kind's entries have, the specification says of two of them (and that the others are the same). */
const absolute = ['config/posix-platform-hooks/1', 'config/posix-platform-hooks/5'];
const aboveZero = ['config/posix-platform-hooks/2', 'config/posix-platform-hooks/6'];

/** Somewhere on its way a container with such a hook is refused, and the hook does not run. */
async function isRefused(
  trial: Trial,
  kind: HookKind,
  make: (paths: Paths) => Partial<Hook>,
): Promise<void> {
  const container = trial.container(
    withHooks((paths) => ({
      // Longer than no time at all: whoever ends it at once never lets it note itself.
      [kind]: [{ ...noting(kind, paths, 'hook', 'sleep', '100'), ...make(paths) }],
    })),
  );
  const created = await container.create();
  if (created.status === 0) {
    const started = await container.start();
    if (started.status === 0) throw new Error('create and start have succeeded');
    if (started.status === null) throw new Error(`start was killed by ${started.signal}`);
  }
  deepEqual(
    namesNoted(container).filter((name) => name === 'hook'),
    [],
    'the hook has run',
  );
  if (created.status !== 0) await trial.expectNothingLeft();
}

export const hookValueTests = subject('hook-values', (test) => {
  for (const kind of hookKinds) {
    const proves = (pair: readonly string[]) => [
      pair[kind === 'prestart' ? 0 : 1] ?? '',
      'config/valid-values/1',
    ];

    test(
      `relative-path-${kind}`,
      `A relative path of a ${kind} hook is an error`,
      { proves: proves(absolute) },
      async (trial) => {
        await isRefused(trial, kind, ({ bundle }) => {
          // Where a runtime may be when it looks for it.
          for (const folder of [bundle, trial.folder]) placeProbe(join(folder, 'probe'));
          return { path: 'probe' };
        });
      },
    );

    for (const timeout of [0, -1])
      test(
        `timeout-${timeout}-${kind}`,
        `The timeout ${timeout} of a ${kind} hook is an error`,
        { proves: proves(aboveZero) },
        async (trial) => {
          await isRefused(trial, kind, () => ({ timeout }));
        },
      );
  }
});
