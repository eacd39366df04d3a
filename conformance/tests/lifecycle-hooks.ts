import { deepEqual, equal } from 'node:assert/strict';
import type { Container } from '../lib/container.js';
import { type HookKind, hookKinds } from '../lib/hooks.js';
import { subject } from '../runner/test.js';
import { fails, succeeds, type Trial } from '../runner/trial.js';
import { failing, hooksRun, share, telling } from './lib/told.js';
import { runs, statusOf } from './lib/view.js';

/** In the order of the lifecycle, with the statements about each: it runs, and it fails. */
const steps: Readonly<
  Record<HookKind, { readonly during: Step; readonly runs: number; readonly fails: number }>
> = {
  prestart: { during: 'create', runs: 5, fails: 6 },
  createRuntime: { during: 'create', runs: 7, fails: 8 },
  createContainer: { during: 'create', runs: 9, fails: 10 },
  startContainer: { during: 'start', runs: 11, fails: 12 },
  poststart: { during: 'start', runs: 14, fails: 15 },
  poststop: { during: 'delete', runs: 17, fails: 18 },
};

type Step = 'create' | 'start' | 'delete';

const statement = (number: number): string => `runtime/lifecycle/${number}`;

/** A container that runs when it is started, until it is killed. */
const hooked = (trial: Trial, hooks: object): Container =>
  trial.container((config) => {
    share(trial, config);
    config.process.args = ['/probe', 'wait'];
    config.hooks = hooks;
  });

/** What comes in the life of a container, up to a step. */
async function until(step: Step, container: Container): Promise<void> {
  if (step === 'create') return;
  await succeeds(container.create());
  if (step === 'start') return;
  await succeeds(container.start());
  await succeeds(container.kill('KILL'));
  await container.ended();
}

/** A container that fails when it is to do the step, and what a poststop hook has told then. */
async function stumble(trial: Trial, kind: HookKind): Promise<Container> {
  const container = hooked(trial, {
    [kind]: [failing(trial, kind)],
    poststop: [telling(trial, 'poststop')],
  });
  const { during } = steps[kind];
  await until(during, container);
  await fails(container[during]());
  return container;
}

export const lifecycleHooksTests = subject('lifecycle-hooks', (test) => {
  for (const kind of hookKinds) {
    const { during, runs: number } = steps[kind];
    test(
      kind,
      `${kind} hooks run once, during ${during}`,
      { proves: [statement(number)] },
      async (trial) => {
        const container = hooked(trial, { [kind]: [telling(trial, kind)] });
        await until(during, container);
        deepEqual(hooksRun(trial), [], 'too early');
        await succeeds(container[during]());
        // start may come back before the program runs; whatever precedes that has been done then.
        if (during === 'start') await trial.firstReport(container);
        deepEqual(hooksRun(trial), [kind]);
        if (during !== 'delete') await succeeds(container.delete('--force'));
        deepEqual(hooksRun(trial), [kind]);
      },
    );
  }

  for (const kind of hookKinds.filter((each) => each !== 'poststop')) {
    const { during, fails: number } = steps[kind];
    test(
      `${kind}-fails`,
      `A ${kind} hook that fails makes ${during} fail and ends the process`,
      { proves: [statement(number)] },
      async (trial) => {
        const container = await stumble(trial, kind);
        if (container.hasPidFile()) await container.ended();
        equal(hooksRun(trial)[0], kind);
        if (kind !== 'poststart') equal(runs(container), 0, 'the program has been run');
      },
    );

    test(
      `${kind}-fails-destroyed`,
      `After a ${kind} hook that fails the container is destroyed, and poststop hooks run`,
      { proves: [statement(number), statement(16), statement(17)] },
      async (trial) => {
        const container = await stumble(trial, kind);
        equal(await statusOf(trial, container), 'absent');
        deepEqual(hooksRun(trial), [kind, 'poststop']);
        await trial.expectNothingLeft();
      },
    );
  }

  test(
    'poststop-fails',
    'A poststop hook that fails keeps neither the others from running nor delete from its work',
    { proves: [statement(18), 'runtime/warnings/1'] },
    async (trial) => {
      const container = hooked(trial, {
        poststop: [
          telling(trial, 'poststop', 'first'),
          failing(trial, 'poststop', 'second'),
          telling(trial, 'poststop', 'third'),
        ],
      });
      await until('delete', container);
      await succeeds(container.delete());
      deepEqual(hooksRun(trial), ['first', 'second', 'third']);
      equal(await statusOf(trial, container), 'absent');
      await trial.expectNothingLeft();
    },
  );
});
