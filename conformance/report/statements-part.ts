/** Each statement with what every run has found of it, as HTML. */
import type { Statement } from '../statements/statement.js';
import { anchorOf, chip } from './chips.js';
import { html, type Markup } from './markup.js';
import { type Document, resultsFor, type Section, statusOf } from './model.js';
import { reasonOf, words } from './words.js';

/** Who does what, named by the run's circumstances where there are several. */
const statusRow = (id: string, { title, columns }: Section, isOnly: boolean): Markup => {
  const chips = columns.map((column) => chip(statusOf(id, column), column.label));
  const name = isOnly ? '' : html` named" data-name="${title}`;
  return html`<ul class="chips${name}">${chips}</ul>`;
};

/** Reasons why tests of a statement do not just pass. */
function remarks(sections: readonly Section[], test: string): Markup[] {
  return sections.flatMap(({ title, columns }) =>
    columns.flatMap(({ label, results }) => {
      const result = results.get(test);
      if (result === undefined || result.outcome === 'pass') return [];
      const { text, kind } = words[result.outcome];
      const where = sections.length === 1 ? label : `${label}, ${title}`;
      return [html`<br><span class="${kind}">${where}: ${text}: ${reasonOf(result)}</span>`];
    }),
  );
}

function testsOf(id: string, sections: readonly Section[]): Markup {
  const results = sections.flatMap(({ columns }) =>
    columns.flatMap((column) => resultsFor(id, column)),
  );
  const titles = new Map(results.map((result) => [result.id, result.title]));
  const items = [...titles].map(
    ([test, title]) =>
      html`<li>${title} <span class="dim">${test}</span>${remarks(sections, test)}</li>`,
  );
  if (items.length === 0) return html`<p class="dim">Its tests were not run.</p>`;
  const count = items.length === 1 ? '1 test' : `${items.length} tests`;
  return html`<details><summary class="dim">${count}</summary><ul class="tests">${items}</ul></details>`;
}

function statement(own: Statement, sections: readonly Section[]): Markup {
  const { id, says, keyword, untestable } = own;
  const proof = untestable
    ? html`<p class="reason">No test: ${untestable}</p>`
    : html`${sections.map((section) => statusRow(id, section, sections.length === 1))}${testsOf(id, sections)}`;
  const anchor = anchorOf(sections[0]?.profile ?? '', id);
  return html`<article class="card" id="${anchor}"><p>${says}</p><p class="dim">${keyword}, ${id}</p>${proof}</article>
`;
}

export function documentPart(
  { file, statements, chapters }: Document,
  sections: readonly Section[],
): Markup {
  const tested = statements.filter(({ untestable }) => !untestable).length;
  const parts = chapters.map(
    ({ heading, statements: own }) =>
      html`<h3>${heading}</h3>${own.map((each) => statement(each, sections))}`,
  );
  return html`<details class="document"><summary>${file} <span class="dim">${statements.length} statements, ${tested} tested</span></summary>
${parts}</details>
`;
}
