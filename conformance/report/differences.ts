/** Tests that some runtime fails, told together where they are alike. */
import type { ProfileName } from '../runner/profiles.js';
import type { Outcome, Result } from '../runner/results.js';
import { type Column, grouped, type Section } from './model.js';
import { reasonOf } from './words.js';

export interface Cell {
  readonly column: Column;
  /** Not there if the test was not run. */
  readonly result: Result | undefined;
}

export interface Difference {
  readonly id: string;
  readonly title: string;
  readonly proves: readonly string[];
  readonly cells: readonly Cell[];
}

const failing: readonly Outcome[] = ['fail', 'expected failure'];
const isNotable = ({ outcome }: Result) =>
  failing.includes(outcome) || outcome === 'unexpected pass';

const isPassed = ({ result }: Cell) =>
  result?.outcome === 'pass' || result?.outcome === 'unexpected pass';

/** Tests that not every runtime passes which can be tested, in their order. */
function failures({ columns }: Section): Difference[] {
  const all = columns.flatMap(({ report }) => report.results);
  const ids = [...new Set(all.filter(isNotable).map(({ id }) => id))];
  const order = [...new Set(all.map(({ id }) => id))];
  return ids
    .toSorted((one, other) => order.indexOf(one) - order.indexOf(other))
    .map((id) => {
      const { title, proves } = all.find((result) => result.id === id) as Result;
      return {
        id,
        title,
        proves,
        cells: columns.map((column) => ({ column, result: column.results.get(id) })),
      };
    });
}

/** Nobody has promised to be like runc. */
const faults: Readonly<Record<ProfileName, string>> = {
  spec: 'Fault of the runtime',
  engine: 'Not what engines expect',
};

/** Whose matter it is that a test fails, in words. */
function faultOf({ outcome, whose }: Result, profile: ProfileName): string {
  if (outcome === 'fail') return 'Unexplained';
  if (outcome === 'unexpected pass') return 'Passes although it is listed as failing';
  return whose === 'specification' ? 'The specification is ambiguous' : faults[profile];
}

/** Runtimes that fail for one reason share it. */
export interface Explanation {
  readonly labels: readonly string[];
  readonly text: string;
}

function explanationsOf(cells: readonly Cell[], profile: ProfileName): Explanation[] {
  const told = cells.flatMap(({ column: { label }, result }) =>
    result && isNotable(result)
      ? [{ label, text: `${faultOf(result, profile)}. ${reasonOf(result)}` }]
      : [],
  );
  return grouped(told, ({ text }) => text).map(([text, all]) => ({
    labels: all.map(({ label }) => label),
    text,
  }));
}

/** Tests with the same outcomes for the same reasons. */
export interface Group {
  readonly tests: readonly Difference[];
  readonly cells: readonly Cell[];
  readonly explanations: readonly Explanation[];
}

function groupsOf(all: readonly Difference[], { profile }: Section): Group[] {
  const explained = all.map((test) => ({
    test,
    explanations: explanationsOf(test.cells, profile),
  }));
  const keyOf = ({ test, explanations }: (typeof explained)[number]) =>
    JSON.stringify([test.cells.map(({ result }) => result?.outcome), explanations]);
  return grouped(explained, keyOf).map(([, alike]) => ({
    tests: alike.map(({ test }) => test),
    cells: alike[0]?.test.cells ?? [],
    explanations: alike[0]?.explanations ?? [],
  }));
}

/** Passed by one, failed by another. */
export const differencesIn = (section: Section): Group[] =>
  groupsOf(
    failures(section).filter(({ cells }) => cells.some(isPassed)),
    section,
  );

/** Failed by all who can be tested. */
export const failedByAll = (section: Section): Group[] =>
  groupsOf(
    failures(section).filter(({ cells }) => !cells.some(isPassed)),
    section,
  );

export const testsIn = (groups: readonly Group[]): number =>
  groups.reduce((sum, { tests }) => sum + tests.length, 0);
