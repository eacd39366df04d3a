import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { Box } from '../lib/box.js';
import { type CgroupView, suiteInViews } from '../lib/cgroup-views.js';
import type { Container } from '../lib/container.js';
import { isAlive } from '../lib/machine.js';
import { until } from '../lib/until.js';

/** One that writes a line whenever it gets SIGUSR1. */
async function listener(box: Box): Promise<Container> {
  const container = box.container(({ process }) => {
    process.args = ['sh', '-c', 'trap "echo heard" USR1; echo ready; while true; do sleep 1; done'];
  });
  await container.started();
  await container.wrote('ready\n');
  return container;
}

const states = {
  v1: { file: 'freezer.state', frozen: 'FROZEN', thawed: 'THAWED' },
  v2: { file: 'cgroup.freeze', frozen: '1', thawed: '0' },
} as const;

const freezerOf = ({ name, file }: CgroupView, { cgroup }: Container): string =>
  readFileSync(file('freezer', cgroup, states[name].file), 'utf8').trim();

const done = { status: 0, stdout: '', stderr: '' };

suiteInViews('pause', ({ it, engine, view }) => {
  const { frozen, thawed } = states[view.name];

  it('stops a container where it is, and resume lets it go on', async (box) => {
    const container = await listener(box);
    expect(await box.runtime('pause', container.id)).toMatchObject(done);
    expect(freezerOf(view, container)).toBe(frozen);
    expect(await container.status()).toBe('paused');
    const listed = JSON.parse((await box.runtime('list', '--format', 'json')).stdout) as unknown;
    expect(listed).toEqual([expect.objectContaining({ id: container.id, status: 'paused' })]);
    expect(await container.kill('USR1')).toMatchObject(done);
    expect(await container.status()).toBe('paused');
    expect(container.output()).toBe('ready\n');
    expect(await box.runtime('resume', container.id)).toMatchObject(done);
    expect(freezerOf(view, container)).toBe(thawed);
    expect(await container.status()).toBe('running');
    await container.wrote('heard\n');
  });

  it('works on one that waits for start, which then cannot be started', async (box) => {
    const container = box.container();
    await container.created();
    expect(await box.runtime('pause', container.id)).toMatchObject(done);
    expect(await container.status()).toBe('paused');
    const { status, stderr } = await container.start();
    expect(status).toBe(1);
    expect(stderr).toContain('cannot start a container in the paused state');
    expect(await box.runtime('resume', container.id)).toMatchObject(done);
    expect(await container.status()).toBe('created');
    expect(await container.start()).toMatchObject({ status: 0 });
  });

  it('stops what the container has put into cgroups of its own', async (box) => {
    const container = await listener(box);
    const below = view.file('freezer', container.cgroup, 'below');
    mkdirSync(below);
    writeFileSync(`${below}/cgroup.procs`, String(container.pid));
    expect(await box.runtime('pause', container.id)).toMatchObject(done);
    expect(await container.kill('USR1')).toMatchObject(done);
    expect(await container.status()).toBe('paused');
    expect(container.output()).toBe('ready\n');
    expect(await box.runtime('resume', container.id)).toMatchObject(done);
    await container.wrote('heard\n');
  });

  it('fails on a container that has ended, is paused already, or is not there', async (box) => {
    const container = box.container();
    const pid = await container.created();
    const refusal = async (...words: string[]) => {
      const { status, stdout, stderr } = await box.runtime(...words);
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
      return stderr;
    };
    expect(await refusal('resume', container.id)).toContain('container not paused');
    expect(await box.runtime('pause', container.id)).toMatchObject(done);
    expect(await refusal('pause', container.id)).toContain('container not running');
    expect(await container.kill('KILL')).toMatchObject(done);
    await container.ended(pid);
    expect(await refusal('pause', container.id)).toContain('container not running');
    expect(await refusal('resume', container.id)).toContain('container not paused');
    for (const verb of ['pause', 'resume'])
      expect(await refusal(verb, 'nobody')).toContain('container does not exist');
  });

  it('keeps no container from being killed, with other signals when it goes on', async (box) => {
    const container = await listener(box);
    await box.runtime('pause', container.id);
    expect(await box.runtime('kill', '--all', container.id, 'USR1')).toMatchObject(done);
    expect(await container.status()).toBe('paused');
    expect(await container.kill('KILL')).toMatchObject(done);
    await container.ended();
    expect(await container.delete()).toMatchObject(done);
    expect(box.leftovers()).toEqual([]);
  });

  it('keeps no container from being deleted by force', async (box) => {
    const container = await listener(box);
    await box.runtime('pause', container.id);
    const { status, stderr } = await container.delete();
    expect(status).toBe(1);
    expect(stderr).toContain(`cannot delete container ${container.id} that is not stopped: paused`);
    expect(await container.delete('--force')).toMatchObject(done);
    expect(box.leftovers()).toEqual([]);
  });

  it('is no obstacle to killing all of a container without a pid namespace', async (box) => {
    const container = box.container(({ process, linux }) => {
      process.args = ['sh', '-c', 'sleep 1000 & echo $!; wait'];
      linux.namespaces = linux.namespaces.filter(({ type }) => type !== 'pid');
    });
    await container.started();
    await container.wrote('\n');
    const child = Number(container.output());
    await box.runtime('pause', container.id);
    expect(await container.kill('KILL')).toMatchObject(done);
    await until('both are dead', () => ![child, container.pid].some(isAlive));
  });

  if (engine.quick)
    it('stops what forks without end', async (box) => {
      const container = box.container(({ process, linux }) => {
        process.args = ['sh', '-c', 'echo ready; while true; do true & wait; done'];
        if (view.name === 'v1') linux.resources = { pids: { limit: 50 } };
      });
      await container.started();
      await container.wrote('ready\n');
      for (let i = 0; i < 10; i++) {
        expect(await box.runtime('pause', container.id)).toMatchObject(done);
        expect(await container.status()).toBe('paused');
        expect(await box.runtime('resume', container.id)).toMatchObject(done);
      }
      expect(await container.status()).toBe('running');
    });
});
