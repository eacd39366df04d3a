import type { Expectation } from '../runner/expected.js';

/** Several tests of a subject that fail for the same reason. */
export const each = (
  subject: string,
  names: string,
  rest: Omit<Expectation, 'test'>,
): Expectation[] => names.split(' ').map((name) => ({ test: `${subject}/${name}`, ...rest }));
