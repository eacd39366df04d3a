/** The filter of system calls. */
import { changed, filtered, ignored } from '../how.js';
import type { Row } from '../mutation.js';

interface Rule {
  readonly names: readonly string[];
  readonly action: string;
  readonly errnoRet?: number;
}

/** Not of rules that have to be refused for their error. */
const failing = (action: RegExp) =>
  changed<readonly Rule[]>('linux.seccomp.syscalls', (rules) =>
    rules.map((rule) =>
      action.test(rule.action) && rule.errnoRet === undefined
        ? { ...rule, action: 'SCMP_ACT_ERRNO' }
        : rule,
    ),
  );

export const seccomp: readonly Row[] = [
  ['no-seccomp', 'filters no system call', 'seccomp', ignored('linux.seccomp')],
  [
    'no-seccomp-errno',
    'ignores the error that a rule names',
    'seccomp',
    ignored('linux.seccomp.syscalls[].errnoRet'),
  ],
  [
    'no-seccomp-default-errno',
    'ignores the error that the filter names',
    'seccomp',
    ignored('linux.seccomp.defaultErrnoRet'),
  ],
  [
    'no-seccomp-arguments',
    'ignores the arguments that a rule compares',
    'seccomp',
    ignored('linux.seccomp.syscalls[].args'),
  ],
  [
    'no-second-seccomp-argument',
    'compares the first argument of a rule only',
    'seccomp',
    changed<unknown[]>('linux.seccomp.syscalls[].args', (args) => args.slice(0, 1)),
  ],
  [
    'no-masked-comparison',
    'takes a masked comparison for one of equality',
    'seccomp',
    changed('linux.seccomp.syscalls[].args[].op', (op) =>
      op === 'SCMP_CMP_MASKED_EQ' ? 'SCMP_CMP_EQ' : op,
    ),
  ],
  [
    'seccomp-allows',
    'allows what the filter does not name',
    'seccomp',
    changed('linux.seccomp.defaultAction', () => 'SCMP_ACT_ALLOW'),
  ],
  [
    'no-last-seccomp-name',
    'applies a rule to all but its last system call',
    'seccomp',
    changed<string[]>('linux.seccomp.syscalls[].names', (names) =>
      names.length > 1 ? names.slice(0, -1) : names,
    ),
  ],
  [
    'seccomp-returns',
    'lets a call fail for which the process should die',
    'seccomp',
    failing(/^SCMP_ACT_KILL/),
  ],
  [
    'no-seccomp-log',
    'refuses calls that should only be logged',
    'seccomp',
    failing(/^SCMP_ACT_LOG$/),
  ],
  [
    'no-notify',
    'never tells the listener of a filter',
    'seccomp the-container-process-state',
    filtered<Rule>('linux.seccomp.syscalls', ({ action }) => action !== 'SCMP_ACT_NOTIFY'),
  ],
  [
    'no-notify-metadata',
    'does not tell the listener what it is told to',
    'seccomp the-container-process-state',
    changed<Record<string, unknown>>('linux.seccomp', ({ listenerMetadata, ...filter }) =>
      filter.listenerPath === undefined ? { ...filter, listenerMetadata } : filter,
    ),
  ],
];
