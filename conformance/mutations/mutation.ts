import type { Config } from '../lib/config.js';
import type { Need } from '../runner/test.js';
import type { Call } from './call.js';

/** Makes a configuration another one, or leaves it alone. */
export type Change = (config: Config) => void;

/** What the wrapper does with a call; answers the exit status. */
export type Act = (call: Call) => Promise<number>;

/** How a behaviour is broken. */
export interface How {
  readonly act: Act;
  /** If it is by another configuration. */
  readonly change?: Change;
}

/** One behaviour that a wrapper around a runtime breaks, to see whether the suite notices. */
export interface Mutation extends How {
  readonly name: string;
  /** What such a runtime does, in words that follow "A runtime that". */
  readonly breaks: string;
  readonly profile: 'spec' | 'engine';
  /** Tests that should notice: parts of their identifiers, or of those of what they prove. */
  readonly aims: readonly string[];
  /** What the tests need that can notice it. */
  readonly needs: readonly Need[];
}

/** Name, what it breaks, which tests should notice (parts of identifiers, in one text), how. */
export type Row = readonly [string, string, string, How, ...Need[]];

export const mutationsOf = (profile: Mutation['profile'], rows: readonly Row[]): Mutation[] =>
  rows.map(([name, breaks, aims, how, ...needs]) => ({
    name,
    breaks,
    profile,
    aims: aims.split(' '),
    needs,
    ...how,
  }));
