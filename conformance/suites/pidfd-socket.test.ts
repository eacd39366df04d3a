import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Box } from '../lib/box.js';
import { startCall } from '../lib/call.js';
import type { Prepare } from '../lib/container.js';
import { helper } from '../lib/helpers.js';
import { suite } from '../lib/suite.js';
import { until } from '../lib/until.js';

const sleeps: Prepare = ({ process }) => {
  process.args = ['sleep', '1000'];
};

async function receiver(box: Box, name: string) {
  const path = join(box.folder, name);
  const running = startCall(box.folder, [helper('pidfd-receiver'), path]);
  await until('somebody listens', () => running.stdout() === 'listening\n');
  return { path, received: async () => (await running.ended()).stdout };
}

suite('a pidfd socket', ({ it }) => {
  it('is given a pidfd of init by create and run, with the word standard', async (box) => {
    const { path, received } = await receiver(box, 'create');
    const created = box.container(sleeps);
    const pid = await created.created('--pidfd-socket', path);
    expect(await received()).toBe(`listening\nstandard ${pid}\n0\n`);

    const second = await receiver(box, 'run');
    const run = box.container(sleeps);
    expect(await run.runtime('run', '--detach', `--pidfd-socket=${second.path}`)).toMatchObject({
      status: 0,
    });
    expect(await second.received()).toBe(`listening\nstandard ${run.pid}\n0\n`);
  });

  it('is given a pidfd of the new process by exec, with the word setns', async (box) => {
    for (const namespaced of [true, false]) {
      const container = box.container((config, paths) => {
        sleeps(config, paths);
        const { linux } = config;
        if (!namespaced) linux.namespaces = linux.namespaces.filter(({ type }) => type !== 'pid');
      });
      await container.started();
      const { path, received } = await receiver(box, `exec-${namespaced}`);
      const pidFile = join(container.bundle, 'exec-pid');
      const options = ['--detach', '--pidfd-socket', path, '--pid-file', pidFile];
      expect(await container.exec(options, 'sleep', '1000')).toMatchObject({ status: 0 });
      expect(await received()).toBe(`listening\nsetns ${readFileSync(pidFile, 'utf8')}\n0\n`);
    }
  });

  it('may be named relative to the working directory of the caller', async (box) => {
    const { path, received } = await receiver(box, 'relative');
    const container = box.container(sleeps);
    const words = container.words('create', '--pidfd-socket', 'relative');
    expect(await box.with({ cwd: join(path, '..') }, ...words)).toMatchObject({ status: 0 });
    expect(await received()).toBe(`listening\nstandard ${container.pid}\n0\n`);
  });

  it('that nobody listens at fails the command before anything is made', async (box) => {
    const container = box.container(sleeps);
    const cases = [
      ['/no/such/socket', 'ENOENT'],
      [join(container.bundle, 'config.json'), 'is not a socket'],
    ] as const;
    for (const [path, error] of cases) {
      const { status, stderr } = await container.create('--pidfd-socket', path);
      expect([path, status]).toEqual([path, 1]);
      expect(stderr).toContain('connect to the pidfd socket');
      expect(stderr).toContain(error);
      expect(box.leftovers()).toEqual([]);
    }
    await container.started();
    const pidFile = join(container.bundle, 'exec-pid');
    const options = ['--pidfd-socket', '/no/such/socket', '--pid-file', pidFile];
    const { status, stderr } = await container.exec(options, 'true');
    expect(status).toBe(255);
    expect(stderr).toContain('connect to the pidfd socket');
    expect(existsSync(pidFile)).toBe(false);
  });
});
