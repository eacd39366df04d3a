/** Results as one page that needs nothing else: no script, no font, no picture. */
import { profiles } from '../runner/profiles.js';
import { countOf, type RunReport } from '../runner/results.js';
import { chip } from './chips.js';
import { differencesPart } from './differences-part.js';
import { html, Markup } from './markup.js';
import { type Column, documentsOf, type Section, sectionsOf } from './model.js';
import { documentPart } from './statements-part.js';
import { style } from './style.js';
import { counted, words } from './words.js';

function bar({ results }: RunReport): Markup {
  const parts = counted.map((outcome) => [words[outcome].kind, countOf(results, outcome)] as const);
  const segments = parts
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => html`<span class="${kind}" style="flex:${count}"></span>`);
  return html`<div class="bar" aria-hidden="true">${segments}</div>`;
}

function totals({ label, report }: Column): Markup {
  const { results, seconds, date, interrupted } = report;
  const counts = counted
    .map((outcome) => [countOf(results, outcome), outcome] as const)
    .filter(([count]) => count > 0)
    .map(
      ([count, outcome]) => html`<li class="chip ${words[outcome].kind}">${count} ${outcome}</li>`,
    );
  const end = interrupted ? ', interrupted' : '';
  return html`<article class="card"><h4>${label}</h4>${bar(report)}<ul class="chips">${counts}</ul>
<p class="dim">${results.length} tests in ${Math.round(seconds)} s on ${date.slice(0, 10)}${end}</p></article>
`;
}

const legend = html`<ul class="chips">${counted.map((outcome) => chip(outcome, words[outcome].text))}</ul>`;

const factRow = (name: string, value: string) => html`<dt>${name}</dt><dd>${value}</dd>`;

function facts(sections: readonly Section[]): Markup {
  const reports = sections.flatMap(({ columns }) => columns.map(({ report }) => report));
  const labels = sections.flatMap(({ columns }) => columns.map(({ label }) => label));
  const dates = reports.map(({ date }) => date.slice(0, 10)).toSorted();
  const all = (texts: readonly string[]) => [...new Set(texts)].join('; ');
  return html`<dl>${factRow('Specification', all(reports.map(({ specification }) => `runtime-spec ${specification}`)))}
${factRow('Runtimes', all(labels))}${factRow('Run as', all(sections.map(({ title }) => title)))}
${factRow('When', all([dates[0] ?? '', dates.at(-1) ?? '']))}</dl>`;
}

function profilePart(profile: Section['profile'], sections: readonly Section[]): Markup {
  const { title } = profiles[profile];
  const runs = sections.map(
    (section) => html`<h3>${section.title}</h3>${section.columns.map(totals)}`,
  );
  return html`<h2 id="totals-${profile}">${title}: totals</h2>${runs}
<h2 id="differences-${profile}">${title}: differences</h2>${sections.map(differencesPart)}
<h2 id="statements-${profile}">${title}: statements</h2>${documentsOf(profile).map((each) => documentPart(each, sections))}`;
}

export function htmlPage(reports: readonly RunReport[]): string {
  const sections = sectionsOf(reports);
  const names = [...new Set(sections.map(({ profile }) => profile))];
  const links = names.flatMap((name) =>
    ['totals', 'differences', 'statements'].map(
      (part) => html`<a href="#${part}-${name}">${profiles[name].title}: ${part}</a>`,
    ),
  );
  const parts = names.map((name) =>
    profilePart(
      name,
      sections.filter(({ profile }) => profile === name),
    ),
  );
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Conformance of OCI runtimes</title>
<style>${new Markup(style)}</style>
</head>
<body>
<header><h1>Conformance of OCI runtimes</h1>
<p>What runtimes do of what is demanded of them, sentence by sentence, told by runts-conformance.</p>
${facts(sections)}${legend}<nav>${links}</nav></header>
<main>${parts}</main>
</body>
</html>
`.text;
}
