/**
 * The wrapper: a runtime that breaks one behaviour. Its first argument tells which one, of what
 * program, and where to take notes; the rest is what the program would get.
 */
import { Call } from './call.js';
import { mutations } from './tables.js';

/** As JSON. */
export interface Orders {
  /** Of a mutation; without one nothing is broken. */
  readonly mutation?: string;
  readonly command: readonly string[];
  readonly notes: string;
}

const [orders = '{}', ...words] = process.argv.slice(2);
const { mutation: name, command, notes }: Orders = JSON.parse(orders);
const call = new Call(command, notes, words);
const mutation = mutations.find((each) => each.name === name);
process.exitCode = await (mutation?.act(call) ?? call.pass());
