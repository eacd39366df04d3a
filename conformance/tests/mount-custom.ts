import { deepEqual } from 'node:assert/strict';
import { readReport } from '../probe/report.js';
import { subject } from '../runner/test.js';
import { succeeds } from '../runner/trial.js';
import { adds, found, tmpfs } from './mounting.js';
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
        const container = trial.container(adds(tmpfs('/tmp', word)));
        const { status } = await container.create();
        if (status !== 0) return trial.expectNothingLeft();
        await succeeds(container.start());
        await container.ended();
        const { options } = found(readReport(container.output()), '/tmp');
        deepEqual(options.filter((each) => restrictions.includes(each)).sort(), meaning);
      },
    );
});
