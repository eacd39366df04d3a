import { RuntimeError } from '../errors/error.js';

/** What something fails with; nothing if it does not. A test has to see anything else itself. */
export function errorIfAny(act: () => unknown): RuntimeError | undefined {
  try {
    act();
  } catch (thrown) {
    if (thrown instanceof RuntimeError) return thrown;
    throw thrown;
  }
  return undefined;
}

/** The same of what has to fail. */
export function errorOf(act: () => unknown): RuntimeError {
  const error = errorIfAny(act);
  if (error === undefined) throw new Error('nothing was thrown');
  return error;
}
