import { reasons } from './reasons.js';

/** What differs from runc’s command line. */
export const crunContract = [
  ...reasons({ versions: ['1.8'], whose: 'runtime', when: { isRoot: false } }, [
    [
      ['engine-exec/created'],
      'Without privileges it may not join the user namespace of a container that waits for its start.',
    ],
    [['engine-globals/rootless-root'], 'The directory of the state has no sticky bit.'],
    [
      ['engine-roots/of-namespace'],
      'The directory of the state below XDG_RUNTIME_DIR has no sticky bit, whoever asks.',
    ],
    [
      ['engine-roots/of-namespace-root'],
      'Its state is below XDG_RUNTIME_DIR whenever there is one.',
    ],
  ]),
  ...reasons({ versions: ['1.8'], whose: 'runtime', when: { isRoot: true } }, [
    [['engine-terminals/owner-exec'], 'The terminal of exec belongs to root.'],
  ]),
  ...reasons({ versions: ['1.8'], whose: 'runtime' }, [
    [
      ['engine-parsing/one-dash-next', 'engine-parsing/one-dash-equals'],
      'One dash is for options of one letter alone.',
    ],
    [['engine-parsing/short-equals'], 'Takes the equals sign after -b as a part of the value.'],
    [
      ['engine-parsing/switch-true', 'engine-parsing/switch-t', 'engine-parsing/switch-one'],
      'A switch takes no value: --force=true is refused.',
    ],
    [['engine-parsing/mixed'], 'Options after the id are refused as arguments that are too many.'],
    [['engine-parsing/ps-stops'], 'ps takes the id alone and no options of ps.'],
    [['engine-parsing/after-command'], 'Global options stand before the command alone.'],
    [
      [
        'engine-usage/no-value',
        'engine-usage/unknown-option',
        'engine-usage/unknown-global-option',
        'engine-usage/counts',
      ],
      'Has its own words for wrong command lines, and ends with 64 for options.',
    ],
    [['engine-usage/unknown-command'], 'Says `unknown command` and ends with 1.'],
    [['engine-usage/empty-id'], 'Looks for the state of an empty id and does not find it.'],
    [['engine-help/no-command'], 'Asks for a command and ends with 1.'],
    [
      ['engine-help/lists-commands', 'engine-help/names-command'],
      'Its help starts with the usage and has another shape.',
    ],
    [['engine-help/of-events'], 'Has no events.'],
    [['engine-help/of-features'], 'Older than features.'],
    [['engine-help/short'], 'Has -? instead of -h.'],
    [
      ['engine-globals/relative-root'],
      'Takes a relative --root from the bundle, where it is when it writes the state.',
    ],
    [
      ['engine-globals/root-of-all-plain', 'engine-globals/root-of-all-dots'],
      'Takes the root directory as the place of the state.',
    ],
    [['engine-globals/log-format'], 'Refuses the format with `unknown log format type`.'],
    [['engine-globals/debug'], 'Records nothing more with --debug.'],
    [
      [
        'engine-globals/rootless-true',
        'engine-globals/rootless-false',
        'engine-globals/rootless-auto',
        'engine-globals/rootless-other',
      ],
      'Takes the value of --rootless as that of --root.',
    ],
    [
      ['engine-globals/versionversion', 'engine-globals/versionv'],
      'The line of the specification’s version is the fourth: before it is the state’s place.',
    ],
    [
      ['engine-logging/text', 'engine-logging/quoting', 'engine-logging/text-file'],
      'Text is the message alone, without time and level, and as it is.',
    ],
    [['engine-logging/json-order'], 'The message comes before the level.'],
    [['engine-logging/callers'], 'Names no function and no file with --debug.'],
    [
      [
        'engine-exit-codes/exec-missing-container',
        'engine-exit-codes/exec-stopped',
        'engine-exit-codes/exec-bad-user',
      ],
      'Older than exit status 255 of exec: ends with 1.',
    ],
    [['engine-exit-codes/late-run'], 'Ends with 1 when the kernel refuses the program.'],
    [
      [
        'engine-states/no-id-blank',
        'engine-states/no-id-colon',
        'engine-states/no-id-newline',
        'engine-states/no-id-umlaut',
      ],
      'Takes any id that can be the name of a directory.',
    ],
    [['engine-states/id-words'], 'Says that it cannot create the state directory.'],
    [
      ['engine-states/paused-created'],
      'Shows a container that is frozen before its start as created.',
    ],
    [['engine-states/missing'], 'Says that it cannot open the file of the status.'],
    [['engine-states/rootfs'], 'Shows the root file system as the configuration names it.'],
    [
      ['engine-states/layout'],
      'Indents by four blanks, escapes slashes, tells the owner and has a systemd-scope.',
    ],
    [['engine-list/table'], 'The head says NAME and BUNDLE PATH.'],
    [['engine-list/json'], 'The list has no ociVersion, rootfs and annotations.'],
    [['engine-list/missing-root'], 'Lists nothing where there is nothing.'],
    [['engine-list/bad-format'], 'Says `invalid format`.'],
    [['engine-create/relative-pid-file'], 'Takes a relative pid file from the bundle.'],
    [['engine-create/cgroup'], 'Joins the cgroup, whoever is in it.'],
    [['engine-foreground/own-signals'], 'Passes SIGWINCH to the container.'],
    [
      ['engine-foreground/resized', 'engine-foreground/exec-resized'],
      'Does not pass a new size of the terminal on.',
    ],
    [['engine-foreground/no-subreaper'], 'Takes --no-subreaper and adopts orphans all the same.'],
    [['engine-foreground/useless-console-socket'], 'Connects to the socket and fails for that.'],
    [['engine-foreground/no-console-socket'], 'Refuses it in words of its own.'],
    [
      [
        'engine-refusals/no-cwd',
        'engine-refusals/no-args',
        'engine-refusals/no-config',
        'engine-refusals/delete-paused',
        'engine-output/spec-words',
      ],
      'Says it in words of its own.',
    ],
    [['engine-refusals/relative-cwd'], 'Takes a relative working directory.'],
    [['engine-refusals/cgroup-in-use'], 'Joins the cgroup, whoever is in it.'],
    [['engine-refusals/cgroup-frozen'], 'Joins a cgroup that is frozen, and waits for ever.'],
    [
      ['engine-refusals/start-paused'],
      'Releases the process, which runs when the container goes on.',
    ],
    [['engine-refusals/delete-leftover'], 'Deletes what somebody left without a word.'],
    [['engine-output/list-head'], 'The head says NAME and BUNDLE PATH.'],
    [['engine-output/list-spoilt'], 'Lists nothing at all.'],
    [['engine-output/ps-stopped'], 'Crashes.'],
    [['engine-output/oom', 'engine-output/events-words'], 'Has no events.'],
    [['engine-run/kept'], 'Older than --keep.'],
    [['engine-run/no-subreaper-one'], 'One dash is for options of one letter alone.'],
    [
      [
        'engine-kill/name-lower-short',
        'engine-kill/name-lower-long',
        'engine-kill/name-mixed',
        'engine-kill/unknown-frob',
        'engine-kill/unknown-sig',
        'engine-kill/unknown-words',
      ],
      'Knows names in capitals alone; of any other it sends signal 0 and succeeds.',
    ],
    [['engine-kill/shared'], 'Kills other processes with --all alone.'],
    [
      ['engine-exec/base', 'engine-exec/env'],
      'Without a file, exec starts from an empty process and not from that of the bundle.',
    ],
    [['engine-exec/additional-gids'], 'exec has no option for groups.'],
    [['engine-exec/paused'], 'Refuses with exit status 1.'],
    [['engine-exec/ignore-paused'], 'Has no --ignore-paused.'],
    [['engine-exec/listen-fds'], 'Passes on the descriptors of a service manager.'],
    [
      [
        'engine-exec-process/caps',
        'engine-exec-process/ambient',
        'engine-exec-process/oom-score',
        'engine-exec-process/umask',
      ],
      'Without a file, exec starts from an empty process and not from that of the bundle.',
    ],
    [['engine-exec-process/groups', 'engine-exec-file/options'], 'exec has no option for groups.'],
    [
      ['engine-exec-process/bad-user', 'engine-exec-process/bad-group'],
      'Says `invalid USERSPEC specified`.',
    ],
    [['engine-exec-file/limits'], 'Ignores the OOM score of a process of exec.'],
    [['engine-exec-file/ignore-paused'], 'Has no --ignore-paused.'],
    [
      ['engine-exec-file/no-console-socket'],
      'With --detach and --tty but without a console socket it stays to pass the terminal on.',
    ],
    [
      ['engine-exec-file/useless-console-socket'],
      'Takes a console socket for a process without a terminal, and ignores it.',
    ],
    [
      ['engine-exec-cgroup/controllers', 'engine-exec-cgroup/outer', 'engine-exec-cgroup/unknown'],
      'With v1 the path of --cgroup does not matter.',
    ],
    [['engine-exec-cgroup/paused'], 'Says it in words of its own.'],
    [['engine-ps/stopped'], 'Crashes.'],
    [['engine-pause/refused'], 'Succeeds although nothing is there to be paused.'],
    [
      [
        'engine-update/memory-size-v1',
        'engine-update/memory-reservation-size-v1',
        'engine-update/memory-swap-v1',
        'engine-update/memory-and-swap-v1',
        'engine-update/memory-size-v2',
        'engine-update/memory-reservation-size-v2',
        'engine-update/memory-swap-v2',
        'engine-update/memory-and-swap-v2',
        'engine-update/second',
      ],
      'Takes sizes in bytes alone.',
    ],
    [
      ['engine-update/pids-unlimited-v1', 'engine-update/memory-unlimited'],
      'Writes -1 as it is, which the kernel refuses.',
    ],
    [['engine-update/cpu-burst-v1', 'engine-update/cpu-burst-v2'], 'Has no --cpu-burst.'],
    [['engine-update/cpu-idle-v1', 'engine-update/cpu-idle-v2'], 'Has no --cpu-idle.'],
    [
      ['engine-update/blkio-weight'],
      'Knows the file of an older kernel alone, which newer ones do not have.',
    ],
    [['engine-update/ignored-kernel-memory-tcp'], 'Sets the limit of TCP buffers.'],
    [['engine-update/check'], 'Does not check: the kernel refuses the limit.'],
    [['engine-update/stopped-words'], 'Succeeds although nothing is there to be limited.'],
    [['engine-update/devices'], 'Applies the rules of devices.'],
    [['engine-update/undone'], 'Leaves the limits that it has set before the one that failed.'],
    [['engine-update/stopped'], 'Succeeds although nothing is there to be limited.'],
    [['engine-update/bad'], 'Takes what is no number for 0 or leaves it out.'],
    [
      [
        'engine-events/stats',
        'engine-events/data',
        'engine-events/limits',
        'engine-events/interval',
        'engine-events/refused',
      ],
      'Has no events.',
    ],
    [['engine-spec/layout'], 'Indents by tabs and two blanks.'],
    [
      ['engine-spec/rootless'],
      'Has a user namespace without mappings, which it makes when it runs.',
    ],
    [
      ['engine-features/json', 'engine-features/keys', 'engine-features/engines'],
      'Older than features.',
    ],
    [['engine-pid-file/replaced'], 'Writes into a pid file that is there.'],
    [['engine-console/none-words'], 'Refuses it in words of its own.'],
    [['engine-console/useless'], 'Connects to the socket and fails for that.'],
    [
      ['engine-pidfd/create', 'engine-pidfd/run', 'engine-pidfd/exec'],
      'Has an annotation instead of --pidfd-socket.',
    ],
    [
      ['engine-descriptors/closed-both', 'engine-descriptors/closed-all'],
      'Fails when more than one of its standard streams is closed.',
    ],
    [['engine-descriptors/preserved-missing'], 'Passes on those that are open.'],
    [
      ['engine-descriptors/listen-fds', 'engine-descriptors/listen-and-preserved'],
      'Passes the descriptors on, but does not set LISTEN_FDS.',
    ],
    [
      ['engine-descriptors/listen-pid'],
      'Does not look at LISTEN_PID: passes on what was meant for another process.',
    ],
    [
      ['engine-notify/run', 'engine-notify/start', 'engine-notify/barrier'],
      'Sends the barrier after READY=1, and no MAINPID.',
    ],
    [
      ['engine-notify/own-socket'],
      'The container’s socket has the path of the manager’s, with /notify after it.',
    ],
    [['engine-hooks/state'], 'The status that createRuntime hooks are told is created.'],
    [['engine-hooks/failure'], 'Tells the exit code in words of its own.'],
    [
      [
        'engine-texts/missing-state',
        'engine-texts/missing-start',
        'engine-texts/missing-kill',
        'engine-texts/missing-delete',
        'engine-texts/missing-pause',
        'engine-texts/missing-resume',
        'engine-texts/missing-update',
        'engine-texts/missing-exec',
        'engine-texts/ordinary',
      ],
      'Says that the file of the status cannot be opened: No such file or directory.',
    ],
    [
      [
        'engine-hook-calls/early-exec',
        'engine-hook-calls/early-ps',
        'engine-hook-calls/early-pause',
        'engine-hook-calls/early-resume',
        'engine-hook-calls/early-update',
      ],
      'Says that the file of the status cannot be opened: No such file or directory.',
    ],
    [['engine-hook-calls/early-events'], 'Has no events.'],
    [['engine-texts/not-running'], 'Says `No such process`.'],
    [
      [
        'engine-texts/create-in-path',
        'engine-texts/exec-in-path',
        'engine-texts/create-at-path',
        'engine-texts/exec-at-path',
      ],
      'Says ``executable file `X` not found in $PATH: No such file or directory``.',
    ],
    [
      [
        'engine-texts/create-directory',
        'engine-texts/exec-directory',
        'engine-texts/create-file',
        'engine-texts/exec-file',
      ],
      'Says `open executable: Permission denied`, of a directory `Operation not permitted`.',
    ],
    [
      [
        'engine-texts/not-stopped',
        'engine-texts/starts',
        'engine-texts/execs',
        'engine-texts/pauses',
      ],
      'Says it in words of its own.',
    ],
    [
      [
        'engine-values/switch-on',
        'engine-values/switch-off',
        'engine-values/bad-switch',
        'engine-values/bad-empty-switch',
      ],
      'A switch takes no value: --quiet=true is refused, with 64.',
    ],
    [
      ['engine-values/bad-number'],
      'Takes a number of descriptors that is none, and looks for the configuration.',
    ],
    [
      ['engine-values/exec-unknown-option', 'engine-values/exec-without-value'],
      'Ends with 64 for options.',
    ],
    [['engine-values/global-one-dash'], 'One dash is for options of one letter alone.'],
    [
      ['engine-values/mixed-values'],
      'Options after the id are refused as arguments that are too many.',
    ],
    [
      ['engine-values/empty-id-create', 'engine-values/empty-id-run'],
      'Takes an empty id for a container that exists.',
    ],
    [
      ['engine-values/empty-id-ps', 'engine-values/empty-id-exec'],
      'Looks for the state of an empty id and does not find it.',
    ],
    [
      [
        'engine-values/empty-id-events',
        'engine-printed/events-keys',
        'engine-printed/events-cpuset',
      ],
      'Has no events.',
    ],
    [
      ['engine-roots/of-root'],
      'The state of root is below XDG_RUNTIME_DIR if there is one, where nobody else finds it.',
    ],
    [['engine-records/time'], 'Text is the message alone, without the time.'],
    [['engine-records/relative-file'], 'Takes a relative log file from the bundle.'],
    [['engine-records/callers-text'], 'Names no function and no file with --debug.'],
    [
      ['engine-records/prefix-create', 'engine-records/prefix-run', 'engine-records/prefix-exec'],
      'Says what has failed alone, and not which command.',
    ],
    [['engine-ids/hidden'], 'Gives the id to a keyring, which may not start with a dot.'],
    [
      ['engine-ids/climbing', 'engine-ids/climbing-delete'],
      'Takes the id for a path: delete --force removes directories outside of the place of the state.',
    ],
    [['engine-ids/leftover-words'], 'Says that it cannot open the file of the status.'],
    [['engine-ids/exec-current'], 'exec starts from the environment that create has read.'],
    [
      [
        'engine-printed/features-layout',
        'engine-printed/features-kernel',
        'engine-printed/features-checkpoint',
      ],
      'Older than features.',
    ],
    [
      ['engine-printed/spec-process'],
      'The template has ambient and inheritable capabilities as well.',
    ],
    [['engine-printed/spec-rootless-sys'], 'Mounts a sysfs of its own, also without privileges.'],
    [
      ['engine-printed/list-columns'],
      'The head says NAME and BUNDLE PATH, and columns are narrow.',
    ],
    [['engine-printed/list-json'], 'The list is indented by four blanks.'],
    [
      [
        'engine-terminals/run-without-socket',
        'engine-terminals/exec-without-socket',
        'engine-terminals/exec-without-terminal',
      ],
      'create refuses it in words of its own; exec fails with 1 where it needs a terminal and takes a socket for nothing.',
    ],
    [
      ['engine-handing-over/pid-file-mode'],
      'Makes a pid file that may be executed, and none else may read.',
    ],
    [['engine-handing-over/preserved-words'], 'Passes on those that are open.'],
    [['engine-handing-over/notify-mount'], 'The container’s socket is at another place.'],
    [
      ['engine-hook-places/words-createRuntime'],
      'Names the program of the hook and its exit code.',
    ],
    [['engine-hook-places/words-poststart'], 'start succeeds although the hook fails.'],
    [['engine-edges/memory'], 'Says `OOM: the memory limit could be too low`.'],
    [['engine-edges/seccomp-agent'], 'Says `open seccomp receiver`.'],
    [
      ['engine-edges/usage-option', 'engine-edges/usage-count', 'engine-edges/usage-command'],
      'Opens the log only when the command line is right.',
    ],
    [
      ['engine-edges/notify-user'],
      'Others than root may not write to the socket: the manager hears nothing.',
    ],
    [
      ['engine-edges/rootless-strict'],
      'Takes the value of --rootless as that of --root, and forgives always.',
    ],
    [['engine-start/paused'], 'Releases the process, which runs when the container goes on.'],
    [['engine-console/foreground'], 'Does not pass the size of the terminal on.'],
    [
      ['engine-every-state/state-paused-created', 'engine-every-state/pause-created'],
      'Shows a container that is frozen before its start as created.',
    ],
    [
      ['engine-every-state/start-paused-created'],
      'Releases the process, which runs when the container goes on.',
    ],
    [
      ['engine-every-state/delete-paused-created'],
      'Takes a container that is frozen before its start for one that waits for it, and deletes it.',
    ],
    [
      ['engine-every-state/resume-created', 'engine-every-state/resume-running'],
      'Succeeds although nothing is paused.',
    ],
    [
      ['engine-every-state/update-stopped', 'engine-every-state/update-killed'],
      'Succeeds although nothing is there to be limited.',
    ],
    [['engine-every-state/ps-stopped', 'engine-every-state/ps-killed'], 'Crashes.'],
    [['engine-every-state/events-running'], 'Has no events.'],
  ]),
  ...reasons({ versions: ['1.8'], whose: 'runtime', when: { cgroups: ['v1', 'hybrid'] } }, [
    [
      [
        'engine-kill/paused',
        'engine-every-state/kill-paused',
        'engine-every-state/kill-paused-created',
      ],
      'Does not thaw what it kills: the container stays frozen, and alive.',
    ],
    [
      [
        'engine-exec/sub-cgroup',
        'engine-exec/outer-cgroup',
        'engine-exec-cgroup/file',
        'engine-output/ps-below',
      ],
      'With v1 the path of --cgroup does not matter.',
    ],
  ]),
  ...reasons({ versions: ['1.8'], whose: 'runtime', when: { cgroups: ['v2'] } }, [
    [['engine-update/ignored-kernel-memory'], 'Refuses it with cgroup v2.'],
  ]),
];
