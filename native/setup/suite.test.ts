import { expect, test } from 'vitest';
import type { Result } from '../../conformance/runner/results.js';
import { failed, passed, reportOf } from '../../conformance/runner/results-of-tests.js';
import { skippedBy, tallyOfReport } from './suite.js';

const other = (id: string, outcome: Result['outcome'], reason: string): Result => ({
  ...passed(id),
  outcome,
  reason,
});

const report = reportOf([
  passed('a/1'),
  failed('a/2', 'no'),
  other('a/3', 'unexpected pass', 'old'),
  other('a/4', 'not testable', 'needs a moon'),
  other('a/5', 'not testable', 'needs a moon'),
  other('a/6', 'expected failure', 'it forgets'),
]);

test('of the suite, an unexpected pass counts as failed, what tells nothing new as skipped', () => {
  expect(tallyOfReport(report)).toEqual({ passed: 1, failed: 2, skipped: 3 });
});

test('of the suite, what was skipped is told once for each reason', () => {
  expect(skippedBy(report)).toEqual([
    'not testable: needs a moon (2 tests)',
    'expected failure: it forgets',
  ]);
});
