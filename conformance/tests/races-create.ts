import { deepEqual, equal } from 'node:assert/strict';
import type { Finished } from '../lib/call.js';
import type { Container } from '../lib/container.js';
import { until } from '../lib/until.js';
import { subject } from '../runner/test.js';
import { succeeds, type Trial } from '../runner/trial.js';
import { repeatedly, successes, together } from './lib/race.js';
import { isState } from './lib/schema.js';
import { becomes } from './lib/view.js';

const bundle = (trial: Trial, hostname: string): Container =>
  trial.container((config) => {
    config.hostname = hostname;
    config.process.args = ['/probe', 'wait'];
  });

const createAs = (trial: Trial, { bundle }: Container, id: string) =>
  trial.runtime('create', '--bundle', bundle, id);

/** An answer to `state` at any time: there is no container, or this is what it is. */
function isAnswer({ status, stdout }: Finished, container: Container): string {
  if (status !== 0) {
    equal(stdout, '', 'a state that fails prints something');
    return 'absent';
  }
  const state = isState(JSON.parse(stdout));
  deepEqual([state.id, state.bundle], [container.id, container.bundle]);
  return state.status;
}

/** Asks without pause until something is over; answers what was answered, each status once. */
async function askDuring(trial: Trial, container: Container, act: Promise<unknown>) {
  let over = false;
  const done = act.finally(() => {
    over = true;
  });
  const heard: string[] = [];
  while (!over) {
    const answer = isAnswer(await trial.runtime('state', container.id), container);
    if (heard.at(-1) !== answer) heard.push(answer);
  }
  await done;
  return heard;
}

const life = ['absent', 'creating', 'created', 'running', 'stopped', 'absent'];

/** Statuses come in the order of life, though not all are seen. */
function isInOrder(heard: readonly string[]): void {
  let at = 0;
  for (const status of heard) {
    const next = life.indexOf(status, at);
    equal(next >= 0, true, `states in an impossible order: ${heard.join(', ')}`);
    at = next;
  }
}

export const racesCreateTests = subject('races', (test) => {
  test(
    'create-create',
    'Of several creates of one id exactly one works; the others leave nothing and do no harm',
    { proves: ['runtime/state/1', 'runtime/create/2', 'runtime/errors/1'] },
    (trial) =>
      repeatedly(async (round) => {
        const bundles = ['a', 'b', 'c'].map((hostname) => bundle(trial, hostname));
        const id = bundles[0]!.id;
        const all = await together(
          round,
          bundles.map((each) => () => createAs(trial, each, id)),
        );
        equal(successes(all), 1, 'it is not one create that has worked');
        const winner = all.findIndex(({ status }) => status === 0);
        const { stdout } = await succeeds(trial.runtime('state', id));
        const state = isState(JSON.parse(stdout));
        deepEqual([state.status, state.bundle], ['created', bundles[winner]!.bundle]);
        await succeeds(trial.runtime('start', id));
        const outputs = () => all.map(({ running }) => running.stdout());
        await until('the program runs', () => outputs().join('').includes('\n'));
        await succeeds(trial.runtime('kill', id, 'KILL'));
        await becomes(trial, bundles[0]!, 'stopped');
        equal(outputs().join('').split('\n').length, 2, 'the program has not been run once');
        equal(JSON.parse(outputs()[winner]!).hostname, ['a', 'b', 'c'][winner]);
        await succeeds(trial.runtime('delete', id));
        await trial.expectNothingLeft();
      }),
  );

  test(
    'state',
    'state at any moment of a life says that there is no container, or what it is',
    { proves: ['runtime/query-state/2', 'runtime/query-state/3', 'runtime/state/3'] },
    (trial) =>
      repeatedly(async () => {
        const container = bundle(trial, 'observed');
        const live = async () => {
          await succeeds(container.create());
          await succeeds(container.start());
          await trial.firstReport(container);
          await succeeds(container.kill('KILL'));
          await becomes(trial, container, 'stopped');
          await succeeds(container.delete());
        };
        const act = live();
        const heard = await Promise.all([
          askDuring(trial, container, act),
          askDuring(trial, container, act),
        ]);
        for (const each of heard) isInOrder(each);
      }),
  );
});
