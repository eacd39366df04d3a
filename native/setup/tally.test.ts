import { describe, expect, test } from 'vitest';
import { addUp, type Report, skippedGroups, summaryOf, tallyOf } from './tally.js';

const report: Report = {
  numPassedTests: 5,
  numFailedTests: 0,
  numPendingTests: 1,
  numTodoTests: 1,
  testResults: [],
};

describe('counting', () => {
  test("takes vitest's numbers", () => {
    expect(tallyOf(report, 0)).toEqual({ passed: 5, failed: 0, skipped: 2 });
    expect(tallyOf({ ...report, numFailedTests: 3 }, 1).failed).toBe(3);
  });

  test('counts one failure when the run failed and no test did, or nothing was written', () => {
    expect(tallyOf(report, 1).failed).toBe(1);
    expect(tallyOf(undefined, 1)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });

  test('adds up, and speaks of skipped tests only when there are some', () => {
    const tally = { passed: 5, failed: 1, skipped: 0 };
    expect(summaryOf(addUp([tally, tally]))).toBe('10 passed, 2 failed');
    expect(summaryOf({ ...tally, skipped: 2 })).toBe('5 passed, 1 failed, 2 skipped');
  });

  test('names what was skipped, once for each group', () => {
    const ancestorTitles = ['joining (needs root)'];
    const assertionResults = [
      { status: 'skipped', ancestorTitles, title: 'a' },
      { status: 'skipped', ancestorTitles, title: 'b' },
      { status: 'passed', ancestorTitles, title: 'c' },
      { status: 'todo', ancestorTitles: [], title: 'd' },
    ];
    const testResults = [{ name: '/checkout/src/x.test.ts', assertionResults }];
    expect(skippedGroups({ ...report, testResults }, '/checkout')).toEqual([
      'src/x.test.ts: joining (needs root) (2 tests)',
      'src/x.test.ts: d',
    ]);
  });
});
