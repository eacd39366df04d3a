import type { Expectation } from '../../runner/expected.js';

/** Tests that fail, with the reason for them. */
export const reasons = (
  shared: Pick<Expectation, 'versions' | 'whose' | 'when'>,
  rows: readonly (readonly [tests: readonly string[], reason: string])[],
): Expectation[] =>
  rows.flatMap(([tests, reason]) => tests.map((test) => ({ ...shared, test, reason })));
