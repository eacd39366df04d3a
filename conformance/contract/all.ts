import type { Statement } from '../statements/statement.js';
import { commandLine } from './command-line.js';
import { logging } from './logging.js';
import { states } from './states.js';

/** Everything that engines rely on which the specification does not say. */
export const clauses: readonly Statement[] = [...commandLine, ...logging, ...states];
