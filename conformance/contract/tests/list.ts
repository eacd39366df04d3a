import { deepEqual, equal, match } from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { subject } from '../../runner/test.js';
import { fails, succeeds } from '../../runner/trial.js';
import { created, failsWith, stopped } from '../help.js';

function owner(): string {
  try {
    return userInfo().username;
  } catch {
    return `#${process.getuid?.()}`;
  }
}

export const listTests = subject('engine-list', (test) => {
  test(
    'table',
    'The table has a head and a line for each container',
    { proves: ['states/table'] },
    async (trial) => {
      const [first, second] = [await created(trial), await stopped(trial)];
      const { stdout } = await succeeds(trial.runtime('list'));
      const [head = '', ...lines] = stdout.trimEnd().split('\n');
      match(head, /^ID +PID +STATUS +BUNDLE +CREATED +OWNER *$/);
      const rows = lines.map((line) => line.split(/ +/));
      const seen = ({ id, bundle }: typeof first, pid: number, status: string) => {
        const row = rows.find((each) => each[0] === id) ?? [];
        deepEqual([row.length, ...row.slice(1, 4)], [6, String(pid), status, bundle]);
        match(row[4] ?? '', /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
        equal(row[5], owner());
      };
      seen(first, first.pid, 'created');
      seen(second, 0, 'stopped');
      equal(rows.length, 2);
    },
  );

  test(
    'json',
    'As JSON there is an array of states with their owners',
    { proves: ['states/json'] },
    async (trial) => {
      const containers = [await created(trial), await stopped(trial)];
      for (const words of [
        ['--format', 'json'],
        ['-f', 'json'],
      ]) {
        const { stdout } = await succeeds(trial.runtime('list', ...words));
        const all: { id: string }[] = JSON.parse(stdout);
        for (const container of containers) {
          const { annotations: _, ...state } = await container.query();
          deepEqual(
            all.find(({ id }) => id === container.id),
            { ...state, owner: owner() },
          );
        }
        equal(all.length, 2);
      }
    },
  );

  test('quiet', 'The short list is one id a line', { proves: ['states/quiet'] }, async (trial) => {
    const ids = [(await created(trial)).id, (await stopped(trial)).id].sort();
    for (const flag of ['--quiet', '-q']) {
      const { stdout } = await succeeds(trial.runtime('list', flag));
      deepEqual(stdout.split('\n').sort(), ['', ...ids]);
    }
  });

  test(
    'empty',
    'Without containers there is an empty list',
    { proves: ['states/empty'] },
    async (trial) => {
      mkdirSync(trial.root);
      equal((await succeeds(trial.runtime('list', '--quiet'))).stdout, '');
      const { stdout } = await succeeds(trial.runtime('list', '--format', 'json'));
      deepEqual(JSON.parse(stdout) ?? [], []);
      equal((await succeeds(trial.runtime('list'))).stdout.trimEnd().split('\n').length, 1);
    },
  );

  test(
    'missing-root',
    'A state root that is given and is not there is an error',
    { proves: ['states/missing-root'] },
    async (trial) => {
      await failsWith(trial.runtime('list'), 1, /no such file or directory/i);
    },
  );

  test(
    'bad-format',
    'Another format is refused: `invalid format option`',
    { proves: ['states/bad-format'] },
    async (trial) => {
      await created(trial);
      equal((await fails(trial.runtime('list', '--format', 'xml'))).status, 1);
      await failsWith(trial.runtime('list', '-f', 'xml'), 1, /invalid format option/);
    },
  );

  test(
    'broken',
    'A directory without a state does not keep others from being listed',
    { proves: ['states/broken'] },
    async (trial) => {
      const container = await created(trial);
      mkdirSync(join(trial.root, 'engine-broken'));
      const { stdout } = await succeeds(trial.runtime('list', '--quiet'));
      equal(stdout.split('\n').includes(container.id), true);
      const listed = await succeeds(trial.runtime('list', '--format', 'json'));
      deepEqual(
        JSON.parse(listed.stdout).map(({ id }: { id: string }) => id),
        [container.id],
      );
      await succeeds(trial.runtime('delete', '--force', 'engine-broken'));
    },
  );
});
