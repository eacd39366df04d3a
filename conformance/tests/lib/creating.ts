/** Containers of which a command of the runtime is called while they are created. */
import { deepEqual, equal } from 'node:assert/strict';
import type { Container } from '../../lib/container.js';
import { succeeds, type Trial } from '../../runner/trial.js';
import { callingHook, idIn, type Words } from './commands.js';
import { hooksRun, telling } from './told.js';
import { becomes, running, runs, statusOf } from './view.js';

/** A container that is not created before a command of the runtime has ended that was called of it. */
export const disturbed = (trial: Trial, words: Words): Container =>
  trial.container((config, paths) => {
    config.process.args = [...running];
    config.hooks = {
      createRuntime: [callingHook(trial, words(paths.bundle, idIn(paths)))],
      poststart: [telling(trial, 'poststart')],
      poststop: [telling(trial, 'poststop')],
    };
  });

/** It lives as if nobody had disturbed its creation. */
export async function isWhole(trial: Trial, container: Container): Promise<void> {
  equal(await statusOf(trial, container), 'created');
  equal(runs(container), 0, 'its program has been run');
  await succeeds(container.start());
  await trial.firstReport(container);
  equal(runs(container), 1);
  await succeeds(container.kill('KILL'));
  await becomes(trial, container, 'stopped');
  await succeeds(container.delete());
  deepEqual(hooksRun(trial), ['poststart', 'poststop']);
}
