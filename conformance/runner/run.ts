import { patience } from '../lib/until.js';
import type { Expectation } from './expected.js';
import type { Host } from './host.js';
import type { Outcome, Result } from './results.js';
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
}

type Found = Pick<Result, 'outcome' | 'reason' | 'failure'>;

/** A runtime that hangs must not stop the suite. */
function inTime(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('has taken too long')), 3 * patience);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** Nothing, or how the test has failed: by itself, or by what was left when it had passed. */
async function failureOf(test: Test, { runtime, host }: Task): Promise<Error | undefined> {
  const trial = new Trial(runtime.command, host);
  let failure: unknown;
  try {
    await inTime(test.run(trial));
  } catch (error) {
    failure = error;
  }
  // What a failed test has left says nothing more.
  await trial.close().catch((error) => {
    failure ??= error;
  });
  if (failure === undefined) return undefined;
  return failure instanceof Error ? failure : new Error(String(failure));
}

function judged(failure: Error | undefined, expectation: Expectation | undefined): Found {
  if (failure instanceof NotTestable) return { outcome: 'not testable', reason: failure.message };
  const outcomes: readonly Outcome[] = expectation
    ? ['unexpected pass', 'expected failure']
    : ['pass', 'fail'];
  const [passed, failed] = outcomes as readonly [Outcome, Outcome];
  const reason = expectation?.reason ?? failure?.message;
  return {
    outcome: failure === undefined ? passed : failed,
    ...(reason === undefined ? {} : { reason }),
    ...(expectation && failure ? { failure: failure.message } : {}),
  };
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
      const result = await resultOf(test, task);
      results.set(test, result);
      task.onResult?.(result);
      if (task.goesOn?.(result) === false) waiting.length = 0;
    }
  };
  await Promise.all(Array.from({ length: task.jobs }, worker));
  return task.tests.flatMap((test) => results.get(test) ?? []);
}
