import type { Case, Difference, Wanted } from './case.js';
import { differencesOf } from './differences.js';

/** The cases of one engine, as a reader of docs/engines.md sees them. */
export interface Chapter {
  readonly engine: string;
  readonly cases: readonly Pick<Case<never>, 'name'>[];
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', '↵');

const shown = (value: Wanted): string =>
  value instanceof RegExp
    ? `like \`${cell(value.source.replaceAll('\\', '').replace(/^\^/, ''))}\``
    : `\`${cell(JSON.stringify(value))}\``;

function rowOf({ name }: Pick<Case<never>, 'name'>, differences: readonly Difference[]): string {
  const found = differences.filter((row) => row.name === name);
  const facts = found.map(({ fact }) => fact).join(', ');
  return `| ${cell(name)} | ${found.length === 0 ? 'alike' : `differs: ${facts}`} |`;
}

const reasonOf = ({ why, where }: Difference): string =>
  where === undefined ? why : `${where.text}: ${why}`;

const differenceRow = ({ name, fact, runts, runc }: Difference): string =>
  `| ${cell(name)} | ${fact} | ${shown(runts)} | ${shown(runc)} |`;

/** One table for each reason. */
function reasons(differences: readonly Difference[]): readonly string[] {
  if (differences.length === 0) return ['No difference is known.', ''];
  return [...new Set(differences.map(reasonOf))].flatMap((reason) => [
    `Meant to differ: ${reason}.`,
    '',
    '| case | of | runts | runc |',
    '|---|---|---|---|',
    ...differences.filter((row) => reasonOf(row) === reason).map(differenceRow),
    '',
  ]);
}

/** Every case with what the two runtimes make of it, and each known difference with its reason. */
export function chapterText({ engine, cases }: Chapter): string {
  const differences = differencesOf(engine, false);
  return [
    `### ${engine}`,
    '',
    '| case | runts and runc |',
    '|---|---|',
    ...cases.map((each) => rowOf(each, differences)),
    '',
    ...reasons(differences),
  ].join('\n');
}

const begin = '<!-- cases:begin -->\n';
const end = '<!-- cases:end -->';

/** The document with the tables of now. */
export function withTables(document: string, chapters: readonly Chapter[]): string {
  const from = document.indexOf(begin) + begin.length;
  const to = document.indexOf(end);
  return `${document.slice(0, from)}${chapters.map(chapterText).join('\n')}${document.slice(to)}`;
}
