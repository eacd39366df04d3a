import { reasons } from './reasons.js';

/** What differs from runc’s command line. */
export const crunContract = [
  ...reasons({ versions: ['1.8'], whose: 'runtime', when: { isRoot: false } }, [
    [['engine-globals/rootless-root'], 'The directory of the state has no sticky bit.'],
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
  ]),
];
