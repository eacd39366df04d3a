/** The same results as Markdown: totals, differences, and how much of each document is covered. */
import { profiles } from '../runner/profiles.js';
import { countOf, type RunReport } from '../runner/results.js';
import { type Cell, differencesIn, failedByAll, type Group } from './differences.js';
import { printable } from './markup.js';
import {
  type Column,
  type Document,
  documentsOf,
  type Section,
  sectionsOf,
  statusOf,
} from './model.js';
import { counted, words } from './words.js';

/** Text in one line of a table, in which nothing means anything. */
export const cell = (text: string): string =>
  printable(text)
    .replace(/[\\`*_{}[\]<>#|~!]/g, '\\$&')
    .replace(/\s+/g, ' ')
    .trim();

const row = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |\n`;

export function table(
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string {
  return `${row(head)}|${head.map(() => '---|').join('')}\n${rows.map(row).join('')}`;
}

function totals({ columns }: Section): string {
  const rows = columns.map(({ label, report }) => [
    cell(label),
    ...counted.map((outcome) => countOf(report.results, outcome)),
    report.results.length,
    `${Math.round(report.seconds)} s`,
  ]);
  return table(['runtime', ...counted, 'tests', 'time'], rows);
}

const markOf = ({ result }: Cell): string => words[result?.outcome ?? 'not run'].mark;

const groupRow = ({ tests, cells, explanations }: Group): string[] => [
  tests.map(({ title, id }) => `${cell(title)} (${cell(id)})`).join('<br>'),
  ...cells.map(markOf),
  explanations.map(({ labels, text }) => cell(`${labels.join(', ')}: ${text}`)).join('<br>'),
];

const groupTable = (groups: readonly Group[], columns: readonly Column[]): string =>
  groups.length === 0
    ? 'None.\n'
    : table(['test', ...columns.map(({ label }) => cell(label)), 'why'], groups.map(groupRow));

function differences(section: Section): string {
  const [differ, alike] = [differencesIn(section), failedByAll(section)];
  const isAlone = section.columns.length === 1;
  const first = isAlone ? '' : `Differences:\n\n${groupTable(differ, section.columns)}\n`;
  const rest =
    alike.length > 0 || isAlone
      ? `Failed wherever they can be tested:\n\n${groupTable(alike, section.columns)}\n`
      : '';
  return `${first}${rest}`;
}

/** `51 of 60`: passed, of those that could be told. */
function passedOf({ statements }: Document, column: Column): string {
  const statuses = statements.map(({ id }) => statusOf(id, column));
  const told = statuses.filter((status) => status !== 'not run' && status !== 'not testable');
  return `${told.filter((status) => status === 'pass').length} of ${told.length}`;
}

function coverage(document: Document, columns: readonly Column[]): (string | number)[] {
  const { file, statements } = document;
  const tested = statements.filter(({ untestable }) => untestable === undefined).length;
  return [file, statements.length, tested, ...columns.map((column) => passedOf(document, column))];
}

function sectionText(section: Section): string {
  const { profile, title, columns } = section;
  const head = ['document', 'statements', 'tested', ...columns.map(({ label }) => cell(label))];
  const rows = documentsOf(profile).map((document) => coverage(document, columns));
  return `## ${profiles[profile].title}: ${title}

${totals(section)}
${differences(section)}Statements, and how many of those that this host can test each runtime follows:

${table(head, rows)}`;
}

const key = Object.values(words).map(({ mark, text }) => `${mark} ${text}`);

export function markdownPage(reports: readonly RunReport[]): string {
  const dates = reports.map(({ date }) => date.slice(0, 10)).toSorted();
  const when = [...new Set([dates[0], dates.at(-1)])].join(' to ');
  return `# Conformance of OCI runtimes

Told by runts-conformance on ${when}. ${[...new Set(key)].join(', ')}.

${sectionsOf(reports).map(sectionText).join('\n')}`;
}
