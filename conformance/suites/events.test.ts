import { spawnSync } from 'node:child_process';
import { expect } from 'vitest';
import type { Box } from '../lib/box.js';
import { call } from '../lib/call.js';
import { suiteInViews } from '../lib/cgroup-views.js';
import type { Container } from '../lib/container.js';
import { cgroupFile, textOf } from '../lib/machine.js';
import { until } from '../lib/until.js';

const MiB = 1 << 20;

async function sleeper(box: Box): Promise<Container> {
  const container = box.container(({ process }) => {
    process.args = ['sleep', '1000'];
  });
  await container.started();
  return container;
}

const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '');

/** Names of all members, in their order. */
const keysOf = (value: unknown, path = ''): string[] =>
  typeof value !== 'object' || value === null || Array.isArray(value)
    ? []
    : Object.entries(value).flatMap(([key, member]) => [
        `${path}/${key}`,
        ...keysOf(member, `${path}/${key}`),
      ]);

const hasRunc = spawnSync('runc', ['--version']).status === 0;

suiteInViews('events', ({ it, engine, view }) => {
  const onV1 = view.name === 'v1';

  it('--stats prints one line and ends', async (box) => {
    const container = await sleeper(box);
    const { status, stdout, stderr } = await box.runtime('events', '--stats', container.id);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(lines(stdout)).toHaveLength(1);
    const { type, id, data } = JSON.parse(stdout);
    expect({ type, id }).toEqual({ type: 'stats', id: container.id });
    expect(Object.keys(data)).toEqual([
      ...['cpu', 'cpuset', 'memory', 'pids', 'blkio', 'hugetlb', 'intel_rdt'],
      'network_interfaces',
    ]);
    expect(data.memory).toMatchObject({ kernelTCP: { failcnt: 0 } });
    expect(data.cpu.usage).toMatchObject({
      kernel: expect.any(Number),
      user: expect.any(Number),
    });
    expect(data.network_interfaces).toBeNull();
    if (!onV1) expect(data.cpu.psi.some).toMatchObject({ avg10: expect.any(Number) });
  });

  if (onV1) {
    it('--stats tells what the files of v1 say, with all digits', async (box) => {
      const container = box.container(({ process, linux }) => {
        process.args = ['sleep', '1000'];
        linux.resources = { memory: { limit: 9007199254745088n }, pids: { limit: 77 } };
      });
      await container.started();
      const { stdout } = await box.runtime('events', '--stats', container.id);
      expect(stdout).toContain('"usage":{"limit":9007199254745088,');
      expect(stdout).toContain('"swap":{"limit":9223372036854771712,');
      expect(stdout).toContain('"pids":{"current":1,"limit":77}');
      const { data } = JSON.parse(stdout);
      const cpus = textOf(cgroupFile('cpuset', container.cgroup, 'cpuset.cpus')).trim();
      expect(data.cpuset.cpus[0]).toBe(Number(cpus.split(/[-,]/)[0]));
      expect(data.cpu.usage.total).toBe(
        data.cpu.usage.percpu.reduce((a: number, b: number) => a + b),
      );
    });

    if (hasRunc && engine.quick)
      it('--stats has the members that runc has, in its order', async (box) => {
        const container = await sleeper(box);
        const { stdout } = await box.runtime('events', '--stats', container.id);
        const theirs = box.container(({ process }) => {
          process.args = ['sleep', '1000'];
        });
        const runc = (...words: string[]) =>
          call(box.folder, ['runc', '--root', `${box.folder}/runc`, ...words]);
        const made = await runc('run', '--detach', '--bundle', theirs.bundle, theirs.id);
        expect(made).toMatchObject({ status: 0 });
        const expected = keysOf(JSON.parse((await runc('events', '--stats', theirs.id)).stdout));
        await runc('delete', '--force', theirs.id);
        // What depends on what the container happened to do, and huge pages, which runc knows not here.
        const fixed = (keys: string[]) =>
          keys.filter((key) => !/\/(blkio|hugetlb|memory\/raw)\/|\/memory\/cache$/.test(key));
        expect(fixed(keysOf(JSON.parse(stdout)))).toEqual(fixed(expected));
      });

    it('tells when the memory of a container has run out', async (box) => {
      const hog = 'dd if=/dev/zero of=/dev/null bs=256M count=1';
      const container = box.container(({ process, linux }) => {
        process.args = [
          'sh',
          '-c',
          `trap "${hog}; echo over" USR1; echo ready; while true; do sleep 1; done`,
        ];
        linux.resources = { memory: { limit: 64 * MiB } };
      });
      await container.started();
      await container.wrote('ready\n');
      const watching = box.start(['events', '--interval', '50ms', container.id]);
      await until('it watches', () => watching.stdout().includes('"stats"'));
      expect(watching.stdout()).not.toContain('"oom"');
      await container.kill('USR1');
      await until('it tells', () => watching.stdout().includes('"oom"'));
      expect(lines(watching.stdout())).toContain(`{"type":"oom","id":"${container.id}"}`);
      await container.kill('KILL');
      expect(await watching.ended()).toMatchObject({ status: 0, stderr: '' });
    });

    it('tells it too when that was the end of the container', async (box) => {
      const container = box.container(({ process, linux }) => {
        process.args = ['dd', 'if=/dev/zero', 'of=/dev/null', 'bs=256M', 'count=1'];
        linux.resources = { memory: { limit: 64 * MiB } };
      });
      await container.created();
      const watching = box.start(['events', '--interval', '50ms', container.id]);
      await until('it watches', () => watching.stdout().includes('"stats"'));
      await container.start();
      const { status, stdout } = await watching.ended();
      expect(status).toBe(0);
      expect(lines(stdout)).toContain(`{"type":"oom","id":"${container.id}"}`);
    });
  }

  it('prints a line at each interval, until the container has ended', async (box) => {
    const container = await sleeper(box);
    const watching = box.start(['events', '--interval=20ms', container.id]);
    await until('there are three', () => lines(watching.stdout()).length >= 3);
    await container.kill('KILL');
    const { status, stdout, stderr } = await watching.ended();
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    for (const line of lines(stdout))
      expect(JSON.parse(line)).toMatchObject({ type: 'stats', id: container.id });
  });

  it('does not outlive a container that is deleted, nor takes that for an end of memory', async (box) => {
    const container = await sleeper(box);
    const watching = box.start(['events', '--interval', '20ms', container.id]);
    await until('it watches', () => watching.stdout() !== '');
    await container.delete('--force');
    const { status, stdout } = await watching.ended();
    expect(status).toBe(0);
    expect(stdout).not.toContain('"oom"');
  });

  it('knows a container that waits for start and one that is paused', async (box) => {
    const container = box.container();
    await container.created();
    const stats = () => box.runtime('events', '--stats', container.id);
    expect(await stats()).toMatchObject({ status: 0, stderr: '' });
    await box.runtime('pause', container.id);
    expect(await stats()).toMatchObject({ status: 0, stderr: '' });
  });

  it('says what is wrong', async (box) => {
    const container = box.container();
    const pid = await container.created();
    const refusal = async (...words: string[]) => {
      const { status, stdout, stderr } = await box.runtime('events', ...words);
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
      return stderr;
    };
    for (const interval of ['0s', '0', '-1s'])
      expect(await refusal(`--interval=${interval}`, container.id)).toContain(
        'duration interval must be greater than 0',
      );
    expect(await refusal('--interval', 'soon', container.id)).toContain('must be a duration');
    expect(await refusal('nobody')).toContain('container does not exist');
    await container.kill('KILL');
    await container.ended(pid);
    for (const words of [['--stats'], []])
      expect(await refusal(...words, container.id)).toContain(
        `container with id ${container.id} is not running`,
      );
  });
});
