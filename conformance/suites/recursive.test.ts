import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Config } from '../lib/config.js';
import { inMountNamespace } from '../lib/engines.js';
import { type MountEntry, parseMounts } from '../lib/machine.js';
import { boxed, suite } from '../lib/suite.js';

/** Every option that a mount may have by itself, and one without any; below each is another like it. */
const prepare = `
  mkdir -p "$SOURCE"
  mount -t tmpfs none "$SOURCE"
  for name in all none; do
    mkdir -p "$SOURCE/$name"
    mount -t tmpfs none "$SOURCE/$name"
    mkdir "$SOURCE/$name/below"
    mount -t tmpfs none "$SOURCE/$name/below"
  done
  for place in all/below all; do
    mount -o remount,bind,ro,nosuid,nodev,noexec,noatime,nodiratime,nosymfollow "$SOURCE/$place"
  done
`;

interface Case {
  readonly source: 'all' | 'none';
  readonly words: string;
  /** What mountinfo must and must not show of the mount, and of the one below. */
  readonly top: string;
  readonly below: string;
}

const on = (words: string, top: string, below = top): Case => ({
  source: 'none',
  words,
  top,
  below,
});
const off = (words: string, top: string, below = top): Case => ({
  source: 'all',
  words,
  top,
  below,
});

/** config.md#mounts. `!x` stands for an option that is not there. */
const cases: readonly Case[] = [
  on('rbind', 'rw !nosuid !nodev !noexec relatime !nodiratime !nosymfollow'),
  off('rbind', 'ro nosuid nodev noexec noatime nodiratime nosymfollow'),
  on('rbind rro', 'ro'),
  on('rbind rnosuid', 'nosuid rw'),
  on('rbind rnodev', 'nodev rw'),
  on('rbind rnoexec', 'noexec rw'),
  on('rbind rnodiratime', 'nodiratime rw'),
  on('rbind rnosymfollow', 'nosymfollow rw'),
  on('rbind rnoatime', 'noatime !relatime'),
  on('rbind rstrictatime', '!noatime !relatime'),
  off('rbind rrw', 'rw nosuid nodev noexec noatime nodiratime nosymfollow'),
  off('rbind rsuid', '!nosuid ro nodev'),
  off('rbind rdev', '!nodev ro nosuid'),
  off('rbind rexec', '!noexec ro nosuid'),
  off('rbind rdiratime', '!nodiratime ro'),
  off('rbind rsymfollow', '!nosymfollow ro'),
  off('rbind rrelatime', 'relatime !noatime ro'),
  off('rbind ratime', 'relatime !noatime'),
  off('rbind rnorelatime', 'relatime !noatime'),
  off('rbind rnostrictatime', 'relatime !noatime'),
  off('rbind rstrictatime', '!relatime !noatime'),
  // The last of two that contradict each other wins.
  on('rbind rro rrw', 'rw'),
  on('rbind rrw rro', 'ro'),
  off('rbind rnosuid rsuid', '!nosuid'),
  on('rbind rnoatime rstrictatime', '!noatime !relatime'),
  // Words without r are for the mount itself, and those with it come after them.
  on('rbind ro', 'ro', 'rw'),
  off('rbind rw', 'rw', 'ro'),
  on('rbind ro rrw', 'rw', 'rw'),
  on('rbind nosuid rro', 'nosuid ro', '!nosuid ro'),
  off('rbind suid noatime rexec', '!nosuid !noexec noatime', 'nosuid !noexec noatime'),
  on(
    'rbind rro rnosuid rnodev rnoexec rnoatime rnodiratime rnosymfollow',
    'ro nosuid nodev noexec noatime nodiratime nosymfollow',
  ),
  off('rbind rrw rsuid rdev rexec', 'rw !nosuid !nodev !noexec noatime'),
];

/** The same words for a mount that nothing comes along with. */
const alone: readonly Case[] = cases
  .filter(({ words }) => words !== 'rbind')
  .map((each) => ({ ...each, words: each.words.replace('rbind', 'bind'), below: '' }));

function differences(found: readonly MountEntry[], path: string, wanted: string): string[] {
  const mount = found.find((entry) => entry.path === path);
  if (wanted === '') return mount === undefined ? [] : [`${path} is there`];
  if (mount === undefined) return [`${path} is missing`];
  return wanted
    .split(' ')
    .filter((word) => mount.options.includes(word.replace('!', '')) === word.startsWith('!'))
    .map((word) => `${path}: not ${word}, but ${mount.options}`);
}

suite('options with an r in front', ({ engine }) => {
  const all = [...cases, ...alone];

  const run = (name: string, change: (config: Config) => void) =>
    test(
      `${name} (${engine.name})`,
      boxed(inMountNamespace(engine, prepare), async (box) => {
        const source = join(box.folder, 'source');
        const container = box.container((config) => {
          config.process.args = ['cat', '/proc/self/mountinfo'];
          all.forEach(({ source: name, words }, i) => {
            const options = words.split(' ');
            const mount = { type: 'none', source: join(source, name), options };
            config.mounts.push({ destination: `/m/${i}`, ...mount });
          });
          change(config);
        });
        const env = { SOURCE: source };
        const { status, stdout, stderr } = await box.with({ env }, ...container.words('run'));
        expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
        const found = parseMounts(stdout);
        const wrong = all.flatMap(({ words, top, below }, i) =>
          [
            ...differences(found, `/m/${i}`, top),
            ...differences(found, `/m/${i}/below`, below),
          ].map((text) => `${words}: ${text}`),
        );
        expect(wrong).toEqual([]);
        const root = found.find(({ path }) => path === '/');
        expect(root?.options.includes('ro')).toBe(container.config.root.readonly === true);
      }),
    );

  run('hold for all that is mounted below', () => {});
  run('are not changed by a root file system that is read-only', (config) => {
    config.root.readonly = true;
  });
});

suite('a new file system with an r in front of ro', ({ it }) => {
  it('takes what is made in it, and is read-only then', async (box) => {
    const output = await box.inside('ls /t; touch /t/x 2>&1; touch /t/in/x', (config) => {
      const tmpfs = { type: 'tmpfs', source: 'tmpfs' };
      config.mounts.push({ destination: '/t', ...tmpfs, options: ['rro'] });
      config.mounts.push({ destination: '/t/in', ...tmpfs, options: [] });
    });
    expect(output).toBe('in\ntouch: /t/x: Read-only file system\n');
  });
});
