import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { root } from './paths.js';

export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export const resultsFolder = join(root, 'build/test-results');

/** The part of vitest's JSON report that counts. */
export interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly ancestorTitles: readonly string[];
      readonly title: string;
    }[];
  }[];
}

/** A file that does not load, or a stray rejection, fails the run without failing any test. */
export function tallyOf(report: Report | undefined, status: number): Tally {
  const failed = report?.numFailedTests ?? 0;
  return {
    passed: report?.numPassedTests ?? 0,
    failed: status !== 0 && failed === 0 ? 1 : failed,
    skipped: (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0),
  };
}

export function readReport(file: string): Report | undefined {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}

/** One line for each group of skipped tests: the names say what they would have needed. */
export function skippedGroups({ testResults }: Report, folder = root): readonly string[] {
  const groups = testResults.flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status }) => status !== 'passed' && status !== 'failed')
      .map(
        ({ ancestorTitles, title }) => `${relative(folder, name)}: ${ancestorTitles[0] || title}`,
      ),
  );
  return [...new Set(groups)].map((group) => {
    const count = groups.filter((other) => other === group).length;
    return count === 1 ? group : `${group} (${count} tests)`;
  });
}

export function addUp(tallies: readonly Tally[]): Tally {
  return {
    passed: tallies.reduce((sum, tally) => sum + tally.passed, 0),
    failed: tallies.reduce((sum, tally) => sum + tally.failed, 0),
    skipped: tallies.reduce((sum, tally) => sum + tally.skipped, 0),
  };
}

export function summaryOf({ passed, failed, skipped }: Tally): string {
  const counts = [`${passed} passed`, `${failed} failed`];
  return (skipped === 0 ? counts : [...counts, `${skipped} skipped`]).join(', ');
}

/** .ci/run ends with this line, after whatever npm has to say about a failure. */
export function writeSummary(total: Tally): string {
  const line = summaryOf(total);
  mkdirSync(resultsFolder, { recursive: true });
  writeFileSync(join(resultsFolder, 'summary'), `${line}\n`);
  return line;
}
