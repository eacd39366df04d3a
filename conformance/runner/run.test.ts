import { expect, test } from 'vitest';
import type { Expectation } from './expected.js';
import { thisHost } from './host.js';
import { runTests } from './run.js';
import { NotTestable } from './test.js';

const runtime = { command: ['/nowhere'], name: 'none', version: '1' };

async function outcomeOf(act: () => void, more?: Partial<Expectation>) {
  const one = { id: 'a/test', title: 'It', proves: [], run: async () => act() };
  const base = { test: one.id, versions: ['1'], whose: 'runtime', reason: 'known' } as const;
  const expected = new Map(more ? [[one.id, { ...base, ...more }]] : []);
  const task = { runtime, host: thisHost(), tests: [one], expected, jobs: 1 };
  const [result] = await runTests(task);
  const { outcome, reason, failure } = result!;
  return [outcome, reason, failure].filter((each) => each !== undefined);
}

const passes = () => {};
const fails = () => {
  throw new Error('it is wrong');
};

test('a test passes or fails, and a failure is told', async () => {
  expect(await outcomeOf(passes)).toEqual(['pass']);
  expect(await outcomeOf(fails)).toEqual(['fail', 'it is wrong']);
});

test('a known failure is expected, with its reason, and a pass is not', async () => {
  expect(await outcomeOf(fails, {})).toEqual(['expected failure', 'known', 'it is wrong']);
  expect(await outcomeOf(passes, {})).toEqual(['unexpected pass', 'known']);
});

test('what fails by chance may pass', async () => {
  const sometimes = { sometimes: true } as const;
  expect(await outcomeOf(fails, sometimes)).toEqual(['expected failure', 'known', 'it is wrong']);
  expect(await outcomeOf(passes, sometimes)).toEqual(['pass']);
});

test('what cannot be tested is neither, whatever is expected', async () => {
  const cannot = () => {
    throw new NotTestable('no way');
  };
  expect(await outcomeOf(cannot, {})).toEqual(['not testable', 'no way']);
});
