import { expect, it, test } from 'vitest';
import { type Import, importsOf, readSource, sourceFiles } from './testing/imports.js';

/** Files and folders by level: each may import what stands above it, and its own level. */
const levels: readonly (readonly string[])[] = [
  ['linux', 'errors', 'generated'],
  ['spec', 'seccomp', 'plan', 'state', 'cgroup', 'dbus'],
  ['host', 'log', 'channel', 'dbus/authenticate', 'dbus/connection'],
  [
    'init',
    'seccomp/agent',
    'seccomp/cache',
    'seccomp/compile',
    'seccomp/filter',
    'seccomp/flags',
    'state/peek',
    'state/store',
    'cgroup/act',
    'cgroup/apply',
    'cgroup/cpuset',
    'cgroup/create',
    'cgroup/delegate',
    'cgroup/destroy',
    'cgroup/device-filter',
    'cgroup/emptiness',
    'cgroup/entrances',
    'cgroup/files',
    'cgroup/freezer',
    'cgroup/journal',
    'cgroup/limit-hints',
    'cgroup/oom',
    'cgroup/oom-watch',
    'cgroup/probe',
    'cgroup/processes',
    'cgroup/realtime',
    'cgroup/stats',
    'cgroup/systemd/join',
    'cgroup/systemd/unit',
    'cgroup/update',
    'cgroup/write',
  ],
  ['runtime'],
  ['cli'],
  ['engine'],
  ['main.node', 'main.quickjs', 'library'],
];

/** What acts on one thing each: on this level nobody knows the others. */
const ACTING = 3;

/** What only Node runs. */
const forNode = /^(engine\/node\/|library\.ts|main\.node\.ts)/;

/** Packages and the files that may name them; all else is our own. */
const packages: Readonly<Record<string, readonly string[]>> = {
  koffi: ['engine/node/natives.ts'],
  'pino/browser.js': ['log/pino-chunk.ts'],
  'cliui/build/lib/index.js': ['cli/yargs.ts'],
  'yargs-parser/browser': ['cli/yargs.ts'],
  'yargs/build/lib/yargs-factory.js': ['cli/yargs.ts'],
};

/** Modules that are loaded on demand; see Engine.chunk. */
const chunks = ['cli/help.ts', 'log/pino-chunk.ts', 'spec/explain.ts'];

const files = sourceFiles();
const imports = files.flatMap((file) => importsOf(file));
const isOwn = ({ to }: Import) => files.includes(to) || to.startsWith('generated/');

/** The longest entry that names the file or a folder above it. */
function placeOf(file: string): { level: number; entry: string } {
  const stem = file.replace(/\.ts$/, '');
  const places = levels.flatMap((entries, level) => entries.map((entry) => ({ level, entry })));
  const fitting = places.filter(({ entry }) => stem === entry || stem.startsWith(`${entry}/`));
  const [place] = fitting.sort((a, b) => b.entry.length - a.entry.length);
  if (place === undefined) throw new Error(`${file} has no level: add it to the table`);
  return place;
}

const folderOf = (file: string) => file.split('/', 1)[0];

function isForbidden({ from, to }: Import): boolean {
  const [importer, imported] = [placeOf(from), placeOf(to)];
  if (importer.level !== imported.level) return importer.level < imported.level;
  return importer.level === ACTING && folderOf(from) !== folderOf(to);
}

const shown = ({ from, to }: Import) => `${from} imports ${to}`;

test('imports are found in every shape that they have', () => {
  const text = [
    "import 'a';",
    "import type { B } from './b.js';",
    "import {\n  c,\n  type C,\n} from '../c.js';",
    "export { d } from './d/d.js';",
    "export * from './e.js';",
    "const f = () => import('./f.js');",
    "const g = 'import';",
  ].join('\n');
  expect(importsOf('x/y.ts', text).map(({ to, typeOnly }) => [to, typeOnly])).toEqual([
    ['a', false],
    ['x/b.ts', true],
    ['c.ts', false],
    ['x/d/d.ts', false],
    ['x/e.ts', false],
    ['x/f.ts', false],
  ]);
  expect(imports.length).toBeGreaterThan(400);
});

it('imports towards lower levels only, and acts on one thing at a time', () => {
  expect(imports.filter(isOwn).filter(isForbidden).map(shown)).toEqual([]);
});

test('each entry of the table stands for a file that exists', () => {
  const used = new Set([...files, 'generated/spec-types.ts'].map((file) => placeOf(file).entry));
  expect(levels.flat().filter((entry) => !used.has(entry))).toEqual([]);
});

test('only what puts the program together knows the engines', () => {
  const strangers = imports.filter(
    ({ from, to }) => to.startsWith('engine/') && !/^(engine\/|main\.|library\.ts$)/.test(from),
  );
  expect(strangers.map(shown)).toEqual([]);
});

test('packages and Node are imported where the table says, and nowhere else', () => {
  const foreign = imports.filter((entry) => !isOwn(entry));
  const unexpected = foreign.filter(({ from, to }) =>
    to.startsWith('node:') ? !forNode.test(from) : !packages[to]?.includes(from),
  );
  expect(unexpected.map(shown)).toEqual([]);
});

test('no file imports itself by way of others', () => {
  const targets = new Map(
    files.map((file) => [file, importsOf(file).map(({ to }) => to)] as const),
  );
  const done = new Set<string>();
  const circles: string[] = [];
  const walk = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' > '));
    if (path.includes(file) || done.has(file)) return;
    for (const to of targets.get(file) ?? []) walk(to, [...path, file]);
    done.add(file);
  };
  for (const file of files) walk(file, []);
  expect(circles).toEqual([]);
});

test('what is loaded on demand is imported for its types alone', () => {
  const eager = imports.filter(
    ({ from, to, typeOnly }) =>
      chunks.includes(to) && !typeOnly && from !== 'engine/node/engine.ts',
  );
  expect(eager.map(shown)).toEqual([]);
});

test('shared code is synchronous: an engine without an event loop can run it', () => {
  const shared = files.filter((file) => !forNode.test(file));
  const code = (file: string) => readSource(file).replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
  const waiting =
    /\basync\s*(\(|function|\w+\s*\()|\bawait\s+\w|\bPromise\b|\bset(Timeout|Interval)\b/;
  expect(shared.filter((file) => waiting.test(code(file)))).toEqual([]);
});
