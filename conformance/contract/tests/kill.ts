import { deepEqual, equal, notEqual, ok } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Container, Prepare } from '../../lib/container.js';
import { cgroupFile, isAlive, processState, textOf } from '../../lib/machine.js';
import { sendSignal } from '../../lib/send-signal.js';
import { until } from '../../lib/until.js';
import { root } from '../../runner/host.js';
import { subject } from '../../runner/test.js';
import { fails, succeeds, type Trial } from '../../runner/trial.js';
import { created, failsWith, running, stopped, written } from '../help.js';

/** One that writes which signals reach it. */
async function listener(trial: Trial): Promise<Container> {
  const container = await trial.probing(['signals', '/tmp/signals']);
  await container.wrote('\n');
  return container;
}

const numbersIn = (text: string): number[] => text.trim().split('\n').map(Number);

/** Another one is sent afterwards, so that nobody has to wait for a signal that never comes. */
async function gets(trial: Trial, words: readonly string[], number: number): Promise<void> {
  const container = await listener(trial);
  await succeeds(container.kill(...words));
  await succeeds(container.kill('12'));
  await until('signals come', () => numbersIn(written(container, 'signals')).includes(12));
  const all = numbersIn(written(container, 'signals'));
  deepEqual(
    all.sort((a, b) => a - b),
    [12, number].sort((a, b) => a - b),
  );
}

/** It sleeps as ever, and SIGKILL is not on its way to it. */
function isLeftAlone(pid: number): boolean {
  const pending = [...textOf(`/proc/${pid}/status`).matchAll(/^(?:Sig|Shd)Pnd:\t(\S+)/gm)];
  const isKilled = pending.some(([, mask]) => BigInt(`0x${mask}`) & 0x100n);
  return processState(pid) === 'S' && !isKilled;
}

const withoutPidNamespace: Prepare = ({ linux }) => {
  linux.namespaces = linux.namespaces.filter(({ type }) => type !== 'pid');
};

/** Of the container’s cgroup, without its own process. */
const others = (container: Container): number[] =>
  readFileSync(cgroupFile('pids', container.cgroup, 'cgroup.procs'), 'utf8')
    .trim()
    .split('\n')
    .map(Number)
    .filter((pid) => pid !== container.pid);

async function pair(trial: Trial): Promise<{ container: Container; other: number }> {
  const container = await trial.probing(['child', 'wait'], withoutPidNamespace);
  await container.wrote('\n');
  const [other = 0] = others(container);
  return { container, other };
}

const names = {
  number: '10',
  short: 'USR1',
  long: 'SIGUSR1',
  'lower-short': 'usr1',
  'lower-long': 'sigusr1',
  mixed: 'SigUsr1',
};

export const killTests = subject('engine-kill', (test) => {
  test(
    'default',
    'kill without a signal sends SIGTERM',
    { proves: ['commands/kill-default'] },
    (trial) => gets(trial, [], 15),
  );

  for (const [slug, name] of Object.entries(names))
    test(
      `name-${slug}`,
      `kill ID ${name} sends signal 10`,
      { proves: ['commands/kill-names'] },
      (trial) => gets(trial, [name], 10),
    );

  test(
    'real-time',
    'Real-time signals have numbers',
    { proves: ['commands/kill-names'] },
    (trial) => gets(trial, ['40'], 40),
  );

  for (const name of ['FROB', 'SIG', '1000'])
    test(
      `unknown-${name.toLowerCase()}`,
      `The signal ${name} is refused`,
      { proves: ['commands/kill-unknown'] },
      async (trial) => {
        const container = await listener(trial);
        equal((await fails(container.kill(name))).status, 1);
        equal(written(container, 'signals'), '');
      },
    );

  test(
    'unknown-words',
    'A signal that there is not is refused: `unknown signal`',
    { proves: ['commands/kill-unknown'] },
    async (trial) => {
      await failsWith((await created(trial)).kill('FROB'), 1, /unknown signal.*FROB/);
    },
  );

  test(
    'order',
    'A container that there is not is told of, whatever the signal',
    { proves: ['commands/kill-order'] },
    async (trial) => {
      const { stderr } = await fails(trial.runtime('kill', 'engine-nobody', 'FROB'));
      ok(!/signal/.test(stderr), stderr);
    },
  );

  test(
    'zero',
    'Signal 0 succeeds while the container lives, also before its start',
    { proves: ['commands/kill-zero'] },
    async (trial) => {
      const container = await created(trial);
      await succeeds(container.kill('0'));
      sendSignal(container.pid, 'SIGKILL');
      await container.ended();
      await fails(container.kill('0'));
    },
  );

  test(
    'stopped',
    'kill of a container that has stopped fails with 1',
    { proves: ['commands/kill-stopped'] },
    async (trial) => {
      equal((await fails((await stopped(trial)).kill('KILL'))).status, 1);
    },
  );

  for (const flag of ['--all', '-a'])
    test(
      `all-stopped${flag.replaceAll('-', '-')}`,
      `kill ${flag} of a container that has stopped succeeds`,
      { proves: ['commands/kill-all-stopped'], needs: [root] },
      async (trial) => {
        const { id } = await stopped(trial);
        const { status, stderr } = await trial.runtime('kill', flag, id, '9');
        deepEqual([status, stderr], [0, '']);
      },
    );

  test(
    'created',
    'SIGKILL ends a container that waits for its start',
    { proves: ['commands/kill-names', 'states/stopped'] },
    async (trial) => {
      const container = await created(trial);
      await succeeds(container.kill('SIGKILL'));
      await container.ended();
      equal(await container.status(), 'stopped');
    },
  );

  test(
    'init-alone',
    'A signal reaches the container’s own process and no other',
    { proves: ['commands/kill-init'], needs: [root] },
    async (trial) => {
      const { container, other } = await pair(trial);
      await succeeds(container.kill('TERM'));
      await container.ended();
      ok(isAlive(other), 'the other process is dead');
    },
  );

  test(
    'shared',
    'SIGKILL kills every process of a container without a pid namespace',
    { proves: ['commands/kill-shared'], needs: [root] },
    async (trial) => {
      const { container, other } = await pair(trial);
      await succeeds(container.kill('KILL'));
      ok(!isLeftAlone(other), 'the other process is not killed');
      await until('both are dead', () => ![container.pid, other].some(isAlive));
    },
  );

  test(
    'orphans',
    'SIGKILL kills what a container without a pid namespace has left behind',
    { proves: ['commands/kill-shared'], needs: [root] },
    async (trial) => {
      const { container, other } = await pair(trial);
      sendSignal(container.pid, 'SIGKILL');
      await container.ended();
      ok(isAlive(other));
      await succeeds(trial.runtime('kill', '--all', container.id, 'KILL'));
      await until('the other is dead', () => !isAlive(other));
    },
  );

  test(
    'paused',
    'SIGKILL ends a container that is paused',
    { proves: ['commands/kill-paused'], needs: [root] },
    async (trial) => {
      const container = await running(trial);
      await succeeds(trial.runtime('pause', container.id));
      await succeeds(container.kill('KILL'));
      // In v2 what is frozen can be killed; in v1 it has to be thawed.
      if (trial.host.cgroups !== 'v2') notEqual(await container.status(), 'paused');
      await container.ended();
      equal(await container.status(), 'stopped');
    },
  );
});

export const deleteTests = subject('engine-delete', (test) => {
  test(
    'stopped',
    'A container that has ended is deleted at once',
    { proves: ['commands/delete-stopped'] },
    async (trial) => {
      const container = await stopped(trial);
      await succeeds(container.delete());
      deepEqual(trial.leftovers(), []);
    },
  );

  test(
    'created',
    'A container that waits for its start is deleted, and its process is dead',
    { proves: ['commands/delete-created'] },
    async (trial) => {
      const container = await created(trial);
      const { pid } = container;
      await succeeds(container.delete());
      ok(!isAlive(pid));
      await trial.expectNothingLeft();
    },
  );

  test(
    'running',
    'A container that runs is not deleted',
    { proves: ['commands/delete-running'] },
    async (trial) => {
      const container = await running(trial);
      equal((await fails(container.delete())).status, 1);
      equal(await container.status(), 'running');
      ok(isAlive(container.pid));
    },
  );

  test(
    'paused',
    'A container that is paused is deleted with --force alone',
    { proves: ['commands/delete-running', 'commands/delete-force'], needs: [root] },
    async (trial) => {
      const container = await running(trial);
      await succeeds(trial.runtime('pause', container.id));
      await fails(container.delete());
      equal(await container.status(), 'paused');
      await succeeds(container.delete('--force'));
      await trial.expectNothingLeft();
    },
  );

  test(
    'missing',
    'delete of a container that there is not fails',
    { proves: ['commands/delete-missing'] },
    async (trial) => {
      equal((await fails(trial.runtime('delete', 'engine-nobody'))).status, 1);
    },
  );

  for (const flag of ['--force', '-f'])
    test(
      `missing-${flag.replaceAll('-', '')}`,
      `delete ${flag} of a container that there is not succeeds in silence`,
      { proves: ['commands/delete-missing'] },
      async (trial) => {
        const { status, stdout, stderr } = await trial.runtime('delete', flag, 'engine-nobody');
        deepEqual([status, stdout, stderr], [0, '', '']);
      },
    );

  test(
    'force',
    'delete --force kills a container that takes no notice of signals',
    { proves: ['commands/delete-force'] },
    async (trial) => {
      const container = await listener(trial);
      const { status, stdout, stderr } = await container.delete('--force');
      deepEqual([status, stdout, stderr], [0, '', '']);
      await trial.expectNothingLeft();
    },
  );

  test(
    'orphans',
    'delete --force kills what a container without a pid namespace has left behind',
    { proves: ['commands/delete-force'], needs: [root] },
    async (trial) => {
      const { container } = await pair(trial);
      sendSignal(container.pid, 'SIGKILL');
      await container.ended();
      await succeeds(container.delete('--force'));
      await trial.expectNothingLeft();
    },
  );
});
