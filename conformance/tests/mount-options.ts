import { fail } from 'node:assert/strict';
import type { MountEntry } from '../lib/machine.js';
import { kernel } from '../runner/host.js';
import { type DefineTest, subject } from '../runner/test.js';
import { adds, found, tmpfs } from './mounting.js';
import { optionId } from './option-ids.js';

interface Effect {
  /** Options of the mount that mountinfo shows, or does not. */
  readonly has?: readonly string[];
  readonly lacks?: readonly string[];
  /** The same of the file system. */
  readonly superHas?: readonly string[];
  readonly superLacks?: readonly string[];
}

type Row = readonly [words: string, title: string, effect: Effect];

const everything = ['ro', 'nosuid', 'nodev', 'noexec', 'noatime', 'nodiratime', 'nosymfollow'];

/** Those of a mount for which nothing was asked. */
const ordinary: Effect = {
  has: ['rw', 'relatime'],
  lacks: everything,
  superHas: ['rw'],
  superLacks: ['sync', 'dirsync', 'lazytime'],
};

/** What words make of a tmpfs. The last word is the one that is tested. */
const rows: readonly Row[] = [
  ['ro', 'makes a mount read-only', { has: ['ro'], lacks: ['rw'] }],
  ['ro rw', 'makes a mount writable', { has: ['rw'], lacks: ['ro'] }],
  ['nosuid', 'takes set-user-ID away', { has: ['nosuid'] }],
  ['nosuid suid', 'gives set-user-ID back', { lacks: ['nosuid'] }],
  ['nodev', 'takes devices away', { has: ['nodev'] }],
  ['nodev dev', 'gives devices back', { lacks: ['nodev'] }],
  ['noexec', 'takes execution away', { has: ['noexec'] }],
  ['noexec exec', 'gives execution back', { lacks: ['noexec'] }],
  ['noatime', 'ends access times', { has: ['noatime'], lacks: ['relatime'] }],
  ['noatime atime', 'brings access times back', { has: ['relatime'], lacks: ['noatime'] }],
  ['nodiratime', 'ends access times of directories', { has: ['nodiratime'] }],
  ['nodiratime diratime', 'brings those of directories back', { lacks: ['nodiratime'] }],
  ['relatime', 'updates access times now and then', { has: ['relatime'], lacks: ['noatime'] }],
  ['relatime norelatime', 'leaves what the kernel does by itself', { lacks: ['noatime'] }],
  ['strictatime', 'updates access times always', { lacks: ['relatime', 'noatime'] }],
  ['strictatime nostrictatime', 'ends that', { has: ['relatime'], lacks: ['noatime'] }],
  ['nosymfollow', 'takes links away', { has: ['nosymfollow'] }],
  ['nosymfollow symfollow', 'gives links back', { lacks: ['nosymfollow'] }],
  ['sync', 'has everything written at once', { superHas: ['sync'] }],
  ['sync async', 'ends that', { superLacks: ['sync'] }],
  ['dirsync', 'has directories written at once', { superHas: ['dirsync'] }],
  ['lazytime', 'keeps times in memory', { superHas: ['lazytime'] }],
  ['lazytime nolazytime', 'ends that', { superLacks: ['lazytime'] }],
  ['defaults', 'asks for nothing else', ordinary],
  ['iversion', 'is no option of a tmpfs', ordinary],
  ['iversion noiversion', 'is no option of a tmpfs', ordinary],
  ['silent', 'is no option of a tmpfs', ordinary],
  ['silent loud', 'is no option of a tmpfs', ordinary],
];

function differences({ options, superOptions }: MountEntry, effect: Effect): string[] {
  const lacking = (list: readonly string[], wanted: readonly string[] = []) =>
    wanted.filter((word) => !list.includes(word)).map((word) => `${word} is missing`);
  const excess = (list: readonly string[], unwanted: readonly string[] = []) =>
    unwanted.filter((word) => list.includes(word)).map((word) => `${word} must not be there`);
  return [
    ...lacking(options, effect.has),
    ...excess(options, effect.lacks),
    ...lacking(superOptions, effect.superHas),
    ...excess(superOptions, effect.superLacks),
  ];
}

/** All that is wrong with a mount at once. */
function sees(mount: MountEntry, effect: Effect, words: string): void {
  const wrong = differences(mount, effect);
  if (wrong.length === 0) return;
  const { options, superOptions } = mount;
  fail(
    `${words} has made a mount with ${options} of a file system with ${superOptions}: ` +
      wrong.join(', '),
  );
}

const since: Readonly<Record<string, readonly [number, number]>> = {
  nosymfollow: [5, 10],
  symfollow: [5, 10],
};

function rowTest(test: DefineTest, [words, title, effect]: Row): void {
  const list = words.split(' ');
  const name = list.at(-1) ?? '';
  const [major, minor] = since[name] ?? [0, 0];
  test(
    name,
    `The option ${name}${list.length > 1 ? ` after ${list[0]}` : ''} ${title}`,
    { proves: provesOf(name, list.length > 1), needs: [kernel(major, minor)] },
    async (trial) => {
      const report = await trial.look(adds(tmpfs('/tmp', ...list)));
      sees(found(report, '/tmp'), effect, words);
    },
  );
}

const provesOf = (name: string, contradicts: boolean): string[] => [
  optionId(name),
  ...(contradicts ? [optionId('last')] : []),
  ...(name.endsWith('symfollow') ? [] : [optionId('all')]),
];

export const mountOptionTests = subject('mount-options', (test) => {
  for (const row of rows) rowTest(test, row);

  test(
    'together',
    'Options of a mount and of its file system hold together',
    { proves: ['noatime', 'nodev', 'noexec', 'nosuid', 'ro', 'sync', 'data'].map(optionId) },
    async (trial) => {
      const words = ['ro', 'size=64k', 'nosuid', 'nodev', 'sync', 'noexec', 'noatime', 'mode=710'];
      const report = await trial.look(adds(tmpfs('/tmp', ...words)));
      const has = ['ro', 'nosuid', 'nodev', 'noexec', 'noatime'];
      const superHas = ['sync', 'size=64k', 'mode=710'];
      sees(found(report, '/tmp'), { has, superHas }, words.join(' '));
    },
  );
});
