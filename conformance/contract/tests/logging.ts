import { deepEqual, equal, match, notEqual, ok } from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import type { Finished } from '../../lib/call.js';
import { NotTestable, subject } from '../../runner/test.js';
import { fails, succeeds, type Trial } from '../../runner/trial.js';

const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

type Entry = Record<string, string>;

/** What a command that fails writes into a log of JSON, and on the error output. */
async function logged(trial: Trial, ...words: readonly string[]) {
  const log = trial.file('log');
  const globals = ['--log', log, '--log-format', 'json'];
  const { stdout, stderr } = await fails(trial.runtime(...globals, ...words));
  const text = readFileSync(log, 'utf8');
  const entries = (): Entry[] =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  return { log, text, stdout, stderr, entries };
}

const missing = ['state', 'engine-nobody'] as const;

/** What has to fail for a reason that only the container's side finds. */
const withoutProgram = (trial: Trial): string[] => {
  const container = trial.container(({ process }) => {
    process.args = ['nowhere-at-all'];
  });
  return container.words('create');
};

/** How each command of a life has ended. */
async function lived(trial: Trial): Promise<[string, Finished][]> {
  const container = trial.container(({ process }) => {
    process.args = ['/probe', 'to', '/tmp/report', 'wait'];
  });
  const { id } = container;
  const create = await trial.runtime(...container.words('create'));
  const start = await trial.runtime('start', id);
  const kill = await trial.runtime('kill', id, 'KILL');
  await container.ended();
  return Object.entries({ create, start, kill, delete: await trial.runtime('delete', id) });
}

function hasName(): boolean {
  try {
    return userInfo().username !== '';
  } catch {
    return false;
  }
}

export const loggingTests = subject('engine-logging', (test) => {
  test(
    'text',
    'A failure is one line of text on the error output: time, level and message',
    { proves: ['logging/text', 'logging/stderr'] },
    async (trial) => {
      const { stdout, stderr } = await fails(trial.runtime(...missing));
      equal(stdout, '');
      match(
        stderr,
        /^time="\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)" level=error msg="[^\n]*"\n$/,
      );
    },
  );

  test(
    'quoting',
    'A message with quotes and a newline in it is still one line',
    { proves: ['logging/quoting'] },
    async (trial) => {
      const { stderr } = await fails(trial.bare(['fro"o\ndle']));
      match(stderr, /^time="[^"]+" level=error msg="[^\n]*fro\\"o\\ndle[^\n]*"\n$/);
    },
  );

  test(
    'text-file',
    'A log file has text without being asked for JSON',
    { proves: ['logging/text', 'logging/file'] },
    async (trial) => {
      const log = trial.file('log');
      const { stderr } = await fails(trial.runtime('--log', log, ...missing));
      match(readFileSync(log, 'utf8'), /^time="[^"]+" level=error msg="[^\n]+"\n$/);
      ok(!stderr.includes('level='), `is no plain text: ${stderr}`);
    },
  );

  test(
    'json',
    'A record of JSON is an object on one line, with level, msg and time',
    { proves: ['logging/json', 'logging/levels'] },
    async (trial) => {
      const { entries, text } = await logged(trial, ...missing);
      const [record = {}] = entries();
      equal(text.split('\n').length, 2);
      deepEqual(Object.keys(record).sort(), ['level', 'msg', 'time']);
      equal(record.level, 'error');
      notEqual(record.msg, '');
      match(record.time ?? '', rfc3339);
    },
  );

  test(
    'json-order',
    'The keys of a record of JSON are in alphabetical order',
    { proves: ['logging/json-order'] },
    async (trial) => {
      const [record = {}] = (await logged(trial, ...missing)).entries();
      deepEqual(Object.keys(record), ['level', 'msg', 'time']);
    },
  );

  test(
    'json-stderr',
    'JSON can go to the error output too, and the record alone',
    { proves: ['logging/json', 'logging/stderr'] },
    async (trial) => {
      const { stderr } = await fails(trial.runtime('--log-format', 'json', ...missing));
      equal(JSON.parse(stderr).level, 'error');
      equal(stderr.split('\n').length, 2);
    },
  );

  test(
    'file',
    'The failure is in the log file, and on the error output as plain text',
    { proves: ['logging/file'] },
    async (trial) => {
      const { entries, stderr, stdout } = await logged(trial, ...missing);
      deepEqual([stdout, stderr], ['', `${entries().at(-1)?.msg}\n`]);
    },
  );

  test(
    'appended',
    'A log file is made when there is none and appended to when there is one',
    { proves: ['logging/appended'] },
    async (trial) => {
      const { log } = await logged(trial, ...missing);
      equal(statSync(log).mode & 0o7777 & ~0o022, 0o644);
      const before = readFileSync(log, 'utf8');
      const { text } = await logged(trial, ...missing);
      ok(text.startsWith(before) && text.length > before.length, 'what was there is gone');
    },
  );

  test(
    'not-truncated',
    'What others have written into a log file stays there',
    { proves: ['logging/appended'] },
    async (trial) => {
      writeFileSync(trial.file('log'), 'mine\n');
      match((await logged(trial, ...missing)).text, /^mine\n./);
    },
  );

  test(
    'last',
    'The last error of the log tells why a container could not be created',
    { proves: ['logging/last', 'logging/levels'] },
    async (trial) => {
      const { entries, stderr } = await logged(trial, ...withoutProgram(trial));
      const last = entries().findLast(({ level }) => level === 'error');
      match(last?.msg ?? '', /nowhere-at-all/);
      ok(stderr.trimEnd().endsWith(last?.msg ?? ''), 'the error output says something else');
    },
  );

  test(
    'single',
    'A command that fails writes one record',
    { proves: ['logging/single'] },
    async (trial) => {
      equal((await logged(trial, ...withoutProgram(trial))).entries().length, 1);
    },
  );

  test(
    'callers',
    'With --debug every record names function and file',
    { proves: ['logging/callers', 'logging/levels'] },
    async (trial) => {
      const { entries } = await logged(trial, '--debug', ...missing);
      const usual = ['debug', 'info', 'warning', 'error'];
      for (const { file, func, level } of entries()) {
        ok(file && func, 'a record lacks file or func');
        ok(usual.includes(level ?? ''), `the level ${level} is not a usual one`);
      }
      equal(entries().at(-1)?.level, 'error');
    },
  );

  test(
    'stdout',
    'Commands of a container’s life print nothing on the standard output, nor do those that fail',
    { proves: ['logging/stdout', 'logging/success'] },
    async (trial) => {
      for (const [verb, { status, stdout }] of await lived(trial))
        deepEqual([verb, status, stdout], [verb, 0, '']);
      equal((await fails(trial.runtime('start', 'engine-nobody'))).stdout, '');
      equal((await fails(trial.runtime('kill', 'engine-nobody'))).stdout, '');
    },
  );

  test(
    'silent',
    'Commands of a container’s life that succeed say nothing on the error output',
    { proves: ['logging/silent'] },
    async (trial) => {
      const { isRoot } = trial.host;
      if (!isRoot && !hasName()) throw new NotTestable('needs a user with a name: newuidmap does');
      for (const [verb, { stderr }] of await lived(trial)) deepEqual([verb, stderr], [verb, '']);
    },
  );

  test(
    'unopened',
    'A log file that cannot be opened fails the command, and the error output tells',
    { proves: ['logging/unopened'] },
    async (trial) => {
      const finished = await fails(trial.runtime('--log', trial.file('no/log'), 'list'));
      notEqual(finished.stderr, '');
      await succeeds(trial.bare(['--version']));
    },
  );
});
