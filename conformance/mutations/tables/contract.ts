/** What engines rely on at the edges: command lines, places, ids, environments. */
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  existsSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { processState } from '../../lib/machine.js';
import { notRoot, root } from '../../runner/host.js';
import type { Call } from '../call.js';
import { afterwards, answers, complains, instead, on } from '../how.js';
import type { How, Row } from '../mutation.js';
import { idOf, known } from './container.js';

/** Whatever the command: other words, if these are some that matter. */
const reworded = (words: (call: Call) => readonly string[] | undefined): How => ({
  act: (call) => {
    const other = words(call);
    if (other === undefined) return call.pass();
    call.note('broken');
    return call.pass(other);
  },
});

const replaced = (from: string, to: string): How =>
  reworded(({ words }) =>
    words.includes(from) ? words.map((word) => (word === from ? to : word)) : undefined,
  );

const fails = (isSo: (call: Call) => boolean): How => ({
  act: async (call) => {
    if (!isSo(call)) return call.pass();
    call.note('broken');
    return 1;
  },
});

/** Without the environment of whoever has called. */
const clean = (verb: string): How =>
  on(verb, (call) => {
    call.note('broken');
    return call.pass(call.words, { env: { PATH: process.env.PATH } });
  });

const runtimeDir = (): string | undefined => process.env.XDG_RUNTIME_DIR;
const hasRoot = ({ arguments: { option } }: Call): boolean => option('root') !== undefined;

const kept = (bundle: string): string => `${bundle}.kept`;

/** What was in the bundle at `create` is there for `exec` again. */
async function asBefore(call: Call): Promise<number> {
  const { bundle } = await known(call).catch(() => ({ bundle: '' }));
  const file = join(bundle, 'config.json');
  if (!existsSync(kept(bundle)) || !existsSync(file)) return call.pass();
  const now = readFileSync(file);
  if (now.equals(readFileSync(kept(bundle)))) return call.pass();
  call.note('broken');
  copyFileSync(kept(bundle), file);
  return call.pass().finally(() => writeFileSync(file, now));
}

export const contract: readonly Row[] = [
  [
    'exec-usage-255',
    'ends exec with 255 when the command line is wrong',
    'command-line/exec-usage',
    on('exec', async (call) => {
      const status = await call.pass();
      if (call.arguments.operands.length > 0) return status;
      call.note('broken');
      return 255;
    }),
  ],
  [
    'capital-switch',
    'takes TRUE for false',
    'command-line/booleans',
    replaced('--quiet=TRUE', '--quiet=false'),
  ],
  [
    'any-switch',
    'takes any word after the equals sign of a switch for true',
    'command-line/bad-values',
    replaced('--quiet=maybe', '--quiet=true'),
  ],
  ['any-number', 'takes any word for a number', 'command-line/bad-values', replaced('three', '0')],
  [
    'no-global-dash',
    'takes global options with two dashes alone',
    'command-line/one-dash',
    fails(({ arguments: { globals } }) => globals.some((word) => /^-\w\w/.test(word))),
  ],
  [
    'help-of-help',
    'shows help in place of a container that is called help',
    'states/any-word',
    on('state', (call) => {
      if (idOf(call) !== 'help') return call.pass();
      call.note('broken');
      return call.pass(['state', '--help']);
    }),
  ],
  [
    'no-hidden-id',
    'refuses ids that start with a dot',
    'states/any-word',
    fails((call) => call.arguments.verb === 'create' && idOf(call).startsWith('.')),
  ],
  [
    'no-dash-id',
    'takes a dash alone for an option',
    'command-line/lone-dash',
    fails(({ words }) => words.at(-1) === '-'),
  ],
  [
    'delete-climbs',
    'deletes what an id leads to outside of the place of the state',
    'states/no-paths',
    on('delete', async (call) => {
      const status = await call.pass();
      const place = call.arguments.option('root');
      if (place === undefined || !/^\.\.\/\w+$/.test(idOf(call))) return status;
      call.note('broken');
      rmSync(join(place, idOf(call)), { recursive: true, force: true });
      return status;
    }),
  ],
  [
    'exec-of-then',
    'executes after the configuration that the bundle had at create',
    'states/bundle-exec',
    {
      act: (call) => {
        const { verb } = call.arguments;
        if (verb === 'create' && existsSync(call.configFile))
          copyFileSync(call.configFile, kept(call.bundle));
        return verb === 'exec' ? asBefore(call) : call.pass();
      },
    },
  ],
  [
    'zombie-runs',
    'calls a container running whose process has ended and was not reaped',
    'states/zombie',
    answers('state', (state) => {
      const file = join(String(state.bundle), 'pid');
      const pid = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
      return processState(pid) === 'Z' ? { ...state, status: 'running', pid } : state;
    }),
  ],
  [
    'root-in-runtime-dir',
    'keeps the state of root below XDG_RUNTIME_DIR',
    'command-line/root-of-root',
    reworded((call) =>
      runtimeDir() === undefined || hasRoot(call)
        ? undefined
        : ['--root', `${runtimeDir()}/mutant`, ...call.words],
    ),
    root,
  ],
  [
    'namespace-root-elsewhere',
    'has no place below XDG_RUNTIME_DIR for root of a user namespace',
    'command-line/root-of-namespace',
    reworded((call) =>
      runtimeDir() === undefined || hasRoot(call)
        ? undefined
        : ['--root', `${runtimeDir()}/../mutant`, ...call.words],
    ),
    notRoot,
  ],
  [
    'cgroup-of-any-manager',
    'makes cgroups also when --cgroup-manager is disabled',
    'command-line/cgroup-manager',
    replaced('disabled', 'cgroupfs'),
    root,
  ],
  [
    'log-in-bundle',
    'takes a relative log file from the bundle',
    'logging/relative-file',
    reworded((call) => {
      const file = call.arguments.option('log');
      if (file === undefined || file.startsWith('/')) return undefined;
      return call.words.map((word) => (word === file ? join(call.bundle, file) : word));
    }),
  ],
  [
    'no-log-of-usage',
    'does not log that a command line is wrong',
    'logging/usage',
    reworded(({ words, arguments: { option } }) =>
      words.includes('--bogus') || words.includes('froodle')
        ? words.filter((word) => word !== '--log' && word !== option('log'))
        : undefined,
    ),
  ],
  [
    'chatty-log',
    'logs what it has done',
    'logging/quiet-log',
    afterwards('start', (call) => {
      const file = call.arguments.option('log');
      const record = { level: 'info', msg: 'started', time: new Date().toISOString() };
      if (file !== undefined) appendFileSync(file, `${JSON.stringify(record)}\n`);
    }),
  ],
  [
    'always-forgiving',
    'forgives whoever may not make a cgroup, whatever --rootless says',
    'command-line/rootless-strict',
    replaced('--rootless=false', '--rootless=auto'),
    notRoot,
  ],
  [
    'never-forgiving',
    'forgives nobody who may not make a cgroup',
    'command-line/rootless-strict',
    replaced('--rootless=auto', '--rootless=false'),
    notRoot,
  ],
  [
    'record-of-1970',
    'writes another time into its records',
    'logging/time',
    complains('state', (text) => text.replace(/\d{4}-(?=\d\d-\d\dT)/g, '1970-')),
  ],
  [
    'exec-without-prefix',
    'does not say that it was exec that failed',
    'logging/prefixes',
    complains('exec', (text) => text.replace(/exec failed: /, '')),
  ],
  [
    'text-without-callers',
    'does not tell where records of text come from',
    'logging/callers',
    complains('state', (text) => text.replace(/ func=\S+| file=\S+/g, '')),
  ],
  [
    'environment-into-exec',
    'passes a variable of its own environment on to exec',
    'command-line/environment',
    instead('exec', (rest) => {
      const { SECRET } = process.env;
      return SECRET === undefined ? rest : ['--env', `SECRET=${SECRET}`, ...rest];
    }),
  ],
  [
    'clean-hooks',
    'runs hooks of create without its own environment',
    'protocols/hook-inherits',
    clean('create'),
  ],
  [
    'clean-late-hooks',
    'runs hooks of delete without its own environment',
    'protocols/hook-inherits',
    clean('delete'),
  ],
  [
    'private-pid-file',
    'makes a pid file that nobody else may read',
    'protocols/pid-file-mode',
    afterwards('create', (call) => {
      const file = call.arguments.option('pid-file');
      if (file !== undefined && existsSync(file)) chmodSync(file, 0o600);
    }),
  ],
  [
    'pid-file-beside',
    'leaves another file beside the pid file',
    'protocols/pid-file-mode',
    afterwards('create', (call) => {
      const file = call.arguments.option('pid-file');
      if (file !== undefined && existsSync(file)) writeFileSync(`${file}.new`, '');
    }),
  ],
  [
    'run-without-pid-file',
    'writes no pid file in the foreground',
    'handing-over/pid-file-run',
    on('run', (call) => {
      const file = call.arguments.option('pid-file');
      if (call.words.some((word) => /^(--detach|-d)$/.test(word))) return call.pass();
      call.note('broken');
      return call.pass(call.words.filter((word) => word !== file && word !== '--pid-file'));
    }),
  ],
];
