import { reasons } from './reasons.js';

/** Of runc’s own contract: what an old version does not do yet. */
export const runcContract = [
  ...reasons({ versions: ['1.1'], whose: 'runtime', when: { isRoot: false } }, [
    [
      [
        'engine-descriptors/closed-input',
        'engine-descriptors/closed-output',
        'engine-descriptors/closed-both',
        'engine-descriptors/closed-all',
      ],
      'Fails to change the owner of standard streams that are closed, where it may not.',
    ],
    [
      ['engine-logging/single'],
      'Before the failure it warns that it could not count kills for want of memory.',
    ],
  ]),
  ...reasons({ versions: ['1.1'], whose: 'runtime' }, [
    [
      ['engine-parsing/repeated-forms'],
      'Before its argument parser of version 1.5: refuses a mix of -e and --env.',
    ],
    [
      ['engine-parsing/after-command'],
      'Before its argument parser of version 1.5: global options stand before the command alone.',
    ],
    [
      ['engine-globals/root-of-all-plain', 'engine-globals/root-of-all-dots'],
      'Older than the check: takes the root directory as the place of the state.',
    ],
    [
      ['engine-exit-codes/late-run'],
      'Ends with 1, which older versions do when the kernel refuses the program.',
    ],
    [['engine-list/missing-root'], 'Older than the error: lists nothing.'],
    [
      ['engine-create/cgroup'],
      'Older than the refusal: warns that containers in such a cgroup will not be supported.',
    ],
    [['engine-kill/shared'], 'Before version 1.2 other processes were killed with --all alone.'],
    [['engine-exec/process-user'], 'Older than the umask of a process of exec: it is 0022.'],
    [['engine-exec-process/umask'], 'Older than the umask of exec: it is 0022.'],
    [
      ['engine-exec-process/bad-user', 'engine-exec-process/bad-group'],
      'Older than the words: says `parsing root as int for uid failed`.',
    ],
    [
      ['engine-exec-file/limits'],
      'Gives the process the OOM score of the container, whatever the file says.',
    ],
    [['engine-exec-cgroup/outer'], 'Older than the words: says `is not a sub cgroup path`.'],
    [['engine-update/cpu-burst-v1', 'engine-update/cpu-burst-v2'], 'Older than --cpu-burst.'],
    [['engine-update/cpu-idle-v1', 'engine-update/cpu-idle-v2'], 'Older than --cpu-idle.'],
    [
      ['engine-update/memory-swap-v2'],
      'With cgroup v2 it takes a limit of swap with one of memory alone.',
    ],
    [['engine-update/check'], 'Older than the check: the kernel refuses the limit.'],
    [
      ['engine-refusals/cgroup-in-use'],
      'Older than the refusal: warns that containers in such a cgroup will not be supported.',
    ],
    [['engine-features/engines'], 'Older than mountExtensions.'],
    [
      ['engine-pidfd/create', 'engine-pidfd/run', 'engine-pidfd/exec'],
      'Older than --pidfd-socket.',
    ],
    [['engine-notify/barrier'], 'Older than the barrier.'],
    [
      ['engine-values/cgroup-manager-cgroupfs', 'engine-values/cgroup-manager-disabled'],
      'Has no --cgroup-manager, which Podman passes to crun alone.',
    ],
    [['engine-printed/spec-process'], 'The template has ambient capabilities, which later went.'],
    [['engine-hook-places/poststop'], 'Runs poststop hooks where delete was called.'],
    [
      ['engine-hook-places/words-createRuntime', 'engine-hook-places/words-poststart'],
      'Tells the number of the hook and not its kind.',
    ],
    [['engine-texts/execs'], 'Says `process args cannot be empty`.'],
    [
      ['engine-hook-calls/start-delete', 'engine-hook-calls/run-delete'],
      'Runs poststart hooks in create: what a hook has deleted cannot be started.',
    ],
  ]),
];
