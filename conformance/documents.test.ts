import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from '../native/setup/paths.js';
import { requirementSets } from '../native/setup/requirements.js';
import { rows } from '../src/cli/rows.js';
import { annotationRows } from '../src/spec/annotations.js';
import { type Refusal, refusals } from './lib/refusals.js';

/** Not ours, or made by the build. */
const foreign = new Set(['node_modules', 'dist', 'build', '.git']);

const documentsBelow = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return foreign.has(entry.name) ? [] : documentsBelow(path);
    return entry.name.endsWith('.md') ? [relative(root, path)] : [];
  });

const documents = documentsBelow(root);
const textOf = (path: string) => readFileSync(join(root, path), 'utf8');

/** What stands between fences or back-quotes is shown, not meant. */
const withoutCode = (text: string) =>
  text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`]*`/g, '');

const headings = (path: string, level = '#+') =>
  [
    ...textOf(path)
      .replace(/^```[\s\S]*?^```/gm, '')
      .matchAll(new RegExp(`^${level} (.*)$`, 'gm')),
  ].map(([, title = '']) => title);

/** How web pages of repositories name a heading. */
const anchorOf = (title: string) =>
  title
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

interface Link {
  readonly from: string;
  readonly path: string;
  readonly anchor: string | undefined;
}

const linksOf = (from: string): Link[] =>
  [...withoutCode(textOf(from)).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [file = '', anchor] = target.split('#', 2);
      return { from, path: file === '' ? from : join(dirname(from), file), anchor };
    });

const isBroken = ({ path, anchor }: Link): boolean =>
  !existsSync(join(root, path)) ||
  (anchor !== undefined && !headings(path).map(anchorOf).includes(anchor));

/** The part of the README below one of its headings. */
function section(title: string): string {
  const [, text] = textOf('README.md').split(`\n## ${title}\n`);
  if (text === undefined) throw new Error(`README.md has no section ${title}`);
  return text.split('\n## ')[0]!;
}

/** Words between back-quotes in the paragraph that begins so. */
const wordsAfter = (text: string, start: string): string[] => {
  const paragraph = text.split('\n\n').find((part) => part.startsWith(start)) ?? '';
  return [...paragraph.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word);
};

const tableRows = (text: string): string[][] =>
  [...text.matchAll(/^\| (.*) \|$/gm)].map(([, cells = '']) => cells.split(' | '));

/** The README writes `/mounts/*` for each mount, and the namespace's type for its place. */
const asDocumented = ({ pointer, type }: Refusal): string =>
  type === undefined
    ? `\`${pointer.replace(/^\/mounts\/0/, '/mounts/*')}\``
    : `\`/linux/namespaces\`, type \`${type}\``;

describe('documents', () => {
  test('are found', () => {
    expect(documents).toEqual(expect.arrayContaining(['README.md', 'src/README.md']));
  });

  test.each(documents)('have no broken link: %s', (document) => {
    const broken = linksOf(document).filter(isBroken);
    expect(broken.map(({ path, anchor }) => [path, anchor])).toEqual([]);
  });

  test('name every package that a build needs', () => {
    const building = textOf('docs/building.md');
    const needed = requirementSets.build.needed.map((requirement) => requirement.package);
    expect(needed.filter((name) => !building.includes(`\`${name}\``))).toEqual([]);
  });
});

test('docs/annotations.md lists every annotation that has a meaning, and why some are refused', () => {
  const listed = tableRows(textOf('docs/annotations.md'))
    .map(([cell = '', text = '']) => [/`([^`]*)`/.exec(cell)?.[1]?.replace('NAME', ''), text])
    .filter(([name]) => name !== undefined);
  expect(listed.map(([name]) => name).sort()).toEqual(annotationRows.map(({ name }) => name));
  for (const { name, refused } of annotationRows)
    if (refused !== undefined) expect(listed).toContainEqual([name, refused]);
});

describe('the README', () => {
  const unsupported = section('What is not supported');

  test('has its sections in the order that readers need them', () => {
    expect(headings('README.md', '#{1,2}')).toEqual([
      'runts',
      'Two commands',
      'What they print',
      'Use from an engine',
      'Use as a library',
      'Install',
      'Measured',
      'Conformance',
      'What is not supported',
      'Dependencies',
      'Kernel',
      'Licence',
    ]);
  });

  test('lists every field that is refused, with its reason, and no other', () => {
    const [, ...listed] = tableRows(unsupported);
    const found = refusals().map((refusal) => [asDocumented(refusal), refusal.reason]);
    expect(listed.sort()).toEqual(found.sort());
  });

  test('lists every command, and none that is there among those that are not', () => {
    const words = wordsAfter(unsupported, 'Commands that there are');
    const commands = Object.keys(rows);
    expect(words.slice(0, commands.length)).toEqual(commands);
    expect(words.slice(commands.length).filter((word) => commands.includes(word))).toEqual([]);
  });

  test('tells of every dependency why it is there', () => {
    const { dependencies = {}, devDependencies = {} } = JSON.parse(
      textOf('package.json'),
    ) as Record<string, Record<string, string>>;
    const listed = tableRows(section('Dependencies')).flatMap(([names = '']) => names.split(', '));
    const known = new Set(listed);
    const all = [...Object.keys(dependencies), ...Object.keys(devDependencies)];
    expect(all.filter((name) => !known.has(name))).toEqual([]);
  });
});
