/** What may be wrong with the process of exec. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CapabilitySet, Process } from '../../lib/config.js';
import type { Call } from '../call.js';
import { instead, on } from '../how.js';
import type { How, Row } from '../mutation.js';

/** A file in which exec finds its process, and the process in what it holds. */
interface Place {
  readonly path: string;
  readonly processIn: (document: Record<string, unknown>) => Process | undefined;
}

async function placeOf(call: Call): Promise<Place | undefined> {
  const path = call.arguments.option('process', 'p');
  if (path !== undefined) return { path, processIn: (document) => document as unknown as Process };
  const [id = ''] = call.arguments.operands;
  const { status, stdout } = await call.aside('state', id);
  if (status !== 0) return undefined;
  return {
    path: join(JSON.parse(stdout).bundle, 'config.json'),
    processIn: ({ process }) => process as Process,
  };
}

function changedIn(
  { path, processIn }: Place,
  change: (process: Process, call: Call) => void,
  call: Call,
) {
  const before = readFileSync(path, 'utf8');
  const document = JSON.parse(before);
  const process = processIn(document);
  if (process !== undefined) change(process, call);
  return { before, after: JSON.stringify(document) };
}

/** Another process than the one that the file or the bundle describes. */
const described = (change: (process: Process, call: Call) => void): How =>
  on('exec', async (call) => {
    const place = await placeOf(call);
    if (place === undefined) return call.pass();
    const { before, after } = changedIn(place, change, call);
    if (after === JSON.stringify(JSON.parse(before))) return call.pass();
    call.note('broken');
    writeFileSync(place.path, after);
    const status = await call.pass();
    writeFileSync(place.path, before);
    return status;
  });

const without = (...names: readonly (keyof Process)[]): How =>
  described((process) => {
    for (const name of names) delete process[name];
  });

const withoutSet = (name: CapabilitySet): Row => [
  `exec-without-${name}`,
  `gives a process of exec no ${name} capabilities`,
  'engine-exec',
  described((process) => {
    delete process.capabilities?.[name];
  }),
];

/** Words of exec, of which some only count when there is no file. */
const alone = (words: readonly string[]): readonly string[] => {
  const at = words.findIndex((word) => /^(--process|-p)$/.test(word));
  const file = words[at + 1];
  return at < 0 || file === undefined ? words : ['--process', file, words.at(-1) ?? ''];
};

export const exec: readonly Row[] = [
  [
    'exec-file-alone',
    'ignores all other options of exec when there is a file',
    'commands/exec-process-with',
    instead('exec', alone),
  ],
  [
    'exec-file-under-options',
    'takes options of exec over what a file says',
    'commands/exec-process',
    described((process, call) => {
      if (call.arguments.option('process', 'p') === undefined) return;
      if (call.words.includes('--no-new-privs')) process.noNewPrivileges = true;
    }),
  ],
  [
    'exec-without-oom-score',
    'ignores the OOM score of a process of exec',
    'commands/exec-inherited',
    without('oomScoreAdj'),
  ],
  [
    'exec-without-rlimits',
    'ignores the limits of a process of exec',
    'commands/exec-process commands/exec-options',
    without('rlimits'),
  ],
  [
    'exec-without-umask',
    'ignores the umask of a process of exec',
    'commands/exec-inherited commands/exec-process',
    described(({ user }) => {
      delete user?.umask;
    }),
  ],
  [
    'exec-without-groups',
    'ignores the additional groups of a process of exec',
    'commands/exec-options commands/exec-process',
    described(({ user }) => {
      delete user?.additionalGids;
    }),
  ],
  [
    'exec-without-terminal-size',
    'ignores the size of the terminal of a process of exec',
    'protocols/console-exec',
    without('consoleSize'),
  ],
  [
    'exec-always-new-privileges',
    'lets every process of exec gain privileges',
    'engine-exec',
    described((process) => {
      process.noNewPrivileges = false;
    }),
  ],
  [
    'exec-never-new-privileges',
    'lets no process of exec gain privileges',
    'commands/exec-no-new-privs',
    described((process) => {
      process.noNewPrivileges = true;
    }),
  ],
  ...(['bounding', 'permitted', 'inheritable', 'ambient'] as const).map(withoutSet),
];
