import type { Expectation } from '../runner/expected.js';

/** What crun is known to fail, by test. */
export const crun: readonly Expectation[] = [];
