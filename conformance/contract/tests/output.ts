/** What ps, list, events and spec print and write, to the letter. */
import { deepEqual, equal, match } from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cgroupFile } from '../../lib/machine.js';
import { until } from '../../lib/until.js';
import { controller, root } from '../../runner/host.js';
import { NotTestable, subject } from '../../runner/test.js';
import { fails, succeeds } from '../../runner/trial.js';
import { created, failsWith, running, stopped } from '../help.js';

const MiB = 1 << 20;

export const outputTests = subject('engine-output', (test) => {
  test(
    'list-head',
    'The head of an empty table has columns of twelve characters',
    { proves: ['states/table'] },
    async (trial) => {
      mkdirSync(trial.root);
      const { stdout } = await succeeds(trial.runtime('list'));
      equal(stdout, 'ID          PID         STATUS      BUNDLE      CREATED     OWNER\n');
    },
  );

  test(
    'list-spoilt',
    'A container whose state was spoilt is told of on the error output, and left out',
    { proves: ['states/broken'] },
    async (trial) => {
      const container = await created(trial);
      const folder = join(trial.root, 'engine-spoilt');
      mkdirSync(folder);
      for (const name of ['state.json', 'status']) writeFileSync(join(folder, name), '{');
      const { stdout, stderr } = await succeeds(trial.runtime('list', '--format', 'json'));
      deepEqual(
        JSON.parse(stdout).map(({ id }: { id: string }) => id),
        [container.id],
      );
      match(stderr, /engine-spoilt/);
      rmSync(folder, { recursive: true });
    },
  );

  test(
    'ps-stopped',
    'The table of a container that has ended is the head alone',
    { proves: ['commands/ps-stopped', 'commands/ps-table'], needs: [root] },
    async (trial) => {
      const { id } = await stopped(trial);
      const { stdout } = await succeeds(trial.runtime('ps', id));
      match(stdout, /^UID +PID +PPID +C +STIME +TTY +TIME +CMD\n$/);
    },
  );

  test(
    'ps-below',
    'ps tells of processes in cgroups below the container’s too',
    { proves: ['commands/ps-json'], needs: [controller('pids')] },
    async (trial) => {
      const container = await running(trial);
      mkdirSync(cgroupFile('pids', container.cgroup, 'below'));
      mkdirSync(cgroupFile('devices', container.cgroup, 'below'), { recursive: true });
      const pidFile = trial.file('pid');
      const path = trial.host.cgroups === 'v2' ? 'below' : 'pids,devices:below';
      const options = ['--detach', '--pid-file', pidFile, '--cgroup', path];
      const call = await succeeds(container.exec(options, '/probe', 'wait'));
      await until('it runs', () => call.running.stdout().includes('\n'));
      const { stdout } = await succeeds(trial.runtime('ps', '--format', 'json', container.id));
      deepEqual(
        JSON.parse(stdout).sort(),
        [container.pid, Number(readFileSync(pidFile, 'utf8'))].sort(),
      );
    },
  );

  test(
    'oom',
    'events tells of a process that was killed for want of memory',
    { proves: ['commands/events-oom'], needs: [controller('memory')] },
    async (trial) => {
      const container = await running(trial, ({ linux }) => {
        const memory = { limit: 48 * MiB, swap: 48 * MiB };
        linux.resources = { ...linux.resources, memory };
      });
      const call = trial.start(['events', '--interval', '20ms', container.id]);
      const hasBegun = () => call.stdout().includes('\n') || call.child.exitCode !== null;
      await until('it listens', hasBegun);
      const { status } = await container.exec([], '/probe', 'fill', '/dev/shm/x', String(60 * MiB));
      equal(status, 137, 'nobody was killed');
      const line = `{"type":"oom","id":"${container.id}"}`;
      const isTold = () => call.stdout().split('\n').includes(line);
      await until('it is told', () => isTold() || call.child.exitCode !== null);
      equal(isTold(), true);
      await succeeds(container.delete('--force'));
      equal((await call.ended()).status, 0);
    },
  );

  test(
    'events-words',
    'An interval that is no time is refused, and a container that has ended by its id',
    { proves: ['commands/events-refused'], needs: [root] },
    async (trial) => {
      const { id } = await stopped(trial);
      await fails(trial.runtime('events', '--interval', 'soon', id));
      const says = new RegExp(`container with id ${id} is not running`);
      await failsWith(trial.runtime('events', '--stats', id), 1, says);
    },
  );

  test(
    'spec-mode',
    'The configuration may be read and written by whom the umask of the caller lets',
    { proves: ['commands/spec-mode'] },
    async (trial) => {
      const bundle = trial.folderFor('fresh');
      await succeeds(trial.bare(['spec', '-b', bundle]));
      equal(statSync(join(bundle, 'config.json')).mode & 0o777, 0o666 & ~process.umask());
    },
  );

  test(
    'spec-words',
    'A config.json that is there has to be removed first, it says',
    { proves: ['commands/spec-exists'] },
    async (trial) => {
      const bundle = trial.folderFor('fresh');
      writeFileSync(join(bundle, 'config.json'), 'mine');
      const says = /File config\.json exists\. Remove it first/;
      await failsWith(trial.bare(['spec', '--bundle', bundle]), 1, says);
    },
  );

  test(
    'no-checkpoints',
    'Who cannot checkpoint says so by the name of the command, and harms nothing',
    { proves: ['commands/checkpoint-refused'] },
    async (trial) => {
      const { status } = await trial.bare(['checkpoint', '--help']);
      if (status === 0) throw new NotTestable('the runtime offers to checkpoint containers');
      const container = await running(trial);
      const words = ['--image-path', trial.folderFor('image'), '--leave-running', container.id];
      for (const verb of ['checkpoint', 'restore']) {
        const { stdout, stderr } = await fails(trial.runtime(verb, ...words));
        match(stderr, new RegExp(verb));
        equal(stdout, '');
      }
      equal(await container.status(), 'running');
    },
  );
});
