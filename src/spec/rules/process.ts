import { each, fine, isAbsolute, type Rule, repeated, wrong } from './rule.js';

const section = 'config.md#process';
const rlimitSection = 'config.md#posix-process';

const processIsThere: Rule = ({ process }) =>
  process !== undefined
    ? fine
    : wrong('/process', process, 'an object', section, 'process property must not be empty');

const cwd: Rule = ({ process }) => {
  if (process === undefined || isAbsolute(process.cwd)) return fine;
  const empty = process.cwd === '';
  const says = empty ? 'Cwd property must not be empty' : 'Cwd must be an absolute path';
  return wrong('/process/cwd', process.cwd, 'an absolute path', section, says);
};

const args: Rule = ({ process }) =>
  process === undefined || (process.args ?? []).length > 0
    ? fine
    : wrong('/process/args', process.args, 'a program', section, 'args must not be empty');

/** environ(7): a name is not empty and holds no equals sign. */
const env: Rule = ({ process }) =>
  each(process?.env, (variable, i) =>
    variable.indexOf('=') > 0 ? fine : wrong(`/process/env/${i}`, variable, 'NAME=VALUE', section),
  );

const rlimitsOnce: Rule = ({ process }) =>
  repeated(
    process?.rlimits,
    ({ type }) => type,
    ({ type }, i) =>
      wrong(`/process/rlimits/${i}/type`, type, 'each type at most once', rlimitSection),
  );

/** setrlimit(2): EINVAL when the soft limit is above the hard one. */
const rlimitOrder: Rule = ({ process }) =>
  each(process?.rlimits, ({ soft, hard }, i) =>
    soft <= hard
      ? fine
      : wrong(`/process/rlimits/${i}/soft`, soft, `at most the hard limit, ${hard}`, rlimitSection),
  );

/** umask(2) uses the nine permission bits. */
const umask: Rule = ({ process }) =>
  (process?.user?.umask ?? 0) <= 0o777
    ? fine
    : wrong(
        '/process/user/umask',
        process?.user?.umask,
        '0 to 511',
        'config.md#posix-platform-user',
      );

/** ioctl_tty(2), TIOCSWINSZ: struct winsize has 16 bits for each. */
const consoleSize: Rule = ({ process }) =>
  process?.terminal !== true
    ? fine
    : (['height', 'width'] as const).flatMap((side) => {
        const found = process.consoleSize?.[side] ?? 0;
        const at = `/process/consoleSize/${side}`;
        return found <= 0xffff ? fine : wrong(at, found, '0 to 65535', section);
      });

export const processRules: readonly Rule[] = [
  consoleSize,
  processIsThere,
  cwd,
  args,
  env,
  rlimitsOnce,
  rlimitOrder,
  umask,
];
