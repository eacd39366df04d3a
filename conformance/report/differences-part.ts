/** What runtimes fail, and why, as HTML. */
import type { Result } from '../runner/results.js';
import { anchorOf, chip } from './chips.js';
import { type Difference, differencesIn, failedByAll, type Group, testsIn } from './differences.js';
import { html, type Markup } from './markup.js';
import type { Section } from './model.js';
import { foundBy } from './words.js';

const found = (label: string, result: Result | undefined): Markup | string =>
  result && foundBy(result) ? html`<p class="dim">${label}:</p><pre>${foundBy(result)}</pre>` : '';

function test(profile: string, { id, title, proves, cells }: Difference): Markup {
  const links = proves.map((each) => html` <a href="#${anchorOf(profile, each)}">${each}</a>`);
  const all = cells.map(({ column, result }) => found(column.label, result));
  return html`<div class="test"><h4>${title}</h4><p class="dim">${id}, of${links}</p>
<details><summary class="dim">What was found</summary>${all}</details></div>`;
}

/** So many stand open. */
const few = 3;

function group(profile: string, { tests, cells, explanations }: Group): Markup {
  const chips = cells.map(({ column, result }) => chip(result?.outcome ?? 'not run', column.label));
  const reasons = explanations.map(
    ({ labels, text }) => html`<p class="reason"><b>${labels.join(', ')}</b>: ${text}</p>`,
  );
  const all = tests.map((each) => test(profile, each));
  const why = html`<ul class="chips">${chips}</ul>${reasons}`;
  const parts =
    tests.length > few
      ? [why, html`<details><summary>${tests.length} tests</summary>${all}</details>`]
      : [...all, why];
  return html`<article class="card">${parts}</article>
`;
}

function part(title: string, { profile }: Section, groups: readonly Group[]): Markup {
  return html`<h3>${title}</h3>${groups.map((each) => group(profile, each))}`;
}

export function differencesPart(section: Section): Markup {
  const [differ, alike] = [differencesIn(section), failedByAll(section)];
  const { title, columns } = section;
  const first =
    columns.length === 1 ? '' : part(`${title}: ${testsIn(differ)} differ`, section, differ);
  const text = `${title}: ${testsIn(alike)} fail wherever they can be tested`;
  return html`${first}${alike.length === 0 ? '' : part(text, section, alike)}`;
}
