import { mkdirSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { freeze } from '../lib/freeze.js';
import { cgroupFile, cgroupsOf, isAlive, textOf } from '../lib/machine.js';
import { suite } from '../lib/suite.js';

suite('delete', ({ it, engine }) => {
  it('removes a container that has ended, at once after its end', async (box) => {
    const container = box.container(({ process }) => {
      process.args = ['true'];
    });
    const pid = await container.started();
    await container.ended(pid);
    expect(await container.delete()).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(box.leftovers()).toEqual([]);
    const again = await container.delete();
    expect(again.status).toBe(1);
    expect(again.stderr).toContain('container does not exist');
  });

  it('refuses a container that runs', async (box) => {
    const container = box.container(({ process }) => {
      process.args = ['sleep', '1000'];
    });
    const pid = await container.started();
    const { status, stderr } = await container.delete();
    expect(status).toBe(1);
    expect(stderr).toContain(
      `cannot delete container ${container.id} that is not stopped: running`,
    );
    expect(isAlive(pid)).toBe(true);
  });

  it('removes a container that waits for start', async (box) => {
    const container = box.container();
    const pid = await container.created();
    expect(await container.delete()).toMatchObject({ status: 0, stderr: '' });
    expect(isAlive(pid)).toBe(false);
    expect(box.leftovers()).toEqual([]);
  });

  it('kills with --force what runs', async (box) => {
    const container = box.container(({ process }) => {
      process.args = ['sh', '-c', 'trap "" TERM INT; sleep 1000 & while true; do wait; done'];
    });
    await container.started();
    expect(await container.delete('--force')).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(box.leftovers()).toEqual([]);
  });

  it('is content with --force when there is nothing', async (box) => {
    for (const flag of ['--force', '-f'])
      expect(await box.runtime('delete', flag, 'nobody')).toMatchObject({
        status: 0,
        stdout: '',
        stderr: '',
      });
  });

  it('removes a state directory that was left without state.json', async (box) => {
    const container = box.container();
    mkdirSync(container.state, { recursive: true });
    writeFileSync(join(container.state, '.state.json'), '{"vers');
    const { status, stderr } = await container.delete();
    expect(status).toBe(1);
    expect(stderr).toContain('container does not exist');
    expect(readdirSync(box.root)).toEqual([]);
  });

  it('kills with --force what a container without a pid namespace has left', async (box) => {
    const container = box.container(({ process, linux }) => {
      process.args = ['sh', '-c', 'sleep 1000 & sleep 1000 & echo ready'];
      linux.namespaces = linux.namespaces.filter(({ type }) => type !== 'pid');
    });
    const pid = await container.started();
    await container.ended(pid);
    const procs = textOf(cgroupFile('pids', container.cgroup, 'cgroup.procs'));
    expect(procs.trim().split('\n')).toHaveLength(2);
    expect(await container.delete('--force')).toMatchObject({ status: 0, stderr: '' });
    expect(box.leftovers()).toEqual([]);
  });

  it('removes cgroups that the container has made in its own', async (box) => {
    const container = box.container();
    await container.created();
    const below = cgroupFile('memory', container.cgroup, 'a');
    mkdirSync(below);
    mkdirSync(join(below, 'b'));
    expect(await container.delete()).toMatchObject({ status: 0, stderr: '' });
    expect(box.leftovers()).toEqual([]);
  });

  it('leaves cgroups above its own that were there, and removes none of others', async (box) => {
    const outer = `/runts-test-outer-${process.pid}-${engine.quick ? 'q' : 'n'}`;
    box.cgroups.push(outer);
    const [first, second] = [box.container(), box.container()];
    for (const container of [first, second]) {
      container.config.linux.cgroupsPath = `${outer}/${container.id}`;
      container.write();
      await container.created();
    }
    const left = cgroupsOf(`${outer}/${second.id}`);
    expect(await first.delete()).toMatchObject({ status: 0 });
    expect(cgroupsOf(`${outer}/${first.id}`)).toEqual([]);
    expect(cgroupsOf(`${outer}/${second.id}`)).toEqual(left);
    expect(await second.delete()).toMatchObject({ status: 0 });
    for (const path of cgroupsOf(outer)) rmdirSync(path);
  });

  if (engine.quick)
    it('thaws with --force what is frozen', async (box) => {
      const container = box.container(({ process }) => {
        process.args = ['sleep', '1000'];
      });
      await container.started();
      await freeze(container.cgroup);
      const refused = await container.delete();
      expect(refused.stderr).toContain('that is not stopped: paused');
      expect(await container.delete('--force')).toMatchObject({ status: 0, stderr: '' });
      expect(box.leftovers()).toEqual([]);
    });
});
