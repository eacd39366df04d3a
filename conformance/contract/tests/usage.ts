import { deepEqual, equal, match } from 'node:assert/strict';
import { subject } from '../../runner/test.js';
import type { Trial } from '../../runner/trial.js';
import { failsWith } from '../help.js';

const exactlyOne = [
  ...['create', 'run', 'start', 'state', 'delete', 'pause', 'resume', 'update', 'events'],
];

/** Of each command: how many arguments are wrong, and the words for it. */
const counts: readonly (readonly [verb: string, wrong: readonly number[], says: string])[] = [
  ...exactlyOne.map((verb) => [verb, [0, 2], 'exactly 1'] as const),
  ['kill', [0], 'a minimum of 1'],
  ['kill', [3], 'a maximum of 2'],
  ['exec', [0], 'a minimum of 1'],
  ['ps', [0], 'a minimum of 1'],
  ...['list', 'spec', 'features'].map((verb) => [verb, [1], 'exactly 0'] as const),
];

const given = (verb: string, count: number): string[] => [verb, ...['a', 'b', 'c'].slice(0, count)];

/** Refused as incorrect usage, which the output says somewhere, and why. */
async function misused(trial: Trial, words: readonly string[], says: RegExp): Promise<void> {
  await failsWith(trial.bare(words), 1, says);
  const { stdout, stderr } = await trial.bare(words);
  match(stdout + stderr, /Incorrect Usage/);
}

export const usageTests = subject('engine-usage', (test) => {
  test(
    'no-value',
    'An option at the end without its value is refused: `flag needs an argument`',
    { proves: ['command-line/no-value'] },
    (trial) => misused(trial, ['create', '--bundle'], /flag needs an argument: --?bundle$/),
  );

  test(
    'unknown-option',
    'An option that nobody knows is refused: `flag provided but not defined: -bogus`',
    { proves: ['command-line/unknown'] },
    (trial) =>
      misused(trial, ['state', '--bogus', 'x'], /flag provided but not defined: -{1,2}bogus$/),
  );

  test(
    'unknown-global-option',
    'A global option that nobody knows is refused',
    { proves: ['command-line/unknown'] },
    (trial) => misused(trial, ['--bogus', 'list'], /flag provided but not defined: -{1,2}bogus$/),
  );

  for (const [verb, wrong] of counts)
    test(
      `${verb}-${wrong.join('-or-')}`,
      `${verb} with ${wrong.join(' or ')} arguments is refused`,
      { proves: ['command-line/counts'] },
      async (trial) => {
        const cwd = trial.folderFor('empty');
        for (const count of wrong) {
          const { status } = await trial.with({ cwd }, ...given(verb, count));
          // What exec cannot do ends with 255, if it goes that far.
          equal(verb === 'exec' ? [1, 255].includes(status ?? 0) : status === 1, true);
        }
      },
    );

  test(
    'counts',
    'A wrong number of arguments is answered with the right one, and as incorrect usage',
    { proves: ['command-line/counts'] },
    async (trial) => {
      for (const [verb, wrong, says] of counts)
        for (const count of wrong) {
          const { stdout, stderr } = await trial.bare(given(verb, count));
          match(stderr, new RegExp(`: \\\\?"${verb}\\\\?" requires ${says} argument\\(s\\)`));
          match(stdout, /^Incorrect Usage\.\n\n/);
        }
    },
  );

  test(
    'unknown-command',
    'A command that nobody knows ends with 3, without a word on the standard output',
    { proves: ['command-line/command'] },
    async (trial) => {
      const { status, stdout, stderr } = await trial.bare(['froodle']);
      deepEqual([status, stdout], [3, '']);
      match(stderr, /No help topic for 'froodle'/);
    },
  );

  test(
    'empty-id',
    'An empty id is refused: `container id cannot be empty`',
    { proves: ['command-line/empty-id'] },
    async (trial) => {
      for (const verb of ['state', 'start', 'kill', 'delete', 'pause', 'resume', 'update'])
        await failsWith(trial.runtime(verb, ''), 1, /container id cannot be empty/);
    },
  );
});
