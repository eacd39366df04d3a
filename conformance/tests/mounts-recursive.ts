import { deepEqual, fail } from 'node:assert/strict';
import { kernel, root } from '../runner/host.js';
import { type DefineTest, subject } from '../runner/test.js';
import { adds, beside, bind, found } from './mounting.js';
import { optionId } from './option-ids.js';

const places = ['/tmp', '/tmp/below'];
const needs = [root];
const recursiveNeeds = [root, kernel(5, 12)];

/** A mount with another one below it, both with options. */
const twoMounts = (options: string): string => `
mount -t tmpfs none "$SOURCE"
mkdir "$SOURCE/below"
mount -t tmpfs none "$SOURCE/below"
for place in "$SOURCE/below" "$SOURCE"; do mount -o "remount,bind,${options}" "$place"; done`;

interface Effect {
  /** What the mounts of the host have. */
  readonly before: string;
  readonly has?: readonly string[];
  readonly lacks?: readonly string[];
}

const has = (before: string, ...options: readonly string[]): Effect => ({ before, has: options });
const lacks = (before: string, ...options: readonly string[]): Effect => ({
  before,
  lacks: options,
});

/** Every word is given to mounts that have the contrary. */
const rows: Readonly<Record<string, Effect>> = {
  rro: has('rw', 'ro'),
  rrw: has('ro', 'rw'),
  rnosuid: has('suid', 'nosuid'),
  rsuid: lacks('nosuid', 'nosuid'),
  rdev: lacks('nodev', 'nodev'),
  rnoexec: has('exec', 'noexec'),
  rexec: lacks('noexec', 'noexec'),
  rnodiratime: has('diratime', 'nodiratime'),
  rdiratime: lacks('nodiratime', 'nodiratime'),
  rnosymfollow: has('symfollow', 'nosymfollow'),
  rsymfollow: lacks('nosymfollow', 'nosymfollow'),
  rnoatime: has('relatime', 'noatime'),
  ratime: lacks('noatime', 'noatime'),
  rrelatime: has('noatime', 'relatime'),
  rnorelatime: lacks('relatime', 'noatime'),
  rstrictatime: lacks('relatime', 'relatime', 'noatime'),
  rnostrictatime: has('strictatime', 'relatime'),
};

function recursiveTest(test: DefineTest, name: string, effect: Effect): void {
  const outcome = effect.has ?? effect.lacks?.map((word) => `not ${word}`) ?? [];
  test(
    name,
    `With ${name} a bind mount and the one below it are ${outcome.join(', ')}`,
    { proves: [optionId(name)], needs: recursiveNeeds },
    (trial) =>
      beside(trial, twoMounts(effect.before), async (inner, source) => {
        const report = await inner.look(adds(bind(source, '/tmp', 'rbind', name)));
        for (const place of places) {
          const { options } = found(report, place);
          const missing = (effect.has ?? []).filter((word) => !options.includes(word));
          const unwanted = (effect.lacks ?? []).filter((word) => options.includes(word));
          if (missing.length + unwanted.length > 0)
            fail(`${place} is ${options} and should be ${outcome}`);
        }
      }),
  );
}

export const recursiveMountTests = subject('mounts-recursive', (test) => {
  for (const [name, effect] of Object.entries(rows)) recursiveTest(test, name, effect);

  test(
    'ro-alone',
    'With ro and rbind a mount is read-only, and the one below it is not',
    { proves: ['ro', 'rbind'].map(optionId), needs },
    (trial) =>
      beside(trial, twoMounts('rw'), async (inner, source) => {
        const report = await inner.look(adds(bind(source, '/tmp', 'rbind', 'ro')));
        const shown = places.map((place) => found(report, place).options.includes('ro'));
        deepEqual(shown, [true, false]);
      }),
  );

  for (const [name, seen] of [
    ['rbind', ['mounted']],
    ['bind', []],
  ] as const)
    test(
      name,
      `With ${name} a bind mount ${seen.length ? 'shows' : 'does not show'} what is mounted below its source`,
      { proves: [optionId(name)], needs },
      (trial) => {
        const script = `${twoMounts('rw')}\n: >"$SOURCE/below/mounted"; : >"$SOURCE/beside"`;
        return beside(trial, script, async (inner, source) => {
          const report = await inner.look(
            adds(bind(source, '/tmp', name)),
            ...['list', '/tmp/below', 'list', '/tmp'],
          );
          const names = report.results.map(({ names }) => names);
          deepEqual(names, [seen, ['below', 'beside']]);
        });
      },
    );
});
