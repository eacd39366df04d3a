import { mkdirSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { Box } from '../lib/box.js';
import { suiteInViews } from '../lib/cgroup-views.js';
import type { Container } from '../lib/container.js';
import { processState, textOf } from '../lib/machine.js';
import { until } from '../lib/until.js';

/** Two processes: init, and a child of it. */
async function pair(box: Box): Promise<{ container: Container; pids: number[] }> {
  const container = box.container(({ process }) => {
    process.args = ['sh', '-c', 'sleep 4321 & echo ready; wait'];
  });
  const pid = await container.started();
  await container.wrote('ready\n');
  const children = () => textOf(`/proc/${pid}/task/${pid}/children`).trim();
  await until('the child is there', () => children() !== '');
  return { container, pids: [pid, Number(children())].sort((a, b) => a - b) };
}

const lines = (text: string): string[] => text.trimEnd().split('\n');

suiteInViews('ps', ({ it, engine, view }) => {
  it('prints the process ids as the host knows them', async (box) => {
    const { container, pids } = await pair(box);
    for (const words of [['--format', 'json'], ['-f', 'json'], ['-f=json']])
      expect(await box.runtime('ps', ...words, container.id)).toMatchObject({
        status: 0,
        stdout: `${JSON.stringify(pids)}\n`,
        stderr: '',
      });
  });

  it('prints what ps -ef says of them, with the head', async (box) => {
    const { container, pids } = await pair(box);
    const { status, stdout, stderr } = await box.runtime('ps', container.id);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const [head, ...rest] = lines(stdout);
    expect(head).toMatch(/^UID +PID +PPID +C +STIME +TTY +TIME +CMD$/);
    expect(rest.map((line) => Number(line.split(/\s+/)[1])).sort((a, b) => a - b)).toEqual(pids);
    expect(rest.filter((line) => line.endsWith('sleep 4321'))).toHaveLength(1);
    const named = await box.runtime('ps', '--format', 'table', container.id);
    expect(lines(named.stdout)[0]).toBe(head);
  });

  it('hands options after the id to ps', async (box) => {
    const { container, pids } = await pair(box);
    const { status, stdout } = await box.runtime('ps', container.id, '-A', '-o', 'comm,pid');
    expect(status).toBe(0);
    expect(lines(stdout)[0]).toMatch(/^COMMAND +PID$/);
    expect(lines(stdout).slice(1)).toHaveLength(pids.length);
    const own = await box.runtime('ps', '-f', 'table', container.id, '-e', '-f');
    expect(lines(own.stdout)[0]).toMatch(/^UID/);
    const without = await box.runtime('ps', container.id, '-A', '-o', 'comm');
    expect(without.status).toBe(1);
    expect(without.stderr).toContain("couldn't find PID field in ps output");
    const wrong = await box.runtime('ps', container.id, '--no-such-option');
    expect(wrong.status).toBe(1);
    expect(wrong.stderr).toContain('ps --no-such-option: error: unknown gnu long option');
  });

  it('finds processes in cgroups that the container has made', async (box) => {
    const { container, pids } = await pair(box);
    for (const [i, pid] of pids.entries()) {
      const below = view.file('pids', container.cgroup, `below${i}`);
      mkdirSync(`${below}/deep`, { recursive: true });
      writeFileSync(`${below}/deep/cgroup.procs`, String(pid));
    }
    const { stdout } = await box.runtime('ps', '-f', 'json', container.id);
    expect(JSON.parse(stdout)).toEqual(pids);
  });

  it('knows a container that waits for start, and one that is paused', async (box) => {
    const container = box.container();
    const pid = await container.created();
    const ids = async () => (await box.runtime('ps', '-f', 'json', container.id)).stdout;
    expect(await ids()).toBe(`[${pid}]\n`);
    await box.runtime('pause', container.id);
    expect(await ids()).toBe(`[${pid}]\n`);
  });

  it('prints null, or the head alone, when nothing runs any more', async (box) => {
    const container = box.container(({ process }) => {
      process.args = ['true'];
    });
    const pid = await container.started();
    // Not before it is reaped is a zombie out of its cgroup's list.
    await until('it is gone', () => processState(pid) === '');
    expect(await box.runtime('ps', '-f', 'json', container.id)).toMatchObject({
      status: 0,
      stdout: 'null\n',
    });
    const { status, stdout } = await box.runtime('ps', container.id);
    expect(status).toBe(0);
    expect(lines(stdout)).toHaveLength(1);
  });

  it('says what is wrong', async (box) => {
    const container = box.container();
    await container.created();
    const missing = await box.runtime('ps', 'nobody');
    expect(missing.status).toBe(1);
    expect(missing.stderr).toContain('container does not exist');
    const format = await box.runtime('ps', '-f', 'xml', container.id);
    expect(format.status).toBe(1);
    expect(format.stderr).toContain('invalid format option');
    const none = await box.runtime('ps');
    expect(none.status).toBe(1);
    expect(none.stderr).toContain('ps\\" requires a minimum of 1 argument(s)');
  });

  // Node itself, and the tools that make the view, are found through PATH.
  if (engine.quick && view.name === 'v1')
    it('says when the host has no ps, in words that no engine takes for the container’s', async (box) => {
      const container = box.container();
      const pid = await container.created();
      const env = { PATH: box.folder };
      const { status, stdout, stderr } = await box.with({ env }, 'ps', container.id);
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
      expect(stderr).toContain('the program ps is not in $PATH');
      expect(stderr).not.toMatch(/no such file|executable file not found/);
      const json = await box.with({ env }, 'ps', '-f', 'json', container.id);
      expect(json.stdout).toBe(`[${pid}]\n`);
    });
});
