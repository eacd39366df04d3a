/** Values of options, and command lines that are wrong for one command. */
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { root } from '../../runner/host.js';
import { subject } from '../../runner/test.js';
import { succeeds } from '../../runner/trial.js';
import { created, failsWith, running } from '../help.js';

const spellings: readonly (readonly [words: readonly string[], isOn: boolean])[] = [
  [['1', 't', 'T', 'true', 'TRUE', 'True'], true],
  [['0', 'f', 'F', 'false', 'FALSE', 'False'], false],
];

/** What a value is that is of another kind. */
const wrong: readonly (readonly [slug: string, words: readonly string[], option: string])[] = [
  ['switch', ['list', '--quiet=maybe'], 'quiet'],
  ['empty-switch', ['list', '--quiet='], 'quiet'],
  ['number', ['create', '--preserve-fds', 'three', 'engine-nobody'], 'preserve-fds'],
];

const execs: readonly (readonly [slug: string, words: readonly string[]])[] = [
  ['without-id', []],
  ['unknown-option', ['--bogus', 'engine-nobody', '/probe']],
  ['without-value', ['--env']],
  ['bad-number', ['--preserve-fds', 'three', 'engine-nobody', '/probe']],
];

export const valueTests = subject('engine-values', (test) => {
  for (const [words, isOn] of spellings)
    test(
      `switch-${isOn ? 'on' : 'off'}`,
      `${words.join(', ')} after the equals sign are ${isOn ? 'true' : 'false'}`,
      { proves: ['command-line/booleans'] },
      async (trial) => {
        const { id } = await created(trial);
        for (const word of words) {
          const { stdout } = await succeeds(trial.runtime('list', `--quiet=${word}`));
          equal(stdout === `${id}\n`, isOn, `--quiet=${word} prints ${stdout}`);
        }
      },
    );

  for (const [slug, words, option] of wrong)
    test(
      `bad-${slug}`,
      `${words.join(' ')} is refused as incorrect usage`,
      { proves: ['command-line/bad-values'] },
      async (trial) => {
        await failsWith(trial.runtime(...words), 1, new RegExp(`invalid .*-${option}\\b`));
        const { stdout, stderr } = await trial.runtime(...words);
        match(stdout + stderr, /Incorrect Usage/);
        await trial.expectNothingLeft();
      },
    );

  for (const [slug, words] of execs)
    test(
      `exec-${slug}`,
      `${['exec', ...words].join(' ')} ends with 1`,
      { proves: ['command-line/exec-usage'] },
      async (trial) => {
        equal((await trial.runtime('exec', ...words)).status, 1);
      },
    );

  test(
    'global-one-dash',
    'Global options may have one dash: `-root DIR -log=FILE state ID`',
    { proves: ['command-line/one-dash'] },
    async (trial) => {
      const container = await created(trial);
      const log = trial.file('log');
      const globals = ['-root', trial.root, `-log=${log}`, '-log-format', 'json'];
      const { stdout } = await succeeds(trial.bare([...globals, 'state', container.id]));
      equal(JSON.parse(stdout).id, container.id);
      await trial.bare([...globals, 'state', 'engine-nobody']);
      equal(JSON.parse(readFileSync(log, 'utf8')).level, 'error');
    },
  );

  test(
    'mixed-values',
    'Options with values may follow the id: `update ID --pids-limit 5`, `events ID --stats`',
    { proves: ['command-line/mixed'], needs: [root] },
    async (trial) => {
      const container = await running(trial);
      await succeeds(trial.runtime('update', container.id, '--pids-limit', '55'));
      const { stdout } = await succeeds(trial.runtime('events', container.id, '--stats'));
      equal(JSON.parse(stdout).data.pids.limit, 55);
    },
  );

  for (const [verb, status, words] of [
    ['create', 1, []],
    ['run', 1, []],
    ['ps', 1, []],
    ['events', 1, ['--stats']],
    ['exec', 255, []],
  ] as const)
    test(
      `empty-id-${verb}`,
      `${verb} refuses an empty id: \`container id cannot be empty\``,
      { proves: ['command-line/empty-id'] },
      async (trial) => {
        const container = trial.container();
        const bundle = ['create', 'run'].includes(verb) ? ['--bundle', container.bundle] : [];
        const command = verb === 'exec' ? ['/probe'] : [];
        const finished = trial.runtime(verb, ...bundle, ...words, '', ...command);
        await failsWith(finished, status, /container id cannot be empty/);
        await trial.expectNothingLeft();
      },
    );

  for (const manager of ['cgroupfs', 'disabled'])
    test(
      `cgroup-manager-${manager}`,
      `--cgroup-manager ${manager} makes ${manager === 'disabled' ? 'no' : 'the'} cgroup`,
      { proves: ['command-line/cgroup-manager'], needs: [root] },
      async (trial) => {
        const container = trial.container(({ linux }) => {
          delete linux.resources;
        });
        await succeeds(trial.runtime('--cgroup-manager', manager, ...container.words('create')));
        const inside = readFileSync(`/proc/${container.pid}/cgroup`, 'utf8').includes(
          `${container.cgroup}\n`,
        );
        deepEqual([manager, inside], [manager, manager === 'cgroupfs']);
        ok(container.pid > 0);
        await succeeds(container.delete());
      },
    );
});
