import { deepEqual, equal, match } from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Container, Paths } from '../lib/container.js';
import { type HookKind, hookKinds } from '../lib/hooks.js';
import { placeProbe } from '../runner/shape.js';
import { subject } from '../runner/test.js';
import type { Trial } from '../runner/trial.js';
import {
  hookRows,
  logFor,
  namesNoted,
  noted,
  noteOf,
  noting,
  ofEveryKind,
  ownNamespaces,
  probeFor,
  throughLife,
  withHooks,
} from './support/hooks.js';
import { inUtf8 } from './support/process.js';

/** A container that has lived with one hook of a kind. */
async function lived(trial: Trial, kind: HookKind) {
  const container = trial.container(
    withHooks(
      (paths) => ({ [kind]: [noting(kind, paths)] }),
      (config) => {
        config.annotations = { 'org.example.key': 'value "é"', 'org.example.empty': '' };
      },
    ),
  );
  await throughLife(container);
  return { container, hook: noteOf(container, kind), process: noteOf(container, '/probe') };
}

const shown = 'config/posix-platform-hooks/18';

/** What a hook has read from its standard input. */
async function stateOf(trial: Trial, kind: HookKind) {
  const { container, hook } = await lived(trial, kind);
  const text = hook.results[0]?.text;
  return { container, state: JSON.parse(inUtf8(String(text))) };
}

/** A file that is a program on one side and something else at the same place on the other. */
function placeOneSided({ rootfs }: Paths, path: string, isInside: boolean): void {
  const within = join(rootfs, path);
  mkdirSync(dirname(within), { recursive: true });
  placeProbe(isInside ? within : path);
  writeFileSync(isInside ? path : within, 'not a program');
}

export const hookTests = subject('hooks', (test) => {
  for (const kind of hookKinds) {
    const { during, isInContainer, ...proves } = hookRows[kind];

    test(
      `order-${kind}`,
      `Hooks of the kind ${kind} run one after another, in the order of their list`,
      { proves: [proves.invoked, 'config/posix-platform-hooks/17'] },
      async (trial) => {
        const container = trial.container(
          withHooks((paths) => ({
            // The last would be the first if nobody waited for the others.
            [kind]: ['60', '30', '0'].map((time) => noting(kind, paths, time, 'sleep', time)),
          })),
        );
        await throughLife(container);
        deepEqual(
          namesNoted(container).filter((name) => name !== '/probe'),
          ['60', '30', '0'],
        );
      },
    );

    const where = isInContainer ? 'container' : 'runtime';
    test(
      `namespaces-${kind}`,
      `Hooks of the kind ${kind} run in the namespaces of the ${where}`,
      { proves: proves.namespaces },
      async (trial) => {
        const { hook, process } = await lived(trial, kind);
        deepEqual(hook.namespaces, isInContainer ? process.namespaces : ownNamespaces());
      },
    );

    test(
      `path-${kind}`,
      `The path of a ${kind} hook leads to a file ${kind === 'startContainer' ? 'in the container' : 'beside the runtime'}`,
      { proves: proves.path },
      async (trial) => {
        const path = join(trial.folder, 'hook');
        const container = trial.container(
          withHooks((paths) => {
            placeOneSided(paths, path, probeFor(kind) === '/probe');
            return { [kind]: [{ ...noting(kind, paths), path }] };
          }),
        );
        await throughLife(container);
        noteOf(container, kind);
      },
    );

    test(
      `arguments-${kind}`,
      `A ${kind} hook has the arguments and the environment of the configuration`,
      { proves: [proves.invoked] },
      async (trial) => {
        const env = ['B=2', 'A=1 1', 'EMPTY=', 'TEXT=é'];
        const container = trial.container(
          withHooks((paths) => ({
            [kind]: [
              { ...noting(kind, paths, 'a name', 'read', '', 'read', 'é "'), env, timeout: 60 },
            ],
          })),
        );
        await throughLife(container);
        const hook = noteOf(container, 'a name');
        const expected = [
          'a name',
          'stdin',
          'read',
          '',
          'read',
          'é "',
          'to',
          logFor(kind, container),
        ];
        deepEqual(hook.argv.map(inUtf8), expected);
        deepEqual(hook.env.map(inUtf8), env);
      },
    );

    test(
      `state-${kind}`,
      `A ${kind} hook gets the state of the container on its standard input`,
      { proves: [shown] },
      async (trial) => {
        const { container, state } = await stateOf(trial, kind);
        const { id, bundle } = container;
        match(state.ociVersion, /^1\.\d+/);
        deepEqual(
          { id: state.id, bundle: state.bundle, annotations: state.annotations },
          { id, bundle, annotations: container.config.annotations },
        );
      },
    );

    if (during !== 'delete')
      test(
        `pid-${kind}`,
        `The state that a ${kind} hook gets tells the container’s process as the ${where} sees it`,
        { proves: [shown] },
        async (trial) => {
          const { container, state } = await stateOf(trial, kind);
          equal(state.pid, isInContainer ? 1 : container.pid);
        },
      );
  }

  test(
    'nothing-twice',
    'Each hook of every kind runs once',
    { proves: hookKinds.map((kind) => hookRows[kind].invoked) },
    async (trial) => {
      const container: Container = trial.container(
        withHooks((paths) => ofEveryKind((kind) => [noting(kind, paths)])),
      );
      await throughLife(container);
      deepEqual(namesNoted(container).toSorted(), [...hookKinds, '/probe'].toSorted());
      equal(noted(container).length, hookKinds.length + 1);
    },
  );
});
