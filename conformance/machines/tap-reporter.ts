import { appendFileSync, writeSync } from 'node:fs';
import type { Reporter, SerializedError, TestCase, TestModule, TestSuite } from 'vitest/node';
import { failed, passed, plan, skipped } from './tap.js';

/**
 * Results as TAP in the file RUNTS_TAP or on the standard output, each at once: a machine that dies
 * has told what it knew.
 */
export default class TapReporter implements Reporter {
  #count = 0;

  onTestCaseResult(test: TestCase): void {
    const name = `${test.module.relativeModuleId} > ${test.fullName}`;
    const result = test.result();
    if (result.state === 'failed') this.#failed(name, result.errors);
    else if (result.state === 'skipped') this.#write(skipped(this.#next(), name));
    else this.#write(passed(this.#next(), name, test.diagnostic()?.duration ?? 0));
  }

  onTestSuiteResult(suite: TestSuite): void {
    const name = `${suite.module.relativeModuleId} > ${suite.fullName}`;
    if (suite.errors().length > 0) this.#failed(name, suite.errors());
  }

  onTestModuleEnd(module: TestModule): void {
    if (module.errors().length > 0) this.#failed(module.relativeModuleId, module.errors());
  }

  onTestRunEnd(_: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    if (unhandled.length > 0) this.#failed('errors outside of tests', unhandled);
    this.#write(plan(this.#count));
  }

  #next(): number {
    return ++this.#count;
  }

  #failed(name: string, errors: readonly SerializedError[]): void {
    const reasons = errors.map(({ stack, message, diff }) =>
      [stack ?? message, ...(diff ? [diff] : [])].join('\n'),
    );
    this.#write(failed(this.#next(), name, reasons.join('\n')));
  }

  #write(text: string): void {
    const path = process.env.RUNTS_TAP;
    // A file that is the standard output would be written over from where others stand in it.
    if (path === undefined) writeSync(1, text);
    else appendFileSync(path, text);
  }
}
