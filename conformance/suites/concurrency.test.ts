import { rmdirSync } from 'node:fs';
import { expect } from 'vitest';
import type { Box } from '../lib/box.js';
import { cgroupsOf } from '../lib/machine.js';
import { suite } from '../lib/suite.js';

const sleeper = (box: Box) =>
  box.container(({ process }) => {
    process.args = ['sleep', '1000'];
  });

suite('commands at the same time', ({ it, engine }) => {
  const crowd = engine.quick ? 100 : 8;

  it(`${crowd} creates of as many containers all work`, async (box) => {
    const containers = Array.from({ length: crowd }, () => sleeper(box));
    const created = await Promise.all(containers.map((container) => container.create()));
    expect(created.filter(({ status }) => status !== 0).map(({ stderr }) => stderr)).toEqual([]);
    const listed = JSON.parse((await box.runtime('list', '-f', 'json')).stdout);
    expect(listed).toHaveLength(crowd);
    expect(new Set(listed.map(({ pid }: { pid: number }) => pid)).size).toBe(crowd);
    const started = await Promise.all(containers.map((container) => container.start()));
    expect(started.filter(({ status }) => status !== 0).map(({ stderr }) => stderr)).toEqual([]);
    const deleted = await Promise.all(containers.map((container) => container.delete('--force')));
    expect(deleted.filter(({ status }) => status !== 0).map(({ stderr }) => stderr)).toEqual([]);
    expect(box.leftovers()).toEqual([]);
  });

  it('creates that fail leave alone what others make in the same new cgroup', async (box) => {
    for (let round = 0; round < (engine.quick ? 15 : 1); round++) {
      const above = sleeper(box).cgroup;
      const containers = Array.from({ length: 6 }, (_, i) =>
        box.container((config) => {
          config.linux.cgroupsPath = `${above}/pod-${i}/container`;
          if (i % 2 === 1) config.hooks = { createRuntime: [{ path: '/bin/false' }] };
        }),
      );
      const created = await Promise.all(containers.map((container) => container.create()));
      expect(created.map(({ status }) => status)).toEqual([0, 1, 0, 1, 0, 1]);
      for (const { stderr, status } of created)
        if (status !== 0) expect(stderr).not.toContain('cgroup');
      for (const container of containers) await container.delete('--force');
      const pods = containers.map((_, i) => `${above}/pod-${i}`);
      for (const path of [...pods, above].flatMap(cgroupsOf)) rmdirSync(path);
    }
  });

  it('of creates of one id a single one works, and its container is whole', async (box) => {
    for (let round = 0; round < (engine.quick ? 20 : 2); round++) {
      const container = sleeper(box);
      const words = ['create', '--bundle', container.bundle, container.id];
      const all = await Promise.all(Array.from({ length: 5 }, () => box.runtime(...words)));
      expect(all.map(({ status }) => status).sort()).toEqual([0, 1, 1, 1, 1]);
      for (const { status, stderr } of all)
        if (status !== 0) expect(stderr).toContain('container with given ID already exists');
      expect(await container.start()).toMatchObject({ status: 0, stderr: '' });
      expect(await container.status()).toBe('running');
      expect(await container.delete('-f')).toMatchObject({ status: 0, stderr: '' });
    }
  });

  it('of starts of one container a single one works', async (box) => {
    for (let round = 0; round < (engine.quick ? 20 : 2); round++) {
      const container = sleeper(box);
      await container.created();
      const all = await Promise.all(Array.from({ length: 5 }, () => container.start()));
      expect(all.map(({ status }) => status).sort()).toEqual([0, 1, 1, 1, 1]);
      for (const { status, stderr } of all)
        if (status !== 0) expect(stderr).toContain('cannot start an already running container');
      await container.delete('-f');
    }
  });

  it('start, kill, state and delete of one container harm neither it nor each other', async (box) => {
    const known =
      /^$|container not running|container does not exist|cannot start a container that has stopped|already running|that is not stopped/;
    for (let round = 0; round < (engine.quick ? 30 : 2); round++) {
      const container = sleeper(box);
      await container.created();
      const all = await Promise.all([
        container.start(),
        container.kill('KILL'),
        box.runtime('state', container.id),
        box.runtime('list'),
        container.delete(),
        container.delete('--force'),
        container.delete('--force'),
      ]);
      for (const { status, stderr } of all) {
        expect(stderr).toMatch(known);
        expect(status).toBe(stderr === '' ? 0 : 1);
      }
      expect(all.slice(-2).map(({ status }) => status)).toEqual([0, 0]);
      expect(box.leftovers()).toEqual([]);
    }
  });

  if (engine.quick)
    it('create and delete --force of one id leave a container or nothing', async (box) => {
      for (let round = 0; round < 40; round++) {
        const container = sleeper(box);
        const [created, deleted] = await Promise.all([
          container.create(),
          container.delete('--force'),
        ]);
        expect(deleted).toMatchObject({ status: 0, stdout: '', stderr: '' });
        expect(created).toMatchObject({ status: 0, stdout: '', stderr: '' });
        const { status, stdout } = await box.runtime('state', container.id);
        if (status === 0) expect(JSON.parse(stdout).status).toBe('created');
        expect(await container.delete('--force')).toMatchObject({ status: 0, stderr: '' });
        expect(box.leftovers()).toEqual([]);
      }
    });
});
