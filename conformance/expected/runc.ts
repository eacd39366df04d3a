import type { Expectation } from '../runner/expected.js';

/** What runc is known to fail, by test. */
export const runc: readonly Expectation[] = [];
