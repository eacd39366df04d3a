/** What a page of results shows, whatever it is written in. */
import { type ProfileName, profiles } from '../runner/profiles.js';
import { nameOf, type Outcome, type Result, type RunReport } from '../runner/results.js';
import type { Statement } from '../statements/statement.js';

/** One run: a column where several stand side by side. */
export interface Column {
  readonly label: string;
  readonly report: RunReport;
  readonly results: ReadonlyMap<string, Result>;
}

/** Runs of one profile on one host as one user. */
export interface Section {
  readonly profile: ProfileName;
  /** `root, cgroup v1, Linux 6.1`. */
  readonly title: string;
  readonly columns: readonly Column[];
}

const cgroupWords = {
  v1: 'cgroup v1',
  v2: 'cgroup v2',
  hybrid: 'hybrid cgroups',
  none: 'no cgroups',
};

export function environmentOf({ host }: Pick<RunReport, 'host'>): string {
  const user = host.isRoot ? 'root' : 'ordinary user';
  return `${user}, ${cgroupWords[host.cgroups]}, Linux ${host.kernel.join('.')}`;
}

/** The last words of a path tell programs of one name and version apart. */
const placeOf = ({ runtime }: RunReport): string =>
  runtime.command.at(-1)?.split('/').slice(-2).join('/') ?? '';

function columnsOf(reports: readonly RunReport[]): Column[] {
  const names = reports.map(({ runtime }) => nameOf(runtime));
  return reports.map((report, index) => {
    const name = names[index] ?? '';
    const isOnly = names.indexOf(name) === names.lastIndexOf(name);
    return {
      label: isOnly ? name : `${name} (${placeOf(report)})`,
      report,
      results: new Map(report.results.map((result) => [result.id, result])),
    };
  });
}

const isProfile = (name: string): name is ProfileName => name in profiles;

/** In the order of the profiles, then of the reports. */
export function sectionsOf(reports: readonly RunReport[]): Section[] {
  const names = Object.keys(profiles).filter(isProfile);
  return names.flatMap((profile) => {
    const mine = reports.filter((report) => report.profile === profile);
    return [...new Set(mine.map(environmentOf))].map((title) => ({
      profile,
      title,
      columns: columnsOf(mine.filter((report) => environmentOf(report) === title)),
    }));
  });
}

/* ---- Statements ---- */

/** `not run` if no test of a statement was asked for. */
export type Status = Outcome | 'not run';

/** The first that holds for a test of a statement holds for the statement. */
const worst: readonly Outcome[] = [
  ...(['fail', 'unexpected pass', 'expected failure', 'pass', 'not testable'] as const),
];

export const resultsFor = (id: string, { report }: Column): Result[] =>
  report.results.filter(({ proves }) => proves.includes(id));

export function statusOf(id: string, column: Column): Status {
  const outcomes = resultsFor(id, column).map(({ outcome }) => outcome);
  return worst.find((outcome) => outcomes.includes(outcome)) ?? 'not run';
}

/** Statements under one heading of a document. */
export interface Chapter {
  readonly heading: string;
  readonly statements: readonly Statement[];
}

export interface Document {
  readonly file: string;
  readonly statements: readonly Statement[];
  readonly chapters: readonly Chapter[];
}

export const grouped = <T>(all: readonly T[], keyOf: (each: T) => string): [string, T[]][] =>
  [...new Set(all.map(keyOf))].map((key) => [key, all.filter((each) => keyOf(each) === key)]);

export const documentsOf = (profile: ProfileName): Document[] =>
  grouped<Statement>(profiles[profile].statements, ({ file }) => file).map(
    ([file, statements]) => ({
      file,
      statements,
      chapters: grouped(statements, ({ heading }) => heading).map(([heading, own]) => ({
        heading,
        statements: own,
      })),
    }),
  );
