import type { Host } from '../runner/host.js';
import type { Runtime } from '../runner/runtime.js';
import type { Mutation } from './mutation.js';

export interface Verdict extends Pick<Mutation, 'name' | 'breaks' | 'profile'> {
  readonly outcome: 'caught' | 'missed' | 'not testable';
  /** The test that has caught it, and what that said. */
  readonly test?: string;
  readonly failure?: string;
  /** Why it cannot be tested here. */
  readonly reason?: string;
  /** Tests that were run, and those in which the behaviour was broken. */
  readonly tests: number;
  readonly broken: number;
  /** Those of them in which the runtime has refused what the wrapper made of the configuration. */
  readonly refused: number;
  readonly seconds: number;
}

export interface MutationReport {
  readonly runtime: Runtime;
  readonly host: Host;
  /** Of the start, ISO 8601. */
  readonly date: string;
  readonly seconds: number;
  readonly mutations: readonly Verdict[];
}

export const countOf = (verdicts: readonly Verdict[], outcome: Verdict['outcome']): number =>
  verdicts.filter((verdict) => verdict.outcome === outcome).length;
