/** Every statement with what tests it, or why nothing does: docs/conformance-coverage.md. */
import { type Profile, profiles } from '../runner/profiles.js';
import type { Statement } from '../statements/statement.js';
import { cell, table } from './markdown.js';
import { type Document, documentsOf } from './model.js';
import { statesText } from './state-tables.js';

type Proofs = Pick<Profile, 'tests'>;

function proofOf({ id, untestable }: Statement, { tests }: Proofs): string {
  if (untestable !== undefined) return `no test: ${cell(untestable)}`;
  const proofs = tests.filter(({ proves }) => proves.includes(id));
  return proofs.map((test) => `\`${test.id}\``).join(', ');
}

const statementRow = (statement: Statement, profile: Proofs): string[] => [
  `\`${statement.id}\``,
  statement.keyword,
  cell(statement.says),
  proofOf(statement, profile),
];

export function documentText({ file, chapters }: Document, profile: Proofs): string {
  const parts = chapters.map(({ heading, statements }) => {
    const rows = statements.map((statement) => statementRow(statement, profile));
    return `#### ${heading}\n\n${table(['statement', 'keyword', 'what is demanded', 'tests'], rows)}`;
  });
  return `### ${file}\n\n${parts.join('\n')}`;
}

function summaryRow({ file, statements }: Document, { tests }: Proofs): (string | number)[] {
  const proved = new Set(tests.flatMap(({ proves }) => proves));
  const tested = statements.filter(({ id }) => proved.has(id)).length;
  const reasons = statements.filter(({ untestable }) => untestable !== undefined).length;
  return [file, statements.length, tested, reasons];
}

function profileText(name: keyof typeof profiles): string {
  const [profile, documents] = [profiles[name], documentsOf(name)];
  const head = ['document', 'statements', 'with a test', 'with a reason why there is none'];
  return `## ${profile.title} (\`--profile ${name}\`)

${table(
  head,
  documents.map((each) => summaryRow(each, profile)),
)}
${statesText(name)}
${documents.map((document) => documentText(document, profile)).join('\n')}`;
}

export const coveragePage = (): string => `# What the conformance suite covers

Every demand (MUST, SHALL, SHOULD and their negations) of the documents, in words of ours, with the
tests that prove it or the reason why no test of a runtime can. Generated: \`WRITE_COVERAGE=1 npx vitest
run --project unit conformance/report\` writes this page anew. How to read and use the suite:
[conformance.md](conformance.md).

${(Object.keys(profiles) as (keyof typeof profiles)[]).map(profileText).join('\n')}`;
