/**
 * Not demanded is what chance decides, which of the commands comes first, and what other tests decide
 * without chance: whether delete may take what has been created (states/delete-created) or is being
 * created (creating/delete).
 */

import { equal, ok } from 'node:assert/strict';
import type { Container } from '../lib/container.js';
import { subject } from '../runner/test.js';
import { succeeds, type Trial } from '../runner/trial.js';
import { perform } from './lib/commands.js';
import { livesOf } from './lib/life.js';
import { duringCreate, repeatedly, successes, together } from './lib/race.js';
import { hooksRun, telling } from './lib/told.js';
import { becomes, runs, statusOf } from './lib/view.js';

const waiting = (trial: Trial): Container =>
  trial.container((config, { bundle }) => {
    config.process.args = ['/probe', 'wait'];
    config.hooks = { poststop: [telling(trial, 'poststop', bundle)] };
  });

const stops = (trial: Trial, { bundle }: Container): number =>
  hooksRun(trial).filter((label) => label === bundle).length;

const { created, started, stopped } = livesOf(waiting);

/** It runs its program, once, and goes when it is told to. */
async function canLive(trial: Trial, container: Container): Promise<void> {
  equal(await statusOf(trial, container), 'created');
  await succeeds(container.start());
  await canEnd(trial, container);
}

async function canEnd(trial: Trial, container: Container): Promise<void> {
  await trial.firstReport(container);
  equal(await statusOf(trial, container), 'running');
  equal(runs(container), 1, 'the program has not been run once');
  await succeeds(container.kill('KILL'));
  await isDeletable(trial, container);
}

async function isDeletable(trial: Trial, container: Container): Promise<void> {
  await becomes(trial, container, 'stopped');
  await succeeds(container.delete());
  await isGone(trial, container);
}

async function isGone(trial: Trial, container: Container): Promise<void> {
  equal(await statusOf(trial, container), 'absent');
  await trial.expectNothingLeft();
}

export const racesTests = subject('races', (test) => {
  test(
    'create-kill',
    'kill during create ends what has been created, or fails and has no effect',
    { proves: ['runtime/kill/2', 'runtime/kill/3', 'runtime/create/3'] },
    (trial) =>
      repeatedly(async (round) => {
        const container = waiting(trial);
        const [create, kill] = await duringCreate(trial, round, container, 'kill');
        equal(create.status, 0, create.stderr);
        if (kill.status === 0) await isDeletable(trial, container);
        else await canLive(trial, container);
        equal(runs(container), kill.status === 0 ? 0 : 1);
      }),
  );

  test(
    'create-start',
    'start during create runs what has been created, or fails and has no effect',
    { proves: ['runtime/start/2', 'runtime/start/3', 'runtime/create/3'] },
    (trial) =>
      repeatedly(async (round) => {
        const container = waiting(trial);
        const [create, start] = await duringCreate(trial, round, container, 'start');
        equal(create.status, 0, create.stderr);
        if (start.status === 0) await canEnd(trial, container);
        else await canLive(trial, container);
      }),
  );

  for (const command of ['delete', 'delete-force'] as const)
    test(
      `create-${command}`,
      `${command.replace('-', ' ')} during create leaves a whole container or nothing`,
      { proves: ['runtime/delete/2', 'runtime/delete/3', 'runtime/errors/1'] },
      (trial) =>
        repeatedly(async (round) => {
          const container = waiting(trial);
          const [create] = await duringCreate(trial, round, container, command);
          const status = await statusOf(trial, container);
          if (create.status !== 0) equal(status, 'absent');
          if (status === 'absent') await isGone(trial, container);
          else await canLive(trial, container);
        }),
    );

  test(
    'start-start',
    'Of several starts at the same time exactly one works, and the program is run once',
    { proves: ['runtime/start/2', 'runtime/start/3'] },
    (trial) =>
      repeatedly(async (round) => {
        const container = await created(trial);
        const start = () => container.start();
        const starts = together(round, [start, start, start]);
        await trial.firstReport(container);
        equal(await statusOf(trial, container), 'running');
        await succeeds(container.kill('KILL'));
        // How soon the others fail is not demanded: they may wait until the process has ended.
        equal(successes(await starts), 1, 'it is not one start that has worked');
        equal(runs(container), 1, 'the program has not been run once');
        await isDeletable(trial, container);
      }),
  );

  test(
    'start-delete',
    'delete during start fails and has no effect, or leaves nothing',
    { proves: ['runtime/delete/2', 'runtime/delete/3'] },
    (trial) =>
      repeatedly(async (round) => {
        const container = await created(trial);
        const acts = [() => container.start(), () => container.delete()];
        const [start, remove] = await together(round, acts);
        if (remove?.status === 0) return isGone(trial, container);
        equal(start?.status, 0, start?.stderr);
        await canEnd(trial, container);
      }),
  );

  test(
    'start-kill',
    'kill during start ends the process, whether its program has been run or not',
    { proves: ['runtime/kill/3'] },
    (trial) =>
      repeatedly(async (round) => {
        const container = await created(trial);
        const acts = [() => container.start(), () => container.kill('KILL')];
        const [, kill] = await together(round, acts);
        equal(kill?.status, 0, kill?.stderr);
        await isDeletable(trial, container);
        ok(runs(container) <= 1, 'the program has been run more than once');
      }),
  );

  test(
    'kill-delete',
    'kill and delete at the same time end the process; delete fails, or leaves nothing',
    { proves: ['runtime/kill/3', 'runtime/delete/2', 'runtime/delete/3'] },
    (trial) =>
      repeatedly(async (round) => {
        const container = await started(trial);
        const acts = [() => container.kill('KILL'), () => container.delete()];
        const [kill, remove] = await together(round, acts);
        equal(kill?.status, 0, kill?.stderr);
        if (remove?.status === 0) await isGone(trial, container);
        else await isDeletable(trial, container);
        equal(stops(trial, container), 1, 'poststop hooks have not run once');
      }),
  );

  test(
    'delete-delete',
    'Of several deletes at the same time exactly one works, and nothing is left',
    { proves: ['runtime/delete/2', 'runtime/delete/3', 'runtime/lifecycle/17'] },
    (trial) =>
      repeatedly(async (round) => {
        const container = await stopped(trial);
        const remove = () => container.delete();
        const all = await together(round, [remove, remove, remove]);
        equal(successes(all), 1, 'it is not one delete that has worked');
        equal(stops(trial, container), 1, 'poststop hooks have not run once');
        await isGone(trial, container);
      }),
  );

  test(
    'delete-create',
    'create during delete of a container with the same id makes a whole one, or fails',
    { proves: ['runtime/create/2', 'runtime/create/3', 'runtime/delete/3'] },
    (trial) =>
      repeatedly(async (round) => {
        const container = await stopped(trial);
        const acts = [() => container.delete(), () => perform(trial, container, 'create')];
        const [remove, create] = await together(round, acts);
        equal(remove?.status, 0, remove?.stderr);
        if (create?.status !== 0) return isGone(trial, container);
        equal(await statusOf(trial, container), 'created');
        await succeeds(container.start());
        await succeeds(container.kill('KILL'));
        await isDeletable(trial, container);
        equal(stops(trial, container), 2, 'poststop hooks have not run once for each');
      }),
  );
});
