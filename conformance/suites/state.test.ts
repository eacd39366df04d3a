import {
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { call } from '../lib/call.js';
import { engines } from '../lib/engines.js';
import { isAlive } from '../lib/machine.js';
import { suite } from '../lib/suite.js';

const rfc3339Nano = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/;

suite('state', ({ it }) => {
  it('follows a container from created over running to stopped', async (box) => {
    const container = box.container(({ process }) => {
      process.args = ['sleep', '1000'];
    });
    const pid = await container.created();
    expect(await container.query()).toMatchObject({ status: 'created', pid });
    await container.start();
    expect(await container.query()).toMatchObject({ status: 'running', pid });
    await container.kill('KILL');
    await container.ended();
    expect(await container.query()).toMatchObject({ status: 'stopped', pid: 0 });
  });

  it('is an indented JSON object without a newline at its end', async (box) => {
    const container = box.container();
    const pid = await container.created();
    const { stdout, stderr } = await box.runtime('state', container.id);
    const state = JSON.parse(stdout);
    expect(stderr).toBe('');
    expect(stdout).toBe(JSON.stringify(state, null, 2));
    expect(Object.entries(state)).toEqual([
      ['ociVersion', expect.stringMatching(/^1\.\d+\.\d+/)],
      ['id', container.id],
      ['pid', pid],
      ['status', 'created'],
      ['bundle', container.bundle],
      ['rootfs', container.rootfs],
      ['created', expect.stringMatching(rfc3339Nano)],
      ['owner', ''],
    ]);
  });

  it('shows annotations when there are some, and nothing else of the configuration', async (box) => {
    const container = box.container((config) => {
      config.annotations = { 'org.example.key': 'value' };
      config.process.env.push('SECRET=hunter2');
    });
    await container.created();
    const { stdout } = await box.runtime('state', container.id);
    expect(JSON.parse(stdout).annotations).toEqual({ 'org.example.key': 'value' });
    expect(stdout).not.toContain('hunter2');
  });

  it('is kept where only its owner can read it', async (box) => {
    const container = box.container();
    await container.created();
    const mode = (path: string) => statSync(path).mode & 0o777;
    expect(mode(box.root)).toBe(0o700);
    expect(mode(container.state)).toBe(0o711);
    expect(mode(join(container.state, 'state.json'))).toBe(0o600);
    expect(readdirSync(container.state)).not.toContain('.state.json');
  });

  it('does not look at the bundle again', async (box) => {
    const container = box.container(({ process }) => {
      process.args = ['echo', 'as created'];
    });
    await container.created();
    writeFileSync(join(container.bundle, 'config.json'), 'spoilt');
    expect(await container.start()).toMatchObject({ status: 0 });
    await container.ended();
    expect(container.output()).toBe('as created\n');
    expect(await container.delete()).toMatchObject({ status: 0 });
  });

  it('takes a process that has another start time for another process', async (box) => {
    const container = box.container(({ process }) => {
      process.args = ['sleep', '1000'];
    });
    const pid = await container.started();
    const file = join(container.state, 'state.json');
    const record = readFileSync(file, 'utf8');
    writeFileSync(file, record.replace(/("startTime":")\d+/, '$112345'));
    expect(await container.query()).toMatchObject({ status: 'stopped', pid: 0 });
    const { status, stderr } = await container.kill('KILL');
    expect(status).toBe(1);
    expect(stderr).toContain('container not running');
    expect(await container.start()).toMatchObject({ status: 1 });
    writeFileSync(file, record);
    expect(await container.query()).toMatchObject({ status: 'running', pid });
  });

  it('does not exist without state.json, and still the id is taken', async (box) => {
    const container = box.container();
    mkdirSync(container.state, { recursive: true });
    for (const verb of ['state', 'start', 'kill']) {
      const { status, stderr } = await box.runtime(verb, container.id);
      expect({ verb, status }).toEqual({ verb, status: 1 });
      expect(stderr).toContain('container does not exist');
    }
    const { status, stderr } = await container.create();
    expect(status).toBe(1);
    expect(stderr).toContain('container with given ID already exists');
    expect(await container.delete('--force')).toMatchObject({ status: 0, stderr: '' });
    expect(box.leftovers()).toEqual([]);
  });
});

/** Which engine takes over from which. */
const successions = engines.flatMap((first) =>
  engines.filter((second) => second !== first).map((second) => ({ first, second })),
);

for (const { first, second } of successions)
  suite(
    `a container of ${first.name}`,
    ({ it }) => {
      it(`is understood by ${second.name}`, async (box) => {
        const container = box.container(({ process }) => {
          process.args = ['sleep', '1000'];
        });
        const pid = await container.created();
        const other = (...args: string[]) =>
          call(box.folder, [...second.command, '--root', box.root, ...args, container.id]);
        expect(JSON.parse((await other('state')).stdout)).toEqual(await container.query());
        expect(await other('start')).toMatchObject({ status: 0, stderr: '' });
        expect(await container.status()).toBe('running');
        expect(await other('kill', '--all')).toMatchObject({ status: 0, stderr: '' });
        await other('delete', '--force');
        expect(isAlive(pid)).toBe(false);
        expect(box.leftovers()).toEqual([]);
      });
    },
    [first],
  );

suite('list', ({ it, engine }) => {
  it('prints a table with a row for each container', async (box) => {
    const [one, two] = [box.container(), box.container()];
    const pids = [await one.created(), await two.created()];
    const { stdout, stderr } = await box.runtime('list');
    const [header = '', ...rows] = stdout.trimEnd().split('\n');
    expect(stderr).toBe('');
    expect(header.split(/ +/)).toEqual(['ID', 'PID', 'STATUS', 'BUNDLE', 'CREATED', 'OWNER']);
    expect(rows.map((row) => row.split(/ +/))).toEqual(
      [one, two].map(({ id, bundle }, i) => [
        id,
        String(pids[i]),
        'created',
        bundle,
        expect.stringMatching(rfc3339Nano),
        'root',
      ]),
    );
  });

  it('tells of each container among many what the kernel says of it', async (box) => {
    const statuses = ['created', 'running', 'paused', 'stopped'] as const;
    const containers = Array.from({ length: 12 }, (_, i) => ({
      container: box.container(({ process }) => {
        process.args = ['sleep', '1000'];
      }),
      status: statuses[i % statuses.length]!,
    }));
    for (const { container, status } of containers) {
      await (status === 'created' ? container.created() : container.started());
      if (status === 'paused') await box.runtime('pause', container.id);
      if (status === 'stopped') {
        await container.kill('KILL');
        await container.ended();
      }
    }
    const { stdout } = await box.runtime('list', '-f', 'json');
    const told = JSON.parse(stdout).map(({ id, status }: { id: string; status: string }) => {
      return { id, status };
    });
    const expected = containers.map(({ container: { id }, status }) => ({ id, status }));
    expect(told).toEqual(expected.sort((a, b) => (a.id < b.id ? -1 : 1)));
    for (const { container, status } of containers)
      if (status === 'paused') await box.runtime('resume', container.id);
  });

  it('lines its columns up, at least twelve wide', async (box) => {
    box.folderFor('state');
    const { stdout } = await box.runtime('list');
    expect(stdout).toBe('ID          PID         STATUS      BUNDLE      CREATED     OWNER\n');
  });

  it('prints one line of JSON, and null for nothing', async (box) => {
    const container = box.container();
    box.folderFor('state');
    expect((await box.runtime('list', '--format', 'json')).stdout).toMatch(/^null\n?$/);
    await container.created();
    const { stdout } = await box.runtime('list', '-f', 'json');
    expect(stdout.trimEnd()).not.toContain('\n');
    expect(JSON.parse(stdout)).toEqual([{ ...(await container.query()), owner: 'root' }]);
  });

  it('prints ids alone with --quiet', async (box) => {
    const container = box.container();
    await container.created();
    expect(await box.runtime('list', '-q')).toMatchObject({ stdout: `${container.id}\n` });
  });

  it('leaves out what it cannot read, and says so', async (box) => {
    const container = box.container();
    await container.created();
    mkdirSync(join(box.root, 'broken'));
    writeFileSync(join(box.root, 'broken/state.json'), '{');
    const { status, stdout, stderr } = await box.runtime('list', '-q');
    expect({ status, stdout }).toEqual({ status: 0, stdout: `${container.id}\n` });
    expect(stderr).toContain('broken');
    expect(stderr.trimEnd()).not.toContain('\n');
    rmSync(join(box.root, 'broken'), { recursive: true });
  });

  it('refuses a root that is named and missing', async (box) => {
    const { status, stdout, stderr } = await box.runtime('list');
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain(`open ${box.root}: no such file or directory`);
  });

  if (engine.quick)
    it('shows who owns a container, by name or by number', async (box) => {
      const container = box.container();
      await container.created();
      chownSync(container.state, 54321, 0);
      const { stdout } = await box.runtime('list', '-f', 'json');
      expect(JSON.parse(stdout)[0].owner).toBe('#54321');
      chownSync(container.state, 0, 0);
    });
});
