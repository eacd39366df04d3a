import { deepEqual, equal, match, notEqual } from 'node:assert/strict';
import { subject } from '../../runner/test.js';

/** All that there is without CRIU. */
export const verbs = [
  ...['create', 'start', 'run', 'state', 'kill', 'delete', 'exec', 'list', 'ps', 'pause', 'resume'],
  ...['update', 'events', 'spec', 'features'],
];

export const helpTests = subject('engine-help', (test) => {
  test(
    'no-command',
    'Without a command there is help, and all is well',
    { proves: ['command-line/no-command'] },
    async (trial) => {
      const { stdout } = await trial.bare(['--help']);
      const bare = await trial.bare([]);
      deepEqual([bare.status, bare.stdout, bare.stderr], [0, stdout, '']);
    },
  );

  test(
    'program',
    '--help shows the help of the program on the standard output',
    { proves: ['command-line/help'] },
    async (trial) => {
      const { status, stdout, stderr } = await trial.bare(['--help']);
      deepEqual([status, stderr], [0, '']);
      for (const verb of ['create', 'start', 'state', 'kill', 'delete'])
        match(stdout, new RegExp(`\\b${verb}\\b`));
    },
  );

  test(
    'lists-commands',
    'The help of the program starts with NAME: and has a line for each command',
    { proves: ['command-line/lists-commands'] },
    async (trial) => {
      const { stdout } = await trial.bare(['--help']);
      match(stdout, /^NAME:/);
      for (const verb of verbs) match(stdout, new RegExp(`^ +(\\S+ )?${verb}(,| ) *\\S`, 'm'));
    },
  );

  for (const verb of verbs)
    test(
      `of-${verb}`,
      `${verb} --help shows its help and does nothing else`,
      { proves: ['command-line/help'] },
      async (trial) => {
        const { status, stdout, stderr } = await trial.bare([verb, '--help']);
        deepEqual([status, stderr], [0, '']);
        notEqual(stdout, '');
      },
    );

  test(
    'names-command',
    'The help of each command starts with NAME: and its name',
    { proves: ['command-line/names-command'] },
    async (trial) => {
      for (const verb of verbs) {
        const { stdout } = await trial.bare([verb, '--help']);
        match(stdout, new RegExp(`^NAME:\\n +\\S+ ${verb} - \\S`));
      }
    },
  );

  test(
    'short',
    '-h is --help, for the program and for each command',
    { proves: ['command-line/help'] },
    async (trial) => {
      for (const words of [[], ...verbs.map((verb) => [verb])]) {
        const [long, short] = [
          await trial.bare([...words, '--help']),
          await trial.bare([...words, '-h']),
        ];
        deepEqual([short.status, short.stderr], [0, '']);
        equal(short.stdout, long.stdout);
      }
    },
  );
});
