import type { Expectation } from '../runner/expected.js';
import { each } from './each.js';
import { runcContract } from './engine/runc.js';
import { runcLinux } from './linux/runc.js';

/** What runc is known to fail, by test. */
export const runc: readonly Expectation[] = [
  ...runcLinux,
  ...runcContract,
  ...each('rlimits', 'twice-same twice-different', {
    versions: ['1.1'],
    whose: 'runtime',
    reason: 'It sets a limit that is named twice to the last of the values.',
  }),
  ...each('capabilities', 'withheld withheld-warning', {
    versions: ['1.1'],
    whose: 'runtime',
    reason:
      'It fails to set capabilities that it does not have itself, instead of leaving them out.',
    when: { isRoot: true },
  }),
  {
    test: 'capabilities/ambient-not-inheritable-warning',
    versions: ['1.1'],
    whose: 'runtime',
    reason: 'It leaves such a capability out and says nothing of it.',
  },
  ...each('capabilities', 'effective-not-permitted effective-not-permitted-warning', {
    versions: ['1.1'],
    whose: 'runtime',
    reason: 'It fails to set the effective set, instead of leaving the capability out.',
  }),
  ...each('scheduling', 'other-nice batch idle reset-on-fork', {
    versions: ['1.1'],
    whose: 'runtime',
    reason: 'It does not know process.scheduler and ignores it.',
  }),
  ...each('scheduling', 'other-negative-nice fifo round-robin deadline', {
    versions: ['1.1'],
    whose: 'runtime',
    reason: 'It does not know process.scheduler and ignores it.',
    when: { isRoot: true },
  }),
  ...each('scheduling', 'unknown-policy missing-in-the-kernel unknown-flag impossible-priority', {
    versions: ['1.1'],
    whose: 'runtime',
    reason: 'It does not know process.scheduler and ignores whatever it says.',
  }),
  ...each('scheduling', 'io-be-0 io-be-6 io-idle-0', {
    versions: ['1.1'],
    whose: 'runtime',
    reason: 'It does not know process.ioPriority and ignores it.',
  }),
  {
    test: 'scheduling/io-rt-5',
    versions: ['1.1'],
    whose: 'runtime',
    reason: 'It does not know process.ioPriority and ignores it.',
    when: { isRoot: true },
  },
  ...each('scheduling', 'io-unknown-class io-priority-too-high io-priority-negative', {
    versions: ['1.1'],
    whose: 'runtime',
    reason: 'It does not know process.ioPriority and ignores whatever it says.',
  }),
  {
    test: 'user/ids-4000000000-3999999999',
    versions: ['1.1'],
    whose: 'runtime',
    reason: 'It refuses ids above 2147483647, although the kernel has twice as many.',
    when: { isRoot: true },
  },
  {
    test: 'user/umask-unset',
    versions: ['1.1'],
    whose: 'specification',
    reason:
      'It sets 0022. The specification asks for the umask of the caller in words that bind nobody, and engines rely on 0022.',
  },
  {
    test: 'hostname/domain-set',
    versions: ['1.1'],
    whose: 'runtime',
    reason: 'It does not know domainname and ignores it.',
  },
  ...each(
    'specification-version',
    'empty word two-numbers four-numbers letter zero-before suffix-zero suffix-dots empty-suffix missing newer-major',
    {
      versions: ['1.1'],
      whose: 'runtime',
      reason: 'It does not look at ociVersion.',
    },
  ),
  ...each('mounts', 'data-mode', {
    versions: ['1.1.5'],
    whose: 'runtime',
    reason: 'It gives a tmpfs the mode of the directory below it, whatever the options say.',
  }),
  ...each('mount-options', 'defaults', {
    versions: ['1.1'],
    whose: 'runtime',
    reason: 'It gives the word defaults to the file system, and tmpfs refuses it.',
  }),
  ...each('mounts-recursive', 'ratime rnostrictatime', {
    versions: ['1.1'],
    whose: 'runtime',
    reason:
      'It asks the kernel to clear one kind of access times without the others, which the kernel refuses.',
  }),
  ...each(
    'mount-idmap',
    'idmap ridmap idmap-in-user-namespace ridmap-in-user-namespace idmap-of-container ridmap-of-container idmap-without ridmap-without idmap-below ridmap-below fields outside users-alone groups-alone',
    {
      versions: ['1.1'],
      whose: 'runtime',
      reason:
        'It does not know ID-mapped mounts: it ignores mappings, and takes the option for one of a file system, which a bind mount ignores.',
    },
  ),
  ...each('valid-values', 'args-nul hostname-nul', {
    versions: ['1.1'],
    whose: 'runtime',
    reason: 'It cuts the text at this character.',
  }),
  {
    test: 'annotations/null',
    versions: ['1.1'],
    whose: 'runtime',
    reason: 'It takes null for an empty text.',
  },
  ...each('annotations', 'empty-key', {
    versions: ['1.1'],
    whose: 'runtime',
    reason: 'It takes an annotation without key.',
  }),
  {
    test: 'hook-times/poststart',
    versions: ['1.1'],
    whose: 'runtime',
    reason: 'It runs poststart hooks in create, before anything is executed.',
  },
  ...each(
    'hook-failures',
    'exit-poststart signal-poststart timeout-poststart missing-poststart stopped-at-first-poststart',
    {
      versions: ['1.1'],
      whose: 'runtime',
      reason: 'It runs poststart hooks in create, which fails then instead of start.',
    },
  ),
  ...each(
    'hook-failures',
    'exit-startContainer signal-startContainer timeout-startContainer missing-startContainer stopped-at-first-startContainer',
    {
      versions: ['1.1'],
      whose: 'runtime',
      reason: 'Its start does not wait for startContainer hooks, and ends well when they fail.',
    },
  ),
  ...each('hook-failures', 'exit-poststop signal-poststop timeout-poststop missing-poststop', {
    versions: ['1.1'],
    whose: 'runtime',
    reason: 'After a poststop hook that fails it runs no other.',
  }),
  ...[
    'prestart',
    'createRuntime',
    'createContainer',
    'startContainer',
    'poststart',
    'poststop',
  ].map(
    (kind): Expectation => ({
      test: `hook-values/relative-path-${kind}`,
      versions: ['1.1'],
      whose: 'runtime',
      reason: 'It takes the path of a hook as one below the directory where the hook runs.',
    }),
  ),
  ...each('hook-values', 'timeout-0-startContainer timeout--1-startContainer', {
    versions: ['1.1'],
    whose: 'runtime',
    reason: 'It ends such a hook at once, but its start does not wait for it and ends well.',
  }),
  ...each('hook-values', 'timeout-0-poststop timeout--1-poststop', {
    versions: ['1.1'],
    whose: 'runtime',
    reason: 'It finds out only in delete, where it ends such a hook at once and warns.',
  }),
  {
    test: 'states/delete-created',
    versions: ['1.1'],
    whose: 'runtime',
    reason:
      'Kills the process of a container that was created and never started, and deletes it; engines rely on it.',
  },
  {
    test: 'creating/delete',
    versions: ['1.1'],
    whose: 'runtime',
    reason:
      'Answers that there is no such container but removes its state folder, so that its creation fails.',
  },
  ...each('within-hooks', 'poststart-start poststart-delete poststart-state', {
    versions: ['1.1'],
    whose: 'runtime',
    reason:
      'Runs poststart hooks at the end of create, when the container can be started and deleted.',
  }),
  {
    test: 'lifecycle-hooks/poststart',
    versions: ['1.1'],
    whose: 'runtime',
    reason: 'Runs poststart hooks at the end of create, before the program runs.',
  },
  {
    test: 'lifecycle-hooks/poststart-fails',
    versions: ['1.1'],
    whose: 'runtime',
    reason: 'Runs poststart hooks at the end of create, which is what fails.',
  },
  {
    test: 'lifecycle-hooks/poststart-fails-destroyed',
    versions: ['1.1'],
    whose: 'runtime',
    reason: 'Runs poststart hooks at the end of create, which is what fails.',
  },
  {
    test: 'state/hook-poststart-status',
    versions: ['1.1'],
    whose: 'runtime',
    reason:
      'Runs poststart hooks at the end of create and tells them that the container is created.',
  },
  {
    test: 'lifecycle-hooks/poststop-fails',
    versions: ['1.1'],
    whose: 'runtime',
    reason: 'Runs no further poststop hooks after one that fails.',
  },
  {
    test: 'lifecycle-hooks/startContainer-fails',
    versions: ['1.1'],
    whose: 'runtime',
    reason: 'start does not wait for startContainer hooks and succeeds whatever becomes of them.',
  },
  {
    test: 'lifecycle-hooks/startContainer-fails-destroyed',
    versions: ['1.1'],
    whose: 'runtime',
    reason:
      'start does not wait for startContainer hooks; when one fails, the container stays, stopped.',
  },
  {
    test: 'features/mount-options',
    versions: ['1.1'],
    whose: 'runtime',
    reason:
      'Lists defaults, but gives it to the file system as an option of its own, which refuses it.',
  },
  {
    test: 'namespaces/wrong-cgroup',
    versions: ['1.1'],
    whose: 'runtime',
    reason:
      'With cgroup v2 the cgroup stays by chance when create fails as its first process ends.',
    sometimes: true,
    when: { cgroups: ['v2'] },
  },
  {
    test: 'races/create-create',
    versions: ['1.1'],
    whose: 'runtime',
    reason:
      'By chance several creates of one id work, since the id is looked for before it is taken; a process of the same container is left then.',
    sometimes: true,
  },
  {
    test: 'races/create-delete',
    versions: ['1.1'],
    whose: 'runtime',
    reason: 'By chance a delete during create leaves the cgroups, and nothing that owns them.',
    sometimes: true,
  },
  {
    test: 'races/create-delete-force',
    versions: ['1.1'],
    whose: 'runtime',
    reason:
      'By chance delete --force takes what it finds of a container that is being made, and create works all the same: what stays is said to run, though nobody has started it.',
    sometimes: true,
  },
  {
    test: 'races/delete-delete',
    versions: ['1.1'],
    whose: 'runtime',
    reason: 'By chance several deletes of one container work, and poststop hooks run for each.',
    sometimes: true,
  },
];
