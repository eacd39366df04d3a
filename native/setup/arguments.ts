import { type ParseArgsConfig, parseArgs } from 'node:util';
import { Complaint } from './complaint.js';

type Options = NonNullable<ParseArgsConfig['options']>;

/** Options as declared, nothing else: a mistyped one must not be taken for its default. */
export function parseOptions<const O extends Options>(args: readonly string[], options: O) {
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    const known = Object.keys(options).map((name) => `--${name}`);
    const accepted = known.length === 0 ? 'No arguments are accepted' : `Accepted: ${known}`;
    throw new Complaint(error instanceof Error ? error.message : String(error), accepted);
  }
}
