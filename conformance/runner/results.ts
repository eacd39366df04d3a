import type { Host } from './host.js';
import type { Runtime } from './runtime.js';
import type { About } from './test.js';

export type Outcome =
  | 'pass'
  | 'fail'
  /** This host, or this user, cannot tell. */
  | 'not testable'
  /** It fails, and a file says why (expected/). */
  | 'expected failure'
  /** It passes although a file says that it fails: the file is wrong by now. */
  | 'unexpected pass';

export interface Result extends Pick<About, 'proves'> {
  readonly id: string;
  readonly title: string;
  readonly outcome: Outcome;
  /** Why it failed, why it cannot be tested, or why it was expected. */
  readonly reason?: string;
  /** How it failed, if that was expected. */
  readonly failure?: string;
  readonly milliseconds: number;
}

/** What one run of the suite has found out about one runtime. */
export interface RunReport {
  readonly runtime: Runtime;
  readonly profile: string;
  readonly specification: string;
  readonly host: Host;
  /** Of the start, ISO 8601. */
  readonly date: string;
  readonly seconds: number;
  readonly results: readonly Result[];
}

export const isBad = ({ outcome }: Result): boolean =>
  outcome === 'fail' || outcome === 'unexpected pass';

export const countOf = (results: readonly Result[], outcome: Outcome): number =>
  results.filter((result) => result.outcome === outcome).length;
