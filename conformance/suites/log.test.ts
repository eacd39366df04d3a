import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { suite } from '../lib/suite.js';

const message = /^container does not exist/;

suite('log', ({ it }) => {
  it('is one line of text on the standard error when nothing else is asked for', async (box) => {
    const { status, stdout, stderr } = await box.runtime('state', 'nobody');
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(
      /^time="\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)" level=error msg="container does not exist[^\n]*"\n$/,
    );
  });

  it('is one JSON object a line with the keys level, msg and time', async (box) => {
    const { stderr } = await box.runtime('--log-format', 'json', 'state', 'nobody');
    const record = JSON.parse(stderr);
    expect(stderr).toBe(`${JSON.stringify(record)}\n`);
    expect(Object.keys(record)).toEqual(['level', 'msg', 'time']);
    expect(record).toMatchObject({ level: 'error', msg: expect.stringMatching(message) });
    expect(new Date(record.time).getTime()).toBeGreaterThan(0);
  });

  it('goes to a file, and then the failure to the standard error too, as plain text', async (box) => {
    const log = join(box.folder, 'log');
    const globals = ['--log', log, '--log-format', 'json'];
    const { stderr } = await box.runtime(...globals, 'state', 'nobody');
    expect(JSON.parse(readFileSync(log, 'utf8')).msg).toMatch(message);
    expect(stderr).toBe(`${JSON.parse(readFileSync(log, 'utf8')).msg}\n`);
  });

  it('is appended to, with nothing but the failure in it', async (box) => {
    const log = join(box.folder, 'log');
    const container = box.container(({ process }) => {
      process.args = ['no-such-program'];
      process.capabilities = { bounding: ['CAP_THAT_NEVER_WAS'] };
    });
    const globals = ['--log', log, '--log-format', 'json'];
    await box.runtime(...globals, 'state', 'nobody');
    await box.runtime(...globals, ...container.words('create'));
    const records = readFileSync(log, 'utf8').trimEnd().split('\n');
    expect(records.map((line) => JSON.parse(line).level)).toEqual(['error', 'error']);
    expect(JSON.parse(records[1]!).msg).toMatch(/executable file not found in \$PATH/);
  });

  it('writes warnings to the standard error, and the container works all the same', async (box) => {
    const container = box.container(({ process }) => {
      process.args = ['true'];
      process.capabilities = { bounding: ['CAP_THAT_NEVER_WAS'] };
    });
    const { status, stdout, stderr } = await container.runtime('run');
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
    expect(stderr).toMatch(/^time="[^"]+" level=warning msg="[^\n]*CAP_THAT_NEVER_WAS[^\n]*"\n$/);
  });

  it('says with --debug what is done, in which function and file', async (box) => {
    const log = join(box.folder, 'log');
    const globals = ['--debug', '--log', log, '--log-format', 'json'];
    await box.runtime(...globals, 'state', 'nobody');
    const records = readFileSync(log, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(records.length).toBeGreaterThan(1);
    expect(records.at(-1)).toMatchObject({ level: 'error', msg: expect.stringMatching(message) });
    for (const record of records)
      expect(Object.keys(record)).toEqual(['file', 'func', 'level', 'msg', 'time']);
  });

  it('fails when the file cannot be opened', async (box) => {
    const { status, stderr } = await box.runtime('--log', `${box.folder}/no/log`, 'list');
    expect(status).toBe(1);
    expect(stderr).toMatch(/level=error/);
  });
});
