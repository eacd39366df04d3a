import type { Host } from './host.js';
import type { Trial } from './trial.js';

/** Why a host (or the runtime's caller) cannot test something; null if it can. */
export type Need = (host: Host) => string | null;

export interface About {
  /** Identifiers of the statements that do not hold if the test fails. */
  readonly proves: readonly string[];
  readonly needs?: readonly Need[];
}

export interface Test extends About {
  /** `process/umask`: stable, since files of expected failures name it. */
  readonly id: string;
  /** A sentence about behaviour. */
  readonly title: string;
  readonly run: (trial: Trial) => Promise<void>;
}

export type DefineTest = (
  name: string,
  title: string,
  about: About,
  run: (trial: Trial) => Promise<void>,
) => void;

/** Tests of one subject: their identifiers start with its name. */
export function subject(name: string, define: (test: DefineTest) => void): readonly Test[] {
  const tests: Test[] = [];
  define((id, title, about, run) => tests.push({ id: `${name}/${id}`, title, ...about, run }));
  return tests;
}

/** What a test throws that finds out only while it runs that it cannot tell. */
export class NotTestable extends Error {}
