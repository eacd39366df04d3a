import type { Expectation } from '../runner/expected.js';
import { runtsContract } from './engine/runts.js';

/** What runts is known to fail, by test. */
export const runts: readonly Expectation[] = [
  ...runtsContract,
  {
    test: 'user/umask-unset',
    versions: ['0'],
    whose: 'specification',
    reason:
      'It sets 0022, as runc does: engines rely on it. The specification asks for the umask of the caller in words that bind nobody.',
  },
];
