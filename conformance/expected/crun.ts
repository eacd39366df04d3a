import type { Expectation } from '../runner/expected.js';
import { each } from './each.js';

/** What crun is known to fail, by test. */
export const crun: readonly Expectation[] = [
  ...crunContract,
  ...each('rlimits', 'twice-same twice-different', {
    versions: ['1.8'],
    whose: 'runtime',
    reason: 'It sets a limit that is named twice to the last of the values.',
  }),
  ...each('capabilities', 'withheld withheld-warning', {
    versions: ['1.8'],
    whose: 'runtime',
    reason:
      'It fails to set capabilities that it does not have itself, instead of leaving them out.',
    when: { isRoot: true },
  }),
  ...each('scheduling', 'other-nice batch idle reset-on-fork', {
    versions: ['1.8'],
    whose: 'runtime',
    reason: 'It does not know process.scheduler and ignores it.',
  }),
  ...each('scheduling', 'other-negative-nice fifo round-robin deadline', {
    versions: ['1.8'],
    whose: 'runtime',
    reason: 'It does not know process.scheduler and ignores it.',
    when: { isRoot: true },
  }),
  ...each('scheduling', 'unknown-policy missing-in-the-kernel unknown-flag impossible-priority', {
    versions: ['1.8'],
    whose: 'runtime',
    reason: 'It does not know process.scheduler and ignores whatever it says.',
  }),
  ...each('scheduling', 'io-be-0 io-be-6 io-idle-0', {
    versions: ['1.8'],
    whose: 'runtime',
    reason: 'It does not know process.ioPriority and ignores it.',
  }),
  {
    test: 'scheduling/io-rt-5',
    versions: ['1.8'],
    whose: 'runtime',
    reason: 'It does not know process.ioPriority and ignores it.',
    when: { isRoot: true },
  },
  ...each('scheduling', 'io-unknown-class io-priority-too-high io-priority-negative', {
    versions: ['1.8'],
    whose: 'runtime',
    reason: 'It does not know process.ioPriority and ignores whatever it says.',
  }),
  {
    test: 'process/cwd-relative',
    versions: ['1.8'],
    whose: 'runtime',
    reason: 'It takes a relative working directory as one below the root of the container.',
  },
  {
    test: 'capabilities/unknown-warning',
    versions: ['1.8'],
    whose: 'runtime',
    reason: 'It leaves out a capability that it does not know, and says so only with --debug.',
  },
  {
    test: 'user/umask-unset',
    versions: ['1.8'],
    whose: 'specification',
    reason:
      'It sets 0022. The specification asks for the umask of the caller in words that bind nobody, and engines rely on 0022.',
  },
];

import { crunContract } from './engine/crun.js';

/** What crun is known to fail, by test. */
