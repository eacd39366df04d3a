import { describe, expect, test } from 'vitest';
import type { Result, RunReport } from '../runner/results.js';
import { failed, hostOfTests, passed, reportOf } from '../runner/results-of-tests.js';
import { differencesIn, failedByAll, testsIn } from './differences.js';
import { htmlPage } from './html.js';
import { cell, markdownPage } from './markdown.js';
import { environmentOf, sectionsOf, statusOf } from './model.js';

const statement = 'config/process/2';
const other = 'config/root/4';
const nasty = '<script>alert("1")</script> & | `x` [a](b)\u001b[31m\u0007';

const known = (id: string, whose: 'runtime' | 'specification', reason: string): Result => ({
  ...passed(id, statement),
  outcome: 'expected failure',
  reason,
  failure: `found by ${id}`,
  whose,
});

const untestable: Result = {
  ...passed('a/untestable', other),
  outcome: 'not testable',
  reason: 'needs a moon',
};

const runts = { command: ['/x/dist/runts'], name: 'runts', version: '0.1.0' };
const onNode = { ...runts, command: ['/x/dist/node/main.js'] };

const first = reportOf([
  passed('a/pass', statement),
  known('a/known', 'runtime', 'It forgets.'),
  known('a/also-known', 'runtime', 'It forgets.'),
  known('a/everywhere', 'specification', 'It says nothing.'),
  failed('a/fail', nasty, statement),
  untestable,
]);
const second = reportOf(
  [
    passed('a/pass', statement),
    passed('a/known', statement),
    passed('a/also-known', statement),
    failed('a/everywhere', 'no reason', statement),
    passed('a/fail', statement),
    untestable,
  ],
  { runtime: runts },
);
const reports = [first, second];
const only = (all: readonly RunReport[]) => sectionsOf(all)[0]!;

describe('sections', () => {
  test('hold the runs of one profile, user, kind of cgroups and kernel', () => {
    const rootless = { ...hostOfTests, isRoot: false };
    const hybrid = { ...hostOfTests, cgroups: 'hybrid' as const };
    const all = [first, { ...first, host: rootless }, second, { ...first, host: hybrid }];
    expect(sectionsOf(all).map(({ title, columns }) => [title, columns.length])).toEqual([
      ['root, cgroup v1, Linux 6.1', 2],
      ['ordinary user, cgroup v1, Linux 6.1', 1],
      ['root, hybrid cgroups, Linux 6.1', 1],
    ]);
    expect(environmentOf(first)).toBe('root, cgroup v1, Linux 6.1');
  });

  test('tell programs of one name apart by where they are', () => {
    const twins = [second, { ...second, runtime: onNode }];
    expect(only(twins).columns.map(({ label }) => label)).toEqual([
      'runts 0.1.0 (dist/runts)',
      'runts 0.1.0 (node/main.js)',
    ]);
    expect(only(reports).columns.map(({ label }) => label)).toEqual(['crun 1.8.1', 'runts 0.1.0']);
  });
});

describe('differences', () => {
  const idsOf = (groups: ReturnType<typeof differencesIn>) =>
    groups.map(({ tests }) => tests.map(({ id }) => id));

  test('are what one passes and another fails, together where the reasons are the same', () => {
    expect(idsOf(differencesIn(only(reports)))).toEqual([['a/known', 'a/also-known'], ['a/fail']]);
    expect(testsIn(differencesIn(only(reports)))).toBe(3);
  });

  test('are not what everybody fails', () => {
    expect(idsOf(failedByAll(only(reports)))).toEqual([['a/everywhere']]);
  });

  test('say whose matter it is', () => {
    const texts = [...differencesIn(only(reports)), ...failedByAll(only(reports))].flatMap(
      ({ explanations }) => explanations.map(({ labels, text }) => `${labels}: ${text}`),
    );
    expect(texts).toEqual([
      'crun 1.8.1: Fault of the runtime. It forgets.',
      'crun 1.8.1: Unexplained. Nobody has explained it yet',
      'crun 1.8.1: The specification is ambiguous. It says nothing.',
      'runts 0.1.0: Unexplained. Nobody has explained it yet',
    ]);
  });

  test('have an unexpected pass as one that its file has to forget', () => {
    const stale: Result = { ...known('a/known', 'runtime', 'Old.'), outcome: 'unexpected pass' };
    const [group] = differencesIn(only([reportOf([stale])]));
    expect(group?.explanations[0]?.text).toBe('Passes although it is listed as failing. Old.');
  });
});

test('a statement has the worst outcome of its tests that could be made', () => {
  const [crun, runtsColumn] = only(reports).columns;
  expect(statusOf(statement, crun!)).toBe('fail');
  expect(statusOf(other, crun!)).toBe('not testable');
  expect(statusOf('config/root/2', crun!)).toBe('not run');
  expect(statusOf(statement, runtsColumn!)).toBe('fail');
});

describe('the HTML page', () => {
  const page = htmlPage(reports);

  test('needs nothing but itself', () => {
    expect(page).not.toMatch(/<script|<link|<img|<iframe|\bsrc=|@import|url\(|https?:/i);
  });

  test('escapes whatever a runtime has said', () => {
    expect(page).toContain(
      '&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; | `x` [a](b)\ufffd',
    );
    expect(page).not.toContain('\u001b');
  });

  test('is for phones and for dark rooms too', () => {
    expect(page).toContain('name="viewport" content="width=device-width, initial-scale=1"');
    expect(page).toContain('@media (prefers-color-scheme: dark)');
  });

  test('tells what was measured, on what', () => {
    for (const text of ['crun 1.8.1', 'runts 0.1.0', 'root, cgroup v1, Linux 6.1', '2026-01-02'])
      expect(page).toContain(text);
    expect(page).toContain('runtime-spec 1.3.0');
  });

  test('has every statement in our words, with what each run has found', () => {
    expect(page.match(/<article class="card" id="spec\/config\/process\/2">/g)).toHaveLength(1);
    expect(page).toContain('<span class="none">crun 1.8.1: not testable here: needs a moon</span>');
    expect(page).toContain('<span class="known">crun 1.8.1: is known to fail: It forgets.</span>');
  });

  test('links to statements that are there', () => {
    const targets = [...page.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id);
    expect(targets.filter((id) => !page.includes(`id="${id}"`))).toEqual([]);
  });

  test('opens what it closes', () => {
    const open: string[] = [];
    for (const [, end, name = ''] of page.matchAll(/<(\/?)([a-z][a-z0-9]*)\b[^>]*>/g)) {
      if (['meta', 'br'].includes(name)) continue;
      if (end === '') open.push(name);
      else expect(open.pop()).toBe(name);
    }
    expect(open).toEqual([]);
  });
});

describe('the Markdown page', () => {
  const page = markdownPage(reports);

  test('has the totals', () => {
    expect(page).toContain('| crun 1.8.1 | 1 | 1 | 0 | 3 | 1 | 6 | 60 s |');
  });

  test('has the differences and their reasons', () => {
    expect(page).toContain(
      '| Title of a/known (a/known)<br>Title of a/also-known (a/also-known) | ✗ | ✓ | crun 1.8.1: Fault of the runtime. It forgets. |',
    );
  });

  test('has how much of each document is covered and followed', () => {
    expect(page).toMatch(/^\| config\.md \| \d+ \| \d+ \| 0 of 1 \| 0 of 1 \|$/m);
  });

  test('is a table with as many cells in each row', () => {
    const lines = page.split('\n').filter((line) => line.startsWith('|'));
    for (const line of lines) expect(line).toMatch(/^\| .* \|$|^(\|---)+\|$/);
  });

  test('escapes whatever means something', () => {
    expect(cell(nasty)).toBe('\\<script\\>alert("1")\\</script\\> & \\| \\`x\\` \\[a\\](b)\ufffd');
  });
});
