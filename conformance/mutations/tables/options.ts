/** Options of commands that a runtime takes and does not follow. */
import { instead } from '../how.js';
import type { Row } from '../mutation.js';

/** Options and their values taken out of the words after a command. */
const without = (words: readonly string[], option: RegExp, isValued: boolean): readonly string[] =>
  words.filter(
    (word, index) =>
      !option.test(word) &&
      !(isValued && option.test(words[index - 1] ?? '') && !words[index - 1]?.includes('=')),
  );

const deaf = (verb: string, name: string, short: string, isValued: boolean): Row => [
  `${verb}-without-${name}`,
  `ignores --${name} of ${verb}`,
  `${name === 'preserve-fds' ? 'descriptors ' : ''}${verb}/${name} ${verb}`,
  instead(verb, (rest) => without(rest, new RegExp(`^(--${name}(=.*)?|-${short})$`), isValued)),
];

const limits = [
  ...['blkio-weight', 'cpu-period', 'cpu-quota', 'cpu-burst', 'cpu-share', 'cpu-rt-runtime'],
  ...['cpu-idle', 'cpuset-cpus', 'memory', 'memory-reservation', 'memory-swap', 'pids-limit'],
];

export const options: readonly Row[] = [
  deaf('exec', 'cwd', '-', true),
  deaf('exec', 'env', 'e', true),
  deaf('exec', 'user', 'u', true),
  deaf('exec', 'additional-gids', 'g', true),
  deaf('exec', 'cap', 'c', true),
  deaf('exec', 'no-new-privs', '-', false),
  deaf('exec', 'preserve-fds', '-', true),
  deaf('exec', 'cgroup', '-', true),
  deaf('exec', 'ignore-paused', '-', false),
  deaf('exec', 'pid-file', '-', true),
  deaf('exec', 'tty', 't', false),
  deaf('exec', 'detach', 'd', false),
  deaf('create', 'preserve-fds', '-', true),
  deaf('create', 'no-new-keyring', '-', false),
  deaf('run', 'detach', 'd', false),
  deaf('run', 'keep', '-', false),
  deaf('run', 'no-subreaper', '-', false),
  deaf('run', 'preserve-fds', '-', true),
  deaf('run', 'no-new-keyring', '-', false),
  [
    'run-without-subreaper',
    'never adopts the orphans of a container in the foreground',
    'commands/run-subreaper',
    instead('run', (rest) => ['--no-subreaper', ...rest]),
  ],
  deaf('kill', 'all', 'a', false),
  deaf('delete', 'force', 'f', false),
  deaf('list', 'quiet', 'q', false),
  deaf('list', 'format', 'f', true),
  deaf('ps', 'format', 'f', true),
  deaf('update', 'resources', 'r', true),
  ...limits.map((name) => deaf('update', name, '-', true)),
];
