import type { Test } from '../runner/test.js';
import { hostnameTests } from './hostname.js';

/** The tests of the specification, in its order. */
export const specificationTests: readonly Test[] = [...hostnameTests];
