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

/** Who is the reason for a failure that is known. */
export type Whose = 'runtime' | 'specification';

export interface Result extends Pick<About, 'proves'> {
  readonly id: string;
  readonly title: string;
  readonly outcome: Outcome;
  /** Why it failed, why it cannot be tested, or why it was expected. */
  readonly reason?: string;
  /** How it failed, if that was expected. */
  readonly failure?: string;
  /** Who has to change for it to pass, if it was expected to fail. */
  readonly whose?: Whose;
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
  /** Somebody has ended it before all tests had run. */
  readonly interrupted?: true;
}

export const isBad = ({ outcome }: Result): boolean =>
  outcome === 'fail' || outcome === 'unexpected pass';

export const countOf = (results: readonly Result[], outcome: Outcome): number =>
  results.filter((result) => result.outcome === outcome).length;

export const nameOf = ({ name, version }: Runtime): string => `${name} ${version}`;
