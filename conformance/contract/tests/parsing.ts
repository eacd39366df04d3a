import { deepEqual, equal, match } from 'node:assert/strict';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { readReport } from '../../probe/report.js';
import { root } from '../../runner/host.js';
import { subject } from '../../runner/test.js';
import { fails, succeeds, type Trial } from '../../runner/trial.js';
import { created, failsWith, running } from '../help.js';

const id = 'engine-nobody';

/** That an option with a value was understood: without its bundle there is nothing to create. */
async function takesBundle(trial: Trial, words: (bundle: string) => string[]): Promise<void> {
  const container = trial.container();
  await succeeds(trial.runtime('create', ...words(container.bundle), container.id));
  equal(await container.status(), 'created');
}

const bundleWords: readonly (readonly [string, string, string, (bundle: string) => string[]])[] = [
  ['long-next', 'two-dashes', '--bundle DIR', (dir) => ['--bundle', dir]],
  ['long-equals', 'two-dashes', '--bundle=DIR', (dir) => [`--bundle=${dir}`]],
  ['one-dash-next', 'one-dash', '-bundle DIR', (dir) => ['-bundle', dir]],
  ['one-dash-equals', 'one-dash', '-bundle=DIR', (dir) => [`-bundle=${dir}`]],
  ['short-next', 'short', '-b DIR', (dir) => ['-b', dir]],
  ['short-equals', 'short', '-b=DIR', (dir) => [`-b=${dir}`]],
];

const booleans: readonly (readonly [slug: string, word: string, deletes: boolean])[] = [
  ['alone', '--force', true],
  ['true', '--force=true', true],
  ['t', '--force=t', true],
  ['one', '--force=1', true],
  ['false', '--force=false', false],
  ['f', '--force=f', false],
  ['zero', '--force=0', false],
];

export const parsingTests = subject('engine-parsing', (test) => {
  for (const [slug, clause, words, args] of bundleWords)
    test(slug, `create takes ${words}`, { proves: [`command-line/${clause}`] }, (trial) =>
      takesBundle(trial, args),
    );

  for (const [slug, word, deletes] of booleans)
    test(
      `switch-${slug}`,
      `delete ${word} of a container that runs ${deletes ? 'deletes it' : 'fails'}`,
      { proves: ['command-line/booleans'] },
      async (trial) => {
        const container = await running(trial);
        const finished = await trial.runtime('delete', word, container.id);
        equal(finished.status === 0, deletes, finished.stderr);
        if (!deletes) equal(await container.status(), 'running');
      },
    );

  test(
    'switch-word',
    'A word after a switch is an argument: `delete --force false ID` has one too many',
    { proves: ['command-line/booleans', 'command-line/counts'] },
    async (trial) => {
      const container = await created(trial);
      await fails(trial.runtime('delete', '--force', 'false', container.id));
      equal(await container.status(), 'created');
    },
  );

  test(
    'mixed',
    'Options may follow the id: `delete ID --force`, `create ID --bundle DIR`',
    { proves: ['command-line/mixed'] },
    async (trial) => {
      const container = trial.container();
      const words = ['create', container.id, '--bundle', container.bundle];
      await succeeds(trial.runtime(...words, '--pid-file', container.pidFile));
      await succeeds(container.start());
      await succeeds(trial.runtime('delete', container.id, '--force'));
      await trial.expectNothingLeft();
    },
  );

  test(
    'exec-stops',
    'What follows the id of exec is the command, also what looks like options',
    { proves: ['command-line/stops'] },
    async (trial) => {
      const container = await running(trial);
      const finished = await container.exec([], '/probe', '--help');
      deepEqual([finished.status, finished.stdout], [122, '']);
      match(finished.stderr, /no operation is called --help/);
    },
  );

  test(
    'kill-stops',
    '`kill ID -9` takes -9 as the signal, which there is not',
    { proves: ['command-line/stops'] },
    async (trial) => {
      const container = await running(trial);
      await failsWith(container.kill('-9'), 1, /invalid argument|unknown signal/i);
      equal(await container.status(), 'running');
    },
  );

  test(
    'ps-stops',
    'What follows the id of ps are options of ps',
    { proves: ['command-line/stops'], needs: [root] },
    async (trial) => {
      const container = await running(trial);
      const { stdout } = await succeeds(trial.runtime('ps', container.id, '-A', '-o', 'pid'));
      deepEqual(stdout.trim().split(/\s+/), ['PID', String(container.pid)]);
    },
  );

  test(
    'double-dash',
    'After two dashes nothing is an option: `state -- --help` asks for a container',
    { proves: ['command-line/double-dash'] },
    async (trial) => {
      const container = await created(trial);
      const { stdout } = await succeeds(trial.runtime('state', '--', container.id));
      equal(JSON.parse(stdout).id, container.id);
      equal((await trial.runtime('state', '--', '--help')).status, 1);
    },
  );

  test(
    'lone-dash',
    'The value of an option may be a dash: `update --resources - ID` reads the standard input',
    { proves: ['command-line/lone-dash'], needs: [root] },
    async (trial) => {
      const container = await running(trial);
      writeFileSync(trial.file('nothing'), '{}');

      const stdin = openSync(trial.file('nothing'), 'r');
      const finished = trial.with({ stdin }, 'update', '--resources', '-', container.id);
      await succeeds(finished).finally(() => closeSync(stdin));
    },
  );

  for (const [slug, words] of [
    ['repeated', ['-e', 'A=1', '-e', 'B=2,C=3', '-e', 'D=x=y,z']],
    ['repeated-forms', ['-e', 'A=1', '--env', 'B=2,C=3', '--env=D=x=y,z']],
  ] as const)
    test(
      slug,
      `exec takes ${words.join(' ')}: three variables`,
      { proves: ['command-line/repeated'] },
      async (trial) => {
        const container = await running(trial);
        const { stdout } = await succeeds(container.exec(words, '/probe'));
        deepEqual(
          readReport(stdout).env.filter((each) => /^[A-D]=/.test(each)),
          ['A=1', 'B=2,C=3', 'D=x=y,z'],
        );
      },
    );

  test(
    'after-command',
    'Global options may follow the command: `state ID --root DIR`',
    { proves: ['command-line/after-command'] },
    async (trial) => {
      const container = await created(trial);
      const words = ['state', container.id, '--root', trial.root];
      equal(JSON.parse((await succeeds(trial.bare(words))).stdout).id, container.id);
      const log = trial.file('log');
      await fails(trial.bare(['state', '--root', trial.root, '--log', log, id]));
    },
  );
});
