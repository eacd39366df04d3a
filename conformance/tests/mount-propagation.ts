import { equal, match } from 'node:assert/strict';
import { root } from '../runner/host.js';
import { type DefineTest, subject } from '../runner/test.js';
import type { Trial } from '../runner/trial.js';
import { beside, bind, found } from './mounting.js';
import { optionId } from './option-ids.js';

/** A mount with another one below it. */
const twoMounts = (propagation: string): string => `
mount -t tmpfs none "$SOURCE"
mkdir "$SOURCE/below"
mount -t tmpfs none "$SOURCE/below"
mount --make-r${propagation} "$SOURCE"`;

interface Row {
  readonly what: string;
  readonly seen: RegExp;
  /** Of the mounts of the host, and of all that the container has: the word changes it. */
  readonly before: 'shared' | 'private';
}

const rows: Readonly<Record<string, Row>> = {
  private: { what: 'has no peers and no master', seen: /^$/, before: 'shared' },
  slave: { what: 'is a slave of its source', seen: /^master:\d+$/, before: 'shared' },
  shared: { what: 'is shared', seen: /^shared:\d+$/, before: 'private' },
  unbindable: { what: 'cannot be bound again', seen: /^unbindable$/, before: 'shared' },
};

/** What the mount below the one that has the words is. */
async function kindBelow(trial: Trial, before: Row['before'], source: string, ...words: string[]) {
  const report = await trial.look(({ linux, mounts }) => {
    linux.rootfsPropagation = before;
    mounts.push(bind(source, '/tmp', 'rbind', ...words));
  });
  return {
    at: found(report, '/tmp').propagation.join(' '),
    below: found(report, '/tmp/below').propagation.join(' ').replace(/\d+/g, 'N'),
  };
}

/** mount(8): only those that start with an r are about what is mounted below. */
function aloneTest(test: DefineTest, word: string, { seen, before }: Row): void {
  test(
    `${word}-alone`,
    `With ${word} and rbind the mount below is what it is without ${word}`,
    { proves: [optionId(word)], needs: [root] },
    (trial) =>
      beside(trial, twoMounts(before), async (inner, source) => {
        const plain = await kindBelow(inner, before, source);
        const changed = await kindBelow(inner, before, source, word);
        match(changed.at, seen);
        equal(changed.below, plain.below);
      }),
  );
}

export const mountPropagationTests = subject('mount-propagation', (test) => {
  for (const [word, row] of Object.entries(rows)) aloneTest(test, word, row);

  for (const [word, { what, seen, before }] of Object.entries(rows))
    for (const name of [word, `r${word}`]) {
      const places = name === word ? ['/tmp'] : ['/tmp', '/tmp/below'];
      test(
        name,
        `With ${name} a bind mount ${what}${places.length > 1 ? ', and the one below it too' : ''}`,
        { proves: [optionId(name)], needs: [root] },
        (trial) =>
          beside(trial, twoMounts(before), async (inner, source) => {
            const report = await inner.look(({ linux, mounts }) => {
              linux.rootfsPropagation = before;
              mounts.push(bind(source, '/tmp', name === word ? 'bind' : 'rbind', name));
            });
            for (const place of places) {
              const shown = found(report, place).propagation.join(' ');
              match(shown, seen, `${place}: ${shown || 'private'}`);
            }
          }),
      );
    }
});
