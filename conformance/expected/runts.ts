import type { Expectation } from '../runner/expected.js';

/** What runts is known to fail, by test. */
export const runts: readonly Expectation[] = [];
