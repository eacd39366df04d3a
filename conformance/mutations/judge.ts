/** Whether the suite notices that a behaviour is broken. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Host } from '../runner/host.js';
import type { Result } from '../runner/results.js';
import { runTests } from '../runner/run.js';
import type { Runtime } from '../runner/runtime.js';
import type { Test } from '../runner/test.js';
import type { Orders } from './mutant.js';
import type { Mutation } from './mutation.js';
import { hasNote } from './notes.js';
import type { Verdict } from './verdict.js';

export interface Court {
  /** Without any wrapper. */
  readonly runtime: Runtime;
  readonly host: Host;
  /** Those that the runtime is not known to fail, by profile. */
  readonly tests: Readonly<Record<Mutation['profile'], readonly Test[]>>;
  /** For notes. */
  readonly folder: string;
  /** Of the wrapper. */
  readonly program: string;
  /** Ends it all; what is judged at that time is worth nothing. */
  readonly signal: AbortSignal;
}

/** By parts of its identifier, or of those of what it proves. */
export const isAimedAt = (
  { id, proves }: Pick<Test, 'id' | 'proves'>,
  aims: readonly string[],
): boolean => aims.some((part) => [id, ...proves].some((text) => text.includes(part)));

/** The most promising ones first: the suite ends with the first test that notices. */
export function inOrder(tests: readonly Test[], aims: readonly string[]): readonly Test[] {
  const rank = (test: Test) => aims.findIndex((aim) => isAimedAt(test, [aim]));
  const ranked = tests.map((test) => ({ test, rank: rank(test) }));
  const aimed = ranked.filter(({ rank: number }) => number >= 0);
  const others = ranked.filter(({ rank: number }) => number < 0);
  return [...aimed.sort((one, other) => one.rank - other.rank), ...others].map(({ test }) => test);
}

/** The tests of one mutation, one after another, so that each note belongs to one test. */
class Hearing {
  readonly #court: Court;
  readonly #mutation: Mutation;
  readonly #notes: string;
  /** Of the last test. */
  #hasNoticed = false;
  tests = 0;
  broken = 0;
  refused = 0;
  /** The test whose last control has failed. */
  #doubted = '';
  /** Why tests that should notice cannot be run here, and whether any can. */
  untestable: string | undefined;
  isTestable = false;

  constructor(court: Court, mutation: Mutation) {
    this.#court = court;
    this.#mutation = mutation;
    this.#notes = join(court.folder, mutation.name);
    writeFileSync(this.#notes, '');
  }

  #wrapped(orders: Partial<Orders>): Runtime {
    const { runtime, program } = this.#court;
    const all = { ...orders, command: runtime.command, notes: this.#notes };
    return { ...runtime, command: [process.execPath, program, JSON.stringify(all)] };
  }

  #run(tests: readonly Test[], orders: Partial<Orders>, goesOn: (result: Result) => boolean) {
    const { host, signal } = this.#court;
    const runtime = this.#wrapped(orders);
    return runTests({ runtime, host, tests, expected: new Map(), jobs: 1, goesOn, signal });
  }

  /** Whether nothing was noticed; the behaviour must have been broken, and nothing more than that. */
  #goesOn({ outcome, proves, id, reason }: Result): boolean {
    const notes = readFileSync(this.#notes, 'utf8');
    writeFileSync(this.#notes, '');
    this.tests++;
    const isAimed = isAimedAt({ id, proves }, this.#mutation.aims);
    if (outcome === 'not testable') {
      if (isAimed) this.untestable ??= reason;
      return true;
    }
    this.isTestable ||= isAimed;
    const [isBroken, isRefused] = [hasNote(notes, 'broken'), hasNote(notes, 'refused')];
    if (isBroken) this.broken++;
    if (isRefused) this.refused++;
    this.#hasNoticed = isBroken && outcome === 'fail' && !isRefused;
    return !this.#hasNoticed;
  }

  get isBeyondThisHost(): boolean {
    return this.broken === 0 && !this.isTestable && this.untestable !== undefined;
  }

  /** On a busy machine a control may fail by chance: both are repeated once. */
  #isDoubtedFirst({ id }: Test): boolean {
    const isFirst = this.#doubted !== id;
    this.#doubted = id;
    return isFirst;
  }

  /** Fails under the mutation, and passes through the same wrapper without it. */
  async catcher(tests: readonly Test[]): Promise<Result | undefined> {
    const { name } = this.#mutation;
    for (let rest = tests; rest.length > 0 && !this.#court.signal.aborted; ) {
      const results = await this.#run(rest, { mutation: name }, (result) => this.#goesOn(result));
      const last = results.at(-1);
      rest = rest.slice(results.length);
      const test = tests.find(({ id }) => id === last?.id);
      if (!this.#hasNoticed || last === undefined || test === undefined) continue;
      const [control] = await this.#run([test], {}, () => true);
      if (control?.outcome === 'pass') return last;
      if (this.#isDoubtedFirst(test)) rest = [test, ...rest];
    }
    return undefined;
  }
}

function withoutCatch(hearing: Hearing): Pick<Verdict, 'outcome' | 'reason'> {
  const { untestable } = hearing;
  if (!hearing.isBeyondThisHost || untestable === undefined) return { outcome: 'missed' };
  return { outcome: 'not testable', reason: untestable };
}

export async function judge(court: Court, mutation: Mutation): Promise<Verdict> {
  const { name, breaks, profile, aims, needs } = mutation;
  const start = performance.now();
  const lacks = needs.flatMap((need) => need(court.host) ?? []);
  const hearing = new Hearing(court, mutation);
  const tests = lacks.length > 0 ? [] : inOrder(court.tests[profile], aims);
  const aimed = tests.filter((test) => isAimedAt(test, aims));
  const first = await hearing.catcher(aimed);
  // Where none of those can be run, the others are about something else.
  const rest = first || hearing.isBeyondThisHost ? [] : tests.slice(aimed.length);
  const caught = first ?? (await hearing.catcher(rest));
  const found = caught
    ? { outcome: 'caught' as const, test: caught.id, failure: caught.reason ?? '' }
    : lacks.length > 0
      ? { outcome: 'not testable' as const, reason: lacks.join('; ') }
      : withoutCatch(hearing);
  const seconds = (performance.now() - start) / 1000;
  const counts = { tests: hearing.tests, broken: hearing.broken, refused: hearing.refused };
  return { name, breaks, profile, ...found, ...counts, seconds };
}
