import { deepEqual } from 'node:assert/strict';
import { subject } from '../runner/test.js';
import { adds, found, orRefused, tmpfs } from './mounting.js';
import { optionId } from './option-ids.js';

/** What mount(8) makes of words that the specification does not have. */
const meanings: Readonly<Record<string, readonly string[]>> = {
  auto: [],
  nofail: [],
  nouser: [],
  'x-conformance.frob': [],
  owner: ['nodev', 'nosuid'],
  user: ['nodev', 'noexec', 'nosuid'],
};

const restrictions = ['nodev', 'noexec', 'nosuid', 'ro'];

export const customOptionTests = subject('mount-custom', (test) => {
  for (const [word, meaning] of Object.entries(meanings))
    test(
      word,
      `The option ${word} is refused, or makes a mount ${meaning.join(', ') || 'like any other'}`,
      { proves: [optionId('custom')] },
      async (trial) => {
        const report = await orRefused(trial, adds(tmpfs('/tmp', word)));
        if (!report) return;
        const { options } = found(report, '/tmp');
        deepEqual(options.filter((each) => restrictions.includes(each)).sort(), meaning);
      },
    );
});
