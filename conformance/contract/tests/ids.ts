/** Ids that could be taken for something else, and what of a container is looked at when. */
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { processState } from '../../lib/machine.js';
import { sendSignal } from '../../lib/send-signal.js';
import { until } from '../../lib/until.js';
import { readReport } from '../../probe/report.js';
import { subject } from '../../runner/test.js';
import { fails, succeeds } from '../../runner/trial.js';
import { failsWith, running } from '../help.js';

/** Every command that is told of one container. */
const verbs = ['state', 'start', 'kill', 'delete', 'pause', 'resume', 'update', 'exec'] as const;

const wordsFor = (verb: string, id: string): string[] => [
  verb,
  id,
  ...(verb === 'exec' ? ['/probe'] : []),
];

export const idTests = subject('engine-ids', (test) => {
  for (const [slug, id] of [
    ['help', 'help'],
    ['h', 'h'],
    ['state', 'state'],
    ['dash', '-'],
    ['hidden', '.engine'],
    ['option', 'x--force'],
  ] as const)
    test(
      slug,
      `A container may be called ${id}`,
      { proves: ['states/any-word', 'states/good-ids', 'command-line/lone-dash'] },
      async (trial) => {
        const { bundle } = trial.container();
        await succeeds(trial.runtime('create', '--bundle', bundle, id));
        ok(existsSync(join(trial.root, id)));
        const { stdout } = await succeeds(trial.runtime('state', id));
        equal(JSON.parse(stdout).id, id);
        equal((await succeeds(trial.runtime('list', '--quiet'))).stdout, `${id}\n`);
        await succeeds(trial.runtime('delete', id));
        equal((await succeeds(trial.runtime('list', '--quiet'))).stdout, '');
      },
    );

  test(
    'climbing',
    'No command goes to a directory outside of the place of the state',
    { proves: ['states/no-paths'] },
    async (trial) => {
      const container = await running(trial);
      writeFileSync(join(trial.folderFor('victim'), 'file'), '');
      for (const id of ['../victim', `${container.id}/../../victim`, `../state/${container.id}`])
        for (const verb of verbs) {
          const { status } = await trial.runtime(...wordsFor(verb, id));
          ok(status !== 0, `${verb} ${id} has succeeded`);
        }
      equal(await container.status(), 'running');
    },
  );

  test(
    'climbing-delete',
    'delete --force removes nothing outside of the place of the state',
    { proves: ['states/no-paths'] },
    async (trial) => {
      await running(trial);
      const victim = trial.folderFor('victim');
      writeFileSync(join(victim, 'file'), '');
      await trial.runtime('delete', '--force', '../victim');
      ok(existsSync(victim), 'the directory is gone');
      deepEqual(readdirSync(victim), ['file']);
    },
  );

  test(
    'leftover-words',
    'A directory without a state is no container: `does not exist`',
    { proves: ['states/leftover', 'protocols/does-not-exist'] },
    async (trial) => {
      mkdirSync(join(trial.root, 'engine-leftover'), { recursive: true });
      for (const verb of verbs) {
        const finished = trial.runtime(...wordsFor(verb, 'engine-leftover'));
        if (verb === 'delete') await finished;
        else await failsWith(finished, verb === 'exec' ? 255 : 1, /does not exist/);
        // What delete has removed is there again for the next one.
        mkdirSync(join(trial.root, 'engine-leftover'), { recursive: true });
      }
      await succeeds(trial.runtime('delete', '--force', 'engine-leftover'));
    },
  );

  test(
    'exec-current',
    'exec starts from the process that the bundle’s configuration has now',
    { proves: ['states/bundle-exec', 'commands/exec-options'] },
    async (trial) => {
      const container = await running(trial, ({ process }) => {
        process.env = ['WHEN=before'];
      });
      container.config.process.env = ['WHEN=after'];
      container.config.process.cwd = '/tmp';
      container.write();
      const { stdout } = await succeeds(container.exec([], '/probe'));
      const { env, cwd } = readReport(stdout);
      ok(env.includes('WHEN=after') && !env.includes('WHEN=before'), env.join(' '));
      equal(cwd, '/tmp');
    },
  );

  test(
    'zombie',
    'A container whose process has ended is stopped, also while nobody has reaped it',
    { proves: ['states/zombie', 'states/stopped', 'states/pid'] },
    async (trial) => {
      const container = trial.container(({ process }) => {
        process.args = ['/probe', 'wait'];
      });
      const call = trial.start(container.words('run'));
      await until('it runs', () => call.stdout().includes('\n') && container.hasPidFile());
      const { pid } = container;
      // Its parent, who cannot reap it now.
      call.child.kill('SIGSTOP');
      try {
        sendSignal(pid, 'SIGKILL');
        await until('it is a zombie', () => processState(pid) === 'Z');
        const state = await container.query();
        deepEqual([state.status, state.pid], ['stopped', 0]);
        equal((await fails(container.kill('TERM'))).status, 1);
        match((await fails(container.exec([], '/probe'))).stdout, /^$/);
      } finally {
        call.child.kill('SIGCONT');
      }
      equal((await call.ended()).status, 137);
      await trial.expectNothingLeft();
    },
  );
});
