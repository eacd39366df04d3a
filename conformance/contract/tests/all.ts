import type { Test } from '../../runner/test.js';
import { exitTests } from './exit-codes.js';
import { globalTests } from './globals.js';
import { helpTests } from './help.js';
import { listTests } from './list.js';
import { loggingTests } from './logging.js';
import { parsingTests } from './parsing.js';
import { stateTests } from './states.js';
import { usageTests } from './usage.js';

/** The tests of the contract, in its order. */
export const contractTests: readonly Test[] = [
  ...parsingTests,
  ...usageTests,
  ...helpTests,
  ...globalTests,
  ...loggingTests,
  ...exitTests,
  ...stateTests,
  ...listTests,
];
