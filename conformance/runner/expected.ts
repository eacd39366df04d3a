/** What a runtime is known to fail, one file each: expected/. */
import { crun } from '../expected/crun.js';
import { runc } from '../expected/runc.js';
import { runts } from '../expected/runts.js';
import type { Host } from './host.js';
import type { Whose } from './results.js';
import type { Runtime } from './runtime.js';

export interface Expectation {
  /** Identifier of the test. */
  readonly test: string;
  /** With which versions: each is the start of one, as far as its numbers go (`1.1` is any 1.1.x). */
  readonly versions: readonly string[];
  /** Who has to change for it to pass. */
  readonly whose: Whose;
  readonly reason: string;
  /** Of races alone: chance decides whether it fails, so that a pass says nothing against the reason. */
  readonly sometimes?: true;
  /** Only there, if given. */
  readonly when?: {
    readonly cgroups?: readonly Host['cgroups'][];
    readonly isRoot?: boolean;
  };
}

const files: Readonly<Record<string, readonly Expectation[]>> = { crun, runc, runts };

/** All of a runtime's; none if nobody has written any. */
export const expectationsOf = (name: string): readonly Expectation[] => files[name] ?? [];

const isVersion = (version: string, start: string): boolean =>
  version === start || (version.startsWith(start) && '.+~-'.includes(version.charAt(start.length)));

/** Those that apply to a runtime's version on a host, by test. */
export function expected(
  all: readonly Expectation[],
  runtime: Pick<Runtime, 'version'>,
  host: Pick<Host, 'cgroups' | 'isRoot'>,
): ReadonlyMap<string, Expectation> {
  const applies = ({ versions, when }: Expectation) =>
    versions.some((start) => isVersion(runtime.version, start)) &&
    (when?.cgroups?.includes(host.cgroups) ?? true) &&
    (when?.isRoot ?? host.isRoot) === host.isRoot;
  return new Map(all.filter(applies).map((each) => [each.test, each]));
}
