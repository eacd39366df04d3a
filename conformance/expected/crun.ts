import type { Expectation } from '../runner/expected.js';
import { each } from './each.js';
import { crunContract } from './engine/crun.js';
import { crunLinux } from './linux/crun.js';

/** What crun is known to fail, by test. */
export const crun: readonly Expectation[] = [
  ...crunLinux,
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
  ...each('process', 'cwd-relative cwd-dot', {
    versions: ['1.8'],
    whose: 'runtime',
    reason: 'It takes a relative working directory as one below the root of the container.',
  }),
  ...each(
    'capabilities',
    'unknown-warning unknown-bounding unknown-effective unknown-permitted unknown-inheritable unknown-ambient',
    {
      versions: ['1.8'],
      whose: 'runtime',
      reason: 'It leaves out a capability that it does not know, and says so only with --debug.',
    },
  ),
  {
    test: 'capabilities/ambient-not-inheritable-warning',
    versions: ['1.8'],
    whose: 'runtime',
    reason: 'It leaves such a capability out and says nothing of it.',
  },
  ...each('capabilities', 'effective-not-permitted effective-not-permitted-warning', {
    versions: ['1.8'],
    whose: 'runtime',
    reason: 'It fails to set the effective set, instead of leaving the capability out.',
  }),
  {
    test: 'oom-score/zero',
    versions: ['1.8'],
    whose: 'runtime',
    reason: 'It takes an oomScoreAdj of 0 for none, and leaves the value that it has itself.',
  },
  ...each('mount-propagation', 'private-alone slave-alone shared-alone unbindable-alone', {
    versions: ['1.8'],
    whose: 'runtime',
    reason: 'With rbind every word of propagation holds for the mounts below as well.',
    when: { isRoot: true },
  }),
  {
    test: 'user/umask-unset',
    versions: ['1.8'],
    whose: 'specification',
    reason:
      'It sets 0022. The specification asks for the umask of the caller in words that bind nobody, and engines rely on 0022.',
  },
  ...each(
    'specification-version',
    'two-numbers four-numbers letter zero-before suffix-zero suffix-dots empty-suffix',
    {
      versions: ['1.8'],
      whose: 'runtime',
      reason: 'It does not look at the form of ociVersion.',
    },
  ),
  ...each('mount-options', 'rw suid dev exec atime diratime nostrictatime async', {
    versions: ['1.8'],
    whose: 'runtime',
    reason: 'A word that takes another one back does nothing when both are there.',
  }),
  ...each('mount-options', 'nosymfollow symfollow iversion noiversion silent loud', {
    versions: ['1.8'],
    whose: 'runtime',
    reason: 'It does not know the word and gives it to the file system, which refuses it.',
  }),
  ...each('mount-effects', 'nosymfollow', {
    versions: ['1.8'],
    whose: 'runtime',
    reason: 'It does not know the word, and a bind mount ignores options of file systems.',
  }),
  ...each(
    'mounts-recursive',
    'rnodiratime rdiratime rnoatime ratime rrelatime rstrictatime rnostrictatime',
    {
      versions: ['1.8'],
      whose: 'runtime',
      reason:
        'It gives mount_setattr(2) flags of mount(2), some of which mean something else there.',
    },
  ),
  ...each('mounts-recursive', 'rnosymfollow rsymfollow', {
    versions: ['1.8'],
    whose: 'runtime',
    reason: 'It does not know the word, and a bind mount ignores options of file systems.',
  }),
  ...each('mount-idmap', 'idmap-below ridmap-below', {
    versions: ['1.8'],
    whose: 'runtime',
    reason: 'A mount with rbind loses what is mounted below its source when it is ID-mapped.',
  }),
  ...each('mount-idmap', 'ridmap-of-container ridmap-without', {
    versions: ['1.8'],
    whose: 'runtime',
    reason: 'It does not know ridmap, and maps a mount by its mappings alone.',
  }),
  ...each('annotations', 'list text', {
    versions: ['1.8'],
    whose: 'runtime',
    reason: 'It takes annotations that are no map, and ignores them.',
  }),
  ...each('annotations', 'empty-key', {
    versions: ['1.8'],
    whose: 'runtime',
    reason: 'It takes an annotation without key.',
  }),
  ...each(
    'valid-values',
    'args-text args-number env-object env-number uid-text groups-text umask-text readonly-text terminal-text no-new-privileges-text oom-score-text capabilities-list rlimits-object hooks-list masked-text hostname-number mount-options-text',
    {
      versions: ['1.8'],
      whose: 'runtime',
      reason:
        'It ignores what is not of the type that a field has, or takes it for something else.',
    },
  ),
  ...each('valid-values', 'args-nul env-nul hostname-nul', {
    versions: ['1.8'],
    whose: 'runtime',
    reason: 'It cuts the text at this character.',
  }),
  ...each('valid-values', 'propagation', {
    versions: ['1.8'],
    whose: 'runtime',
    reason: 'It ignores a propagation that it does not know.',
  }),
  ...each('valid-values', 'device-type', {
    versions: ['1.8'],
    whose: 'runtime',
    reason: 'It makes a character device when it does not know the type.',
    when: { isRoot: true },
  }),
  {
    test: 'hook-times/poststart',
    versions: ['1.8'],
    whose: 'runtime',
    reason:
      'It does not wait for startContainer hooks and the program before it runs poststart hooks.',
  },
  ...each('hooks', 'pid-createContainer pid-startContainer', {
    versions: ['1.8'],
    whose: 'runtime',
    reason: 'Hooks in the container are told the pid 0.',
  }),
  {
    test: 'hooks/state-startContainer',
    versions: ['1.8'],
    whose: 'runtime',
    reason: 'These hooks are told that the bundle is /.',
  },
  ...each(
    'hook-failures',
    'exit-startContainer signal-startContainer timeout-startContainer missing-startContainer stopped-at-first-startContainer',
    {
      versions: ['1.8'],
      whose: 'runtime',
      reason: 'Its start does not wait for startContainer hooks, and ends well when they fail.',
    },
  ),
  ...each(
    'hook-failures',
    'exit-poststart signal-poststart timeout-poststart missing-poststart stopped-at-first-poststart',
    {
      versions: ['1.8'],
      whose: 'runtime',
      reason: 'It ignores that a poststart hook fails.',
    },
  ),
  ...each(
    'hook-failures',
    'exit-poststop-warning signal-poststop-warning missing-poststop-warning',
    {
      versions: ['1.8'],
      whose: 'runtime',
      reason: 'It says nothing of a poststop hook that fails.',
    },
  ),
  ...each(
    'hook-failures',
    'missing-prestart missing-createRuntime missing-createContainer missing-poststop',
    {
      versions: ['1.8'],
      whose: 'runtime',
      reason:
        'By chance it is ended by SIGPIPE, when it tells the state to a hook that could not be executed.',
      sometimes: true,
    },
  ),
  ...each('hook-values', 'relative-path-startContainer relative-path-poststart', {
    versions: ['1.8'],
    whose: 'runtime',
    reason: 'It does not look at the path, and its start ignores that such hooks fail.',
  }),
  {
    test: 'hook-values/relative-path-poststop',
    versions: ['1.8'],
    whose: 'runtime',
    reason: 'It does not look at the path before delete.',
  },
  ...[
    'prestart',
    'createRuntime',
    'createContainer',
    'startContainer',
    'poststart',
    'poststop',
  ].map(
    (kind): Expectation => ({
      test: `hook-values/timeout-0-${kind}`,
      versions: ['1.8'],
      whose: 'runtime',
      reason: 'It takes the timeout 0 for none.',
    }),
  ),
  ...each('hook-values', 'timeout--1-startContainer timeout--1-poststart', {
    versions: ['1.8'],
    whose: 'runtime',
    reason: 'It ends such a hook at once, but its start ignores that such hooks fail.',
  }),
  {
    test: 'hook-values/timeout--1-poststop',
    versions: ['1.8'],
    whose: 'runtime',
    reason: 'It finds out only in delete.',
  },
  {
    test: 'states/delete-created',
    versions: ['1.8'],
    whose: 'runtime',
    reason:
      'Kills the process of a container that was created and never started, and deletes it; engines rely on it.',
  },
  {
    test: 'creating/delete',
    versions: ['1.8'],
    whose: 'runtime',
    reason: 'Deletes what is being created, so that its creation fails.',
  },
  {
    test: 'within-hooks/poststop-delete',
    versions: ['1.8'],
    whose: 'runtime',
    reason:
      'Runs poststop hooks while the container is still there: what they delete is missing when delete goes on, and makes it fail.',
  },
  {
    test: 'lifecycle-hooks/prestart-fails-destroyed',
    versions: ['1.8'],
    whose: 'runtime',
    reason: 'Runs no poststop hooks when a prestart hook has made create fail.',
  },
  {
    test: 'lifecycle-hooks/createRuntime-fails-destroyed',
    versions: ['1.8'],
    whose: 'runtime',
    reason: 'Runs no poststop hooks when a createRuntime hook has made create fail.',
  },
  {
    test: 'lifecycle-hooks/createContainer-fails-destroyed',
    versions: ['1.8'],
    whose: 'runtime',
    reason: 'Runs no poststop hooks when a createContainer hook has made create fail.',
  },
  {
    test: 'lifecycle-hooks/startContainer-fails',
    versions: ['1.8'],
    whose: 'runtime',
    reason: 'start does not wait for startContainer hooks and succeeds whatever becomes of them.',
  },
  {
    test: 'lifecycle-hooks/startContainer-fails-destroyed',
    versions: ['1.8'],
    whose: 'runtime',
    reason:
      'start does not wait for startContainer hooks; when one fails, the container stays, stopped.',
  },
  {
    test: 'lifecycle-hooks/poststart-fails',
    versions: ['1.8'],
    whose: 'runtime',
    reason: 'Ignores that a poststart hook fails; the container runs on.',
  },
  {
    test: 'lifecycle-hooks/poststart-fails-destroyed',
    versions: ['1.8'],
    whose: 'runtime',
    reason: 'Ignores that a poststart hook fails; the container runs on.',
  },
  {
    test: 'state/hook-startContainer',
    versions: ['1.8'],
    whose: 'runtime',
    reason:
      'Tells startContainer hooks the status starting, which the schema does not know, and the bundle /.',
  },
  {
    test: 'state/hook-startContainer-status',
    versions: ['1.8'],
    whose: 'runtime',
    reason: 'Tells startContainer hooks that the container is starting, not created.',
  },
  {
    test: 'state/hook-prestart-status',
    versions: ['1.8'],
    whose: 'specification',
    reason:
      'Tells hooks that run while create does that the container is created: the definitions of creating and created can be read so that it is, after the second step of the lifecycle.',
  },
  {
    test: 'state/hook-createRuntime-status',
    versions: ['1.8'],
    whose: 'specification',
    reason:
      'Tells hooks that run while create does that the container is created: the definitions of creating and created can be read so that it is, after the second step of the lifecycle.',
  },
  {
    test: 'state/hook-createContainer-status',
    versions: ['1.8'],
    whose: 'specification',
    reason:
      'Tells hooks that run while create does that the container is created: the definitions of creating and created can be read so that it is, after the second step of the lifecycle.',
  },
  {
    test: 'races/delete-delete',
    versions: ['1.8'],
    whose: 'runtime',
    reason: 'By chance several deletes of one container work, and poststop hooks run for each.',
    sometimes: true,
  },
  {
    test: 'races/create-delete',
    versions: ['1.8'],
    whose: 'runtime',
    reason: 'By chance a delete during create leaves the cgroup and the folder of the state.',
    sometimes: true,
  },
  {
    test: 'races/start-kill',
    versions: ['1.8'],
    whose: 'runtime',
    reason: 'By chance start waits for ever when the container is killed meanwhile.',
    sometimes: true,
  },
];
