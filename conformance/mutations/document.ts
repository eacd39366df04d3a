import type { Mutation } from './mutation.js';

const row = ({ name, breaks }: Mutation): string => `| \`${name}\` | ${breaks} |\n`;

const section = (title: string, all: readonly Mutation[]): string =>
  `### ${title}\n\n| mutation | a runtime that |\n|---|---|\n${all.map(row).join('')}\n`;

const begin = '<!-- mutations:begin -->\n';
const end = '<!-- mutations:end -->';

/** The document with the tables of now. */
export function withTables(document: string, all: readonly Mutation[]): string {
  const from = document.indexOf(begin) + begin.length;
  const to = document.indexOf(end);
  const of = (wanted: Mutation['profile']) => all.filter(({ profile }) => profile === wanted);
  const spec = section('What the specification demands', of('spec'));
  const engine = section('What engines rely on', of('engine'));
  return `${document.slice(0, from)}${spec}${engine}${document.slice(to)}`;
}
