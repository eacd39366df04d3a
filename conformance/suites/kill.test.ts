import { expect } from 'vitest';
import type { Box } from '../lib/box.js';
import type { Container, Prepare } from '../lib/container.js';
import { freeze } from '../lib/freeze.js';
import { cgroupFile, isAlive, textOf } from '../lib/machine.js';
import { sendSignal } from '../lib/send-signal.js';
import { suite } from '../lib/suite.js';
import { until } from '../lib/until.js';

const reports = 'trap "echo TERM" TERM; trap "echo USR1" USR1; trap "echo WINCH" 28; echo ready; ';
const waits = 'while true; do sleep 1000 & wait; done';

/** One that says which signals reach it. */
async function reporter(box: Box): Promise<Container> {
  const container = box.container(({ process }) => {
    process.args = ['sh', '-c', reports + waits];
  });
  await container.started();
  await container.wrote('ready\n');
  return container;
}

/** Init and another process that is not its child in any pid namespace of theirs. */
async function withoutPidNamespace(box: Box, script: string, prepare: Prepare = () => {}) {
  const container = box.container((config, paths) => {
    config.process.args = ['sh', '-c', script];
    config.linux.namespaces = config.linux.namespaces.filter(({ type }) => type !== 'pid');
    prepare(config, paths);
  });
  await container.started();
  await container.wrote('ready\n');
  const others = textOf(cgroupFile('pids', container.cgroup, 'cgroup.procs'))
    .split('\n')
    .map(Number)
    .filter((pid) => pid > 0 && pid !== container.pid);
  return { container, others };
}

suite('kill', ({ it, engine }) => {
  it('sends SIGTERM when no signal is named', async (box) => {
    const container = await reporter(box);
    expect(await container.kill()).toMatchObject({ status: 0, stdout: '', stderr: '' });
    await container.wrote('TERM\n');
  });

  it('takes names with and without SIG, in any case, and numbers', async (box) => {
    const container = await reporter(box);
    for (const name of ['USR1', 'sigusr1', 'SIGUSR1', '10', 'Winch', '28'])
      expect(await container.kill(name)).toMatchObject({ status: 0, stderr: '' });
    await container.wrote('USR1\n');
    await container.wrote('WINCH\n');
  });

  it('refuses signals that there are not', async (box) => {
    const container = box.container();
    await container.created();
    for (const name of ['FROB', 'SIG', '']) {
      const { status, stderr } = await container.kill(name);
      expect({ name, status }).toEqual({ name, status: 1 });
      expect(stderr).toContain('unknown signal');
    }
    for (const number of ['-9', '1000']) {
      const { status, stderr } = await container.kill(number);
      expect({ number, status }).toEqual({ number, status: 1 });
      expect(stderr).toMatch(/unable to signal init: invalid argument|unknown signal/);
    }
  });

  it('looks for the container before it looks at the signal', async (box) => {
    const { stderr } = await box.runtime('kill', 'nobody', 'FROB');
    expect(stderr).toContain('container does not exist');
  });

  it('tells with signal 0 whether a container lives', async (box) => {
    const container = box.container();
    const pid = await container.created();
    expect(await container.kill('0')).toMatchObject({ status: 0 });
    sendSignal(pid, 'SIGKILL');
    await container.ended(pid);
    expect(await container.kill('0')).toMatchObject({ status: 1 });
  });

  it('fails on a container that has ended, but not with --all', async (box) => {
    const container = box.container(({ process }) => {
      process.args = ['true'];
    });
    await container.started();
    await container.ended();
    const { status, stderr } = await container.kill('KILL');
    expect(status).toBe(1);
    expect(stderr).toContain('container not running');
    for (const flag of ['--all', '-a']) {
      const all = await box.runtime('kill', flag, container.id, '9');
      expect(all).toMatchObject({ status: 0, stdout: '', stderr: '' });
    }
  });

  it('ends a container that waits for start', async (box) => {
    const container = box.container();
    const pid = await container.created();
    expect(await container.kill('KILL')).toMatchObject({ status: 0 });
    await container.ended(pid);
    expect(await container.status()).toBe('stopped');
  });

  it('lets SIGTERM end a container that waits for start', async (box) => {
    const container = box.container(({ linux }) => {
      linux.namespaces = linux.namespaces.filter(({ type }) => type !== 'pid');
    });
    const pid = await container.created();
    expect(await container.kill('TERM')).toMatchObject({ status: 0 });
    await container.ended(pid);
  });

  it('signals init alone', async (box) => {
    const { container, others } = await withoutPidNamespace(
      box,
      'sleep 1000 & trap "exit 0" TERM; echo ready; wait',
    );
    expect(others).toHaveLength(1);
    expect(await container.kill('TERM')).toMatchObject({ status: 0 });
    await container.ended();
    expect(others.filter(isAlive)).toEqual(others);
    expect(await container.kill('TERM')).toMatchObject({ status: 1 });
  });

  it('kills every process of a container that has no pid namespace, even without init', async (box) => {
    const { container, others } = await withoutPidNamespace(
      box,
      'sleep 1000 & trap "exit 0" TERM; echo ready; wait',
    );
    await container.kill('TERM');
    await container.ended();
    expect(await container.kill('KILL')).toMatchObject({ status: 0 });
    await until('the orphan is dead', () => !others.some(isAlive));
  });

  it('signals every process with --all', async (box) => {
    const { container, others } = await withoutPidNamespace(
      box,
      'sleep 1000 & trap "" TERM; echo ready; wait; echo over; exec sleep 1000',
    );
    expect(await box.runtime('kill', '--all', container.id, 'TERM')).toMatchObject({ status: 0 });
    await until('the child is dead', () => !others.some(isAlive));
    await container.wrote('over\n');
    expect(isAlive(container.pid)).toBe(true);
  });

  if (engine.quick)
    it('thaws what it kills', async (box) => {
      const container = box.container(({ process }) => {
        process.args = ['sleep', '1000'];
      });
      const pid = await container.started();
      await freeze(container.cgroup);
      expect(await container.status()).toBe('paused');
      expect(await container.start()).toMatchObject({
        status: 1,
        stderr: expect.stringContaining('cannot start a container in the paused state'),
      });
      expect(await container.kill('KILL')).toMatchObject({ status: 0 });
      await container.ended(pid);
    });
});
