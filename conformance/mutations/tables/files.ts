/** Files that engines read: the log and the pid file. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Call } from '../call.js';
import { afterwards } from '../how.js';
import type { Row } from '../mutation.js';

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

const lines =
  (change: (record: Record<string, unknown>) => Record<string, unknown>) => (text: string) => {
    try {
      const all = text.trimEnd().split('\n');
      return all.map((line) => `${JSON.stringify(change(JSON.parse(line)))}\n`).join('');
    } catch {
      return text;
    }
  };

export const files: readonly Row[] = [
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
    'pid-file create',
    rewritten('pid-file', (text) => `${text}\n`),
  ],
  [
    'no-exec-pid',
    'writes no pid file of exec',
    'pid-file exec',
    rewritten('pid-file', () => undefined, ['exec']),
  ],
  [
    'create-pid-file-of-1',
    'writes another pid to the pid file',
    'pid-file create',
    rewritten('pid-file', () => '1', ['create']),
  ],
  [
    'no-pid-file',
    'writes no pid file',
    'pid-file create',
    afterwards('create', (call) =>
      rmSync(call.arguments.option('pid-file') ?? '/nowhere', { force: true }),
    ),
  ],
];
