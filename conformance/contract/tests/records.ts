/** What records hold, beyond their form. */
import { equal, match, ok } from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { subject } from '../../runner/test.js';
import { fails } from '../../runner/trial.js';
import { failsWith, running } from '../help.js';

/** One whose program there is not. */
const words = 'unable to start container process: (error during container init: )?exec: "nowhere"';

export const recordTests = subject('engine-records', (test) => {
  test(
    'time',
    'A record has the time at which the command has failed',
    { proves: ['logging/time'] },
    async (trial) => {
      for (const format of ['text', 'json']) {
        const before = Date.now();
        const finished = trial.runtime('--log-format', format, 'state', 'engine-nobody');
        const { stderr } = await fails(finished);
        const [, time = ''] = /time"?[=:] ?"([^"]+)"/.exec(stderr) ?? [];
        // It may be cut off to a second.
        const isThen = Date.parse(time) > before - 1000 && Date.parse(time) <= Date.now();
        ok(isThen, `${format}: ${time} is not the time`);
      }
    },
  );

  test(
    'relative-file',
    'A relative log file is where the caller is, also when the bundle is elsewhere',
    { proves: ['logging/relative-file'] },
    async (trial) => {
      const container = trial.container(({ process }) => {
        process.args = ['nowhere'];
      });
      const cwd = trial.folderFor('caller');
      await fails(trial.with({ cwd }, '--log', 'log', ...container.words('create')));
      match(readFileSync(join(cwd, 'log'), 'utf8'), /nowhere/);
      ok(!existsSync(join(container.bundle, 'log')));
    },
  );

  test(
    'callers-text',
    'With --debug a record of text names function and file too',
    { proves: ['logging/callers'] },
    async (trial) => {
      const { stderr } = await fails(trial.runtime('--debug', 'state', 'engine-nobody'));
      const last = stderr.trimEnd().split('\n').at(-1) ?? '';
      match(last, /^time="[^"]+" level=error msg="[^\n]+" /);
      match(last, / func="?[^\s"]+/);
      match(last, / file="?[^\s"]+/);
    },
  );

  test(
    'plain',
    'With a log file the error output is plain text alone, also with --debug',
    { proves: ['logging/file'] },
    async (trial) => {
      const log = trial.file('log');
      const finished = trial.runtime('--debug', '--log', log, 'state', 'engine-nobody');
      const { stderr } = await fails(finished);
      equal(stderr.split('\n').length, 2);
      ok(!/level=|time=/.test(stderr), stderr);
    },
  );

  for (const verb of ['create', 'run'] as const)
    test(
      `prefix-${verb}`,
      `What ${verb} could not do starts with: PROGRAM ${verb} failed: unable to start container process`,
      { proves: ['logging/prefixes'] },
      async (trial) => {
        const container = trial.container(({ process }) => {
          process.args = ['nowhere'];
        });
        const says = new RegExp(`^\\S+ ${verb} failed: ${words}: .*not found in \\$PATH$`);
        await failsWith(container.runtime(verb), 1, says);
      },
    );

  test(
    'prefix-exec',
    'What exec could not do starts with: exec failed: unable to start container process',
    { proves: ['logging/prefixes'] },
    async (trial) => {
      const container = await running(trial);
      const says = new RegExp(`^exec failed: ${words}: .*not found in \\$PATH$`);
      await failsWith(container.exec([], 'nowhere'), 255, says);
    },
  );
});
