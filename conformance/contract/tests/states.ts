import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sendSignal } from '../../lib/send-signal.js';
import { root } from '../../runner/host.js';
import { subject } from '../../runner/test.js';
import { fails, succeeds, type Trial } from '../../runner/trial.js';
import { created, failsWith, running, stopped } from '../help.js';

const idWords = (trial: Trial, id: string): string[] => {
  const { bundle, pidFile } = trial.container();
  return ['create', '--bundle', bundle, '--pid-file', pidFile, id];
};

const goodIds = {
  letters: 'Engine-test_AZ',
  signs: '_e+n-g.i..n-e',
  digits: '0123456789',
  dash: 'e-',
  long: `engine-${'x'.repeat(150)}`,
};

const badIds = {
  slash: 'engine/x',
  dot: '.',
  dots: '..',
  climbing: '../engine',
  blank: 'engine x',
  colon: 'engine:x',
  newline: 'engine\n',
  umlaut: 'ängine',
};

/** Below it: whatever has a bit for others, other than to pass through. */
function open(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    const below = entry.isDirectory() ? open(path) : [];
    return entry.isFile() && statSync(path).mode & 0o004 ? [path, ...below] : below;
  });
}

export const stateTests = subject('engine-states', (test) => {
  for (const [slug, id] of Object.entries(goodIds))
    test(
      `id-${slug}`,
      `${id.length > 40 ? 'A long id' : `The id ${id}`} is taken`,
      { proves: ['states/good-ids'] },
      async (trial) => {
        await succeeds(trial.runtime(...idWords(trial, id)));
        const { stdout } = await succeeds(trial.runtime('state', id));
        equal(JSON.parse(stdout).id, id);
        await succeeds(trial.runtime('delete', '--force', id));
      },
    );

  for (const [slug, id] of Object.entries(badIds))
    test(
      `no-id-${slug}`,
      `The id ${JSON.stringify(id)} is refused`,
      { proves: ['states/bad-ids'] },
      async (trial) => {
        const { status } = await fails(trial.runtime(...idWords(trial, id)));
        equal(status, 1);
        await trial.expectNothingLeft();
      },
    );

  test(
    'id-words',
    'An id of other characters is refused with the words `invalid container ID format`',
    { proves: ['states/bad-ids'] },
    async (trial) => {
      await failsWith(trial.runtime(...idWords(trial, 'a/b')), 1, /invalid container ID format/i);
      await failsWith(trial.runtime(...idWords(trial, 'a b')), 1, /invalid container ID format/i);
    },
  );

  test(
    'taken',
    'A second container of the same id is refused, and the first one lives on',
    { proves: ['states/taken'] },
    async (trial) => {
      const container = await running(trial);
      const before = await container.query();
      const other = trial.container();
      await fails(trial.runtime('create', '--bundle', other.bundle, container.id));
      await fails(trial.runtime('run', '--bundle', other.bundle, container.id));
      deepEqual(await container.query(), before);
      await succeeds(container.exec([], '/probe'));
    },
  );

  test(
    'leftover',
    'A directory that somebody left is no container, but its id is taken until it is deleted',
    { proves: ['states/leftover'] },
    async (trial) => {
      const container = trial.container();
      mkdirSync(container.state, { recursive: true });
      for (const verb of ['state', 'start', 'kill']) await fails(trial.runtime(verb, container.id));
      await fails(container.create());
      await succeeds(container.delete('--force'));
      ok(!existsSync(container.state));
      await container.created();
    },
  );

  test(
    'private',
    'Others can neither list the containers nor read what is kept of them',
    { proves: ['states/private'] },
    async (trial) => {
      const container = await created(trial);
      equal(statSync(trial.root).mode & 0o006, 0);
      equal(statSync(container.state).mode & 0o022, 0);
      if (statSync(trial.root).mode & 0o001) deepEqual(open(container.state), []);
    },
  );

  test(
    'bundle-once',
    'Start, exec of a process file, kill and delete do without the bundle’s configuration',
    { proves: ['states/bundle-once'] },
    async (trial) => {
      const container = trial.container(({ process }) => {
        process.args = ['/probe', 'wait'];
      });
      await container.created();
      const file = container.processFile({ args: ['/probe'] });
      writeFileSync(join(container.bundle, 'config.json'), 'spoilt');
      await succeeds(container.start());
      await container.wrote('\n');
      await succeeds(container.exec(['--process', file]));
      await succeeds(container.kill('KILL'));
      await container.ended();
      await succeeds(container.delete());
    },
  );

  test(
    'per-root',
    'Another place of the state may have a container of the same id',
    { proves: ['states/per-root'] },
    async (trial) => {
      const container = await created(trial);
      const elsewhere = ['--root', trial.folderFor('other')];
      const { bundle } = trial.container();
      await succeeds(trial.bare([...elsewhere, 'create', '--bundle', bundle, container.id]));
      await succeeds(trial.bare([...elsewhere, 'delete', '--force', container.id]));
      equal(await container.status(), 'created');
    },
  );

  test(
    'life',
    'A container is created, running and stopped, in this order, with its pid and then with 0',
    {
      proves: [
        'states/created',
        'states/running',
        'states/stopped',
        'states/pid',
        'states/no-others',
      ],
    },
    async (trial) => {
      const container = trial.container(({ process }) => {
        process.args = ['/probe', 'wait'];
      });
      const pid = await container.created();
      const seen = async () => {
        const { status, pid } = await container.query();
        return [status, pid];
      };
      deepEqual(await seen(), ['created', pid]);
      await succeeds(container.start());
      deepEqual(await seen(), ['running', pid]);
      await succeeds(container.kill('KILL'));
      await container.ended();
      deepEqual(await seen(), ['stopped', 0]);
    },
  );

  test(
    'killed-created',
    'A container whose process dies before its start is stopped',
    { proves: ['states/stopped', 'states/pid'] },
    async (trial) => {
      const container = await created(trial);
      const { pid } = container;
      sendSignal(pid, 'SIGKILL');
      await container.ended(pid);
      const state = await container.query();
      deepEqual([state.status, state.pid], ['stopped', 0]);
    },
  );

  test(
    'paused',
    'A container that is paused says so, and runs when it goes on',
    { proves: ['states/paused'], needs: [root] },
    async (trial) => {
      const container = await running(trial);
      await succeeds(trial.runtime('pause', container.id));
      equal(await container.status(), 'paused');
      await succeeds(trial.runtime('resume', container.id));
      equal(await container.status(), 'running');
    },
  );

  test(
    'paused-created',
    'A container that is paused before its start says so',
    { proves: ['states/paused-created'], needs: [root] },
    async (trial) => {
      const container = await created(trial);
      await succeeds(trial.runtime('pause', container.id));
      equal(await container.status(), 'paused');
      await succeeds(trial.runtime('resume', container.id));
      equal(await container.status(), 'created');
    },
  );

  test(
    'missing',
    'There is no state of a container that there is not: `does not exist`',
    { proves: ['states/missing'] },
    async (trial) => {
      await failsWith(trial.runtime('state', 'engine-nobody'), 1, /does not exist/);
    },
  );

  test(
    'keys',
    'The state has the usual keys with the usual types',
    { proves: ['states/keys', 'states/created-at', 'logging/stdout'] },
    async (trial) => {
      const container = await created(trial, (config) => {
        config.annotations = { 'org.example.a': 'b' };
      });
      const state = await container.query();
      const { ociVersion, created: at, annotations, id, bundle, rootfs } = state;
      match(ociVersion, /^1\.\d+\.\d+/);
      deepEqual(
        [id, bundle, annotations],
        [container.id, container.bundle, { 'org.example.a': 'b' }],
      );
      ok(rootfs.endsWith('rootfs'), rootfs);
      match(at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/);
      equal(typeof state.pid, 'number');
      await container.start();
      await container.ended();
      equal((await container.query()).created, at);
    },
  );

  test(
    'rootfs',
    'The root file system is an absolute path',
    { proves: ['states/rootfs'] },
    async (trial) => {
      const container = await created(trial);
      equal((await container.query()).rootfs, container.rootfs);
    },
  );

  test(
    'layout',
    'The state is indented by two blanks, in the usual order, and ends without a newline',
    { proves: ['states/layout'] },
    async (trial) => {
      const container = await created(trial);
      const { stdout } = await succeeds(trial.runtime('state', container.id));
      const state = JSON.parse(stdout);
      equal(stdout, JSON.stringify(state, null, 2));
      deepEqual(Object.keys(state), [
        ...['ociVersion', 'id', 'pid', 'status', 'bundle', 'rootfs', 'created', 'owner'],
      ]);
      equal(state.owner, '');
    },
  );

  test(
    'secrets',
    'Neither environment nor arguments are in what state and list print',
    { proves: ['states/secrets'] },
    async (trial) => {
      const container = await stopped(trial, ({ process }) => {
        process.env.push('PASSWORD=hunter2');
        process.args = ['/probe', 'append', '/tmp/x', 'hunter2'];
      });
      for (const words of [['state', container.id], ['list', '--format', 'json'], ['list']])
        ok(!(await succeeds(trial.runtime(...words))).stdout.includes('hunter2'));
    },
  );
});
