import type { Statement } from '../statements/statement.js';
import { commandLine } from './command-line.js';
import { commands } from './commands.js';
import { logging } from './logging.js';
import { protocols } from './protocols.js';
import { states } from './states.js';

/** Everything that engines rely on which the specification does not say. */
export const clauses: readonly Statement[] = [
  ...commandLine,
  ...logging,
  ...states,
  ...commands,
  ...protocols,
];
