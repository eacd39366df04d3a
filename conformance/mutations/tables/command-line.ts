/** What engines rely on beyond the specification. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Call } from '../call.js';
import { afterwards, answers, instead, on, says } from '../how.js';
import type { Row } from '../mutation.js';

const another = (verb: string, from: (status: number) => boolean, to: number) =>
  on(verb, async (call) => {
    const status = await call.pass();
    if (!from(status)) return status;
    call.note('broken');
    return to;
  });

const isFailure = (status: number) => status !== 0;

/** Changes a file that an option names, if the call has made it. */
const rewritten = (
  option: string,
  change: (text: string) => string | undefined,
  verbs?: string[],
) => ({
  act: async (call: Call) => {
    const status = await call.pass();
    const path = call.arguments.option(option);
    if (path === undefined || !existsSync(path)) return status;
    if (verbs && !verbs.includes(call.arguments.verb)) return status;
    const [before, after] = [readFileSync(path, 'utf8'), change(readFileSync(path, 'utf8'))];
    if (after === before) return status;
    call.note('broken');
    if (after === undefined) rmSync(path);
    else writeFileSync(path, after);
    return status;
  },
});

/** Options and their values taken out of the words after a command. */
const without = (words: readonly string[], option: RegExp, isValued: boolean): readonly string[] =>
  words.filter(
    (word, index) => !option.test(word) && !(isValued && option.test(words[index - 1] ?? '')),
  );

const deaf = (verb: string, name: string, short: string, isValued: boolean): Row => [
  `${verb}-without-${name}`,
  `ignores --${name} of ${verb}`,
  `${verb} ${name}`,
  instead(verb, (rest) => without(rest, new RegExp(`^(--${name}(=.*)?|-${short})$`), isValued)),
];

const idle = (verb: string): Row => [
  `idle-${verb}`,
  `does nothing at ${verb}`,
  verb,
  on(verb, async (call) => {
    call.note('broken');
    return 0;
  }),
];

const noise = (verb: string): Row => [
  `noisy-${verb}`,
  `writes to the standard output of ${verb}`,
  `stdout ${verb}`,
  afterwards(verb, () => process.stdout.write('done\n')),
];

const silent = {
  act: async (call: Call) => {
    const status = await call.pass(call.words, { stderr: 'ignore' });
    if (status !== 0) call.note('broken');
    return status;
  },
};

const lines =
  (change: (record: Record<string, unknown>) => Record<string, unknown>) => (text: string) => {
    try {
      const all = text.trimEnd().split('\n');
      return all.map((line) => `${JSON.stringify(change(JSON.parse(line)))}\n`).join('');
    } catch {
      return text;
    }
  };

export const commandLine: readonly Row[] = [
  ['silent', 'says nothing when it fails', 'error log stderr', silent],
  ['no-log', 'writes nothing to its log', 'log', rewritten('log', () => '')],
  [
    'log-of-another-level',
    'logs errors as warnings',
    'log',
    rewritten('log', (text) => text.replaceAll('error', 'warning')),
  ],
  [
    'log-without-time',
    'logs no time',
    'log',
    rewritten(
      'log',
      lines(({ time: _, ...record }) => record),
    ),
  ],
  [
    'log-of-message',
    'calls the message of a record by another name',
    'log',
    rewritten(
      'log',
      lines(({ msg, ...record }) => ({ ...record, message: msg })),
    ),
  ],
  [
    'pid-with-newline',
    'ends the pid file with a newline',
    'pid-file pidfile',
    rewritten('pid-file', (text) => `${text}\n`),
  ],
  [
    'no-exec-pid',
    'writes no pid file of exec',
    'pid-file pidfile exec',
    rewritten('pid-file', () => undefined, ['exec']),
  ],
  [
    'exec-fails-with-1',
    'ends a failed exec with status 1',
    'exec',
    another('exec', (status) => status === 255, 1),
  ],
  ['exec-never-fails', 'loses the exit status of exec', 'exec', another('exec', isFailure, 0)],
  ['run-never-fails', 'loses the exit status of run', 'run', another('run', isFailure, 0)],
  [
    'unknown-command-1',
    'ends with status 1 after an unknown command',
    'unknown command',
    {
      act: async (call) => {
        const status = await call.pass();
        if (status !== 3) return status;
        call.note('broken');
        return 1;
      },
    },
  ],
  [
    'start-fails-with-2',
    'ends a failed start with status 2',
    'start exit',
    another('start', isFailure, 2),
  ],
  ...['create', 'start', 'kill', 'delete'].map(noise),
  deaf('exec', 'cwd', '-', true),
  deaf('exec', 'env', 'e', true),
  deaf('exec', 'user', 'u', true),
  deaf('exec', 'additional-gids', 'g', true),
  deaf('exec', 'cap', 'c', true),
  deaf('exec', 'no-new-privs', '-', false),
  deaf('exec', 'preserve-fds', '-', true),
  deaf('exec', 'detach', 'd', false),
  deaf('create', 'preserve-fds', '-', true),
  deaf('create', 'no-new-keyring', '-', false),
  deaf('run', 'detach', 'd', false),
  deaf('run', 'keep', '-', false),
  deaf('kill', 'all', 'a', false),
  deaf('delete', 'force', 'f', false),
  deaf('list', 'quiet', 'q', false),
  deaf('list', 'format', 'f', true),
  deaf('ps', 'format', 'f', true),
  deaf('update', 'resources', 'r', true),
  idle('pause'),
  idle('resume'),
  idle('update'),
  [
    'empty-list',
    'lists no container',
    'list',
    says('list', (text) => (text.startsWith('[') ? '[]' : '')),
  ],
  ['empty-ps', 'lists no process', 'ps', says('ps', (text) => (text.startsWith('[') ? '[]' : ''))],
  [
    'state-without-owner',
    'does not tell the owner',
    'state',
    answers('state', ({ owner: _, ...state }) => state),
  ],
  [
    'state-without-created',
    'does not tell when a container was created',
    'state',
    answers('state', ({ created: _, ...state }) => state),
  ],
  [
    'state-without-rootfs',
    'does not tell the root',
    'state',
    answers('state', ({ rootfs: _, ...state }) => state),
  ],
  [
    'version-without-spec',
    'does not tell which specification it follows',
    'version',
    {
      act: async (call) => {
        if (!call.words.some((word) => /^(--version|-v)$/.test(word))) return call.pass();
        const { status, stdout } = await call.run(call.words, { stdout: 'pipe' });
        call.note('broken');
        process.stdout.write(stdout.replace(/^spec:.*\n/m, ''));
        return status;
      },
    },
  ],
  [
    'delete-of-nobody',
    'fails to delete by force what does not exist',
    'delete',
    on('delete', async (call) => {
      const [id = ''] = call.arguments.operands;
      if (!call.words.some((word) => /^(--force|-f)$/.test(word))) return call.pass();
      if ((await call.aside('state', id)).status === 0) return call.pass();
      call.note('broken');
      return 1;
    }),
  ],
  [
    'create-pid-file-of-1',
    'writes another pid to the pid file',
    'pid-file pidfile',
    rewritten('pid-file', () => '1', ['create']),
  ],
  [
    'no-pid-file',
    'writes no pid file',
    'pid-file pidfile',
    afterwards('create', (call) =>
      rmSync(call.arguments.option('pid-file') ?? '/nowhere', { force: true }),
    ),
  ],
];
