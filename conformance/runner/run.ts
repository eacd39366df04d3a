import { patience } from '../lib/until.js';
import type { Expectation } from './expected.js';
import type { Host } from './host.js';
import type { Result } from './results.js';
import type { Runtime } from './runtime.js';
import { NotTestable, type Test } from './test.js';
import { Trial } from './trial.js';

export interface Task {
  readonly runtime: Runtime;
  readonly host: Host;
  readonly tests: readonly Test[];
  readonly expected: ReadonlyMap<string, Expectation>;
  /** How many tests run at a time. */
  readonly jobs: number;
  /** After each test. */
  readonly onResult?: (result: Result) => void;
  /** Whether to go on after a result; by itself always. */
  readonly goesOn?: (result: Result) => boolean;
  /** Ends the run: no further test starts, those that run are given up and have no result. */
  readonly signal?: AbortSignal;
}

type Found = Pick<Result, 'outcome' | 'reason' | 'failure' | 'whose'>;

/** A test of which nobody waits for the end. */
class GivenUp extends Error {}

/** A runtime that hangs must not stop the suite, and who ends the suite does not want to wait. */
async function inTime(work: Promise<void>, signal?: AbortSignal): Promise<void> {
  let end = () => {};
  const late = new Promise<never>((_, reject) => {
    const timer = setTimeout(() => reject(new GivenUp('has taken too long')), 3 * patience);
    const interrupted = () => reject(new GivenUp('was interrupted'));
    signal?.addEventListener('abort', interrupted);
    end = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', interrupted);
    };
  });
  return Promise.race([work, late]).finally(end);
}

const thrownBy = (work: Promise<void>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error ?? new Error('nothing was said'),
  );

const asError = (thrown: unknown): Error | undefined =>
  thrown === undefined || thrown instanceof Error ? thrown : new Error(String(thrown));

/** Nothing, or how the test has failed: by itself, or by what was left when it had passed. */
async function failureOf(test: Test, { runtime, host, signal }: Task): Promise<Error | undefined> {
  const trial = new Trial(runtime.command, host);
  const failure = await thrownBy(inTime(test.run(trial), signal));
  // What a failed test has left says nothing more, and is not waited for.
  const found = failure ?? (await thrownBy(inTime(trial.close(), signal)));
  if (failure === undefined && !(found instanceof GivenUp)) return asError(found);
  const left = await thrownBy(trial.giveUp());
  const error = asError(found);
  return left === undefined
    ? error
    : new Error(`${error?.message}; what it left could not be removed: ${asError(left)?.message}`);
}

function judged(failure: Error | undefined, expectation: Expectation | undefined): Found {
  if (failure instanceof NotTestable) return { outcome: 'not testable', reason: failure.message };
  if (failure === undefined)
    return expectation === undefined || expectation.sometimes
      ? { outcome: 'pass' }
      : { outcome: 'unexpected pass', reason: expectation.reason };
  if (expectation === undefined) return { outcome: 'fail', reason: failure.message };
  const { reason, whose } = expectation;
  return { outcome: 'expected failure', reason, failure: failure.message, whose };
}

async function resultOf(test: Test, task: Task): Promise<Result> {
  const { id, title, proves } = test;
  const lacks = test.needs?.flatMap((need) => need(task.host) ?? []) ?? [];
  const start = performance.now();
  const found: Found = lacks.length
    ? { outcome: 'not testable', reason: lacks.join('; ') }
    : judged(await failureOf(test, task), task.expected.get(id));
  return { id, title, proves, ...found, milliseconds: Math.round(performance.now() - start) };
}

/** Runs all tests, some at a time, and answers their results in the order of the tests. */
export async function runTests(task: Task): Promise<Result[]> {
  const results = new Map<Test, Result>();
  const waiting = [...task.tests];
  const worker = async () => {
    for (let test = waiting.shift(); test !== undefined; test = waiting.shift()) {
      if (task.signal?.aborted) return;
      const result = await resultOf(test, task);
      if (task.signal?.aborted) return;
      results.set(test, result);
      task.onResult?.(result);
      if (task.goesOn?.(result) === false) waiting.length = 0;
    }
  };
  await Promise.all(Array.from({ length: task.jobs }, worker));
  return task.tests.flatMap((test) => results.get(test) ?? []);
}
