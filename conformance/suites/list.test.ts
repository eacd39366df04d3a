import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Box } from '../lib/box.js';
import { call, type Finished } from '../lib/call.js';
import { suiteInViews } from '../lib/cgroup-views.js';
import type { Container } from '../lib/container.js';
import { type Engine, faultCommand, inMountNamespace, staticEngine } from '../lib/engines.js';
import { recordCalls } from '../lib/faults.js';
import { suite } from '../lib/suite.js';
import { badReport, sweep, sweepPatience } from '../lib/sweep.js';
import { until } from '../lib/until.js';

/** Of so many `list` keeps what it has printed. */
const MANY = 17;

/** Containers that run, made by whoever is quickest. */
async function crowd(box: Box, maker: Engine): Promise<Container[]> {
  const containers = Array.from({ length: MANY }, () =>
    box.container(({ process }) => {
      process.args = ['sleep', '1000'];
    }),
  );
  for (const { id, words } of containers.map((each) => ({
    id: each.id,
    words: each.words('create'),
  })))
    for (const args of [words, ['start', id]]) {
      const { stderr } = await call(box.folder, [...maker.command, '--root', box.root, ...args]);
      expect(stderr).toBe('');
    }
  return containers;
}

const quickest = (engines: readonly Engine[]): Engine =>
  engines.find(({ quick }) => quick) ?? engines[0]!;

const kept = (box: Box, name: string): string => join(box.root, '.cache/list', name);

async function listed(box: Box): Promise<Record<string, { status: string; pid: number }>> {
  const { stdout, stderr } = await box.runtime('list', '--format', 'json');
  expect(stderr).toBe('');
  const states = JSON.parse(stdout) as { id: string; status: string; pid: number }[];
  return Object.fromEntries(states.map(({ id, ...rest }) => [id, rest]));
}

suiteInViews('list of many', ({ it, view }) => {
  const states = { v1: 'freezer.state', v2: 'cgroup.freeze' } as const;
  const words = { v1: ['FROZEN', 'THAWED'], v2: ['1', '0'] } as const;

  it(
    'tells of each what state tells, whatever has happened since the last one',
    async (box) => {
      const all = await crowd(box, quickest(view.engines));
      const first = await listed(box);
      expect(Object.values(first).map(({ status }) => status)).toEqual(all.map(() => 'running'));
      expect(statSync(kept(box, 'json')).mode & 0o777).toBe(0o600);
      expect(await listed(box)).toEqual(first);

      const [frozen, paused, dead, gone, anew] = all as [Container, ...Container[]];
      const freezer = view.file('freezer', frozen.cgroup, states[view.name]);
      const [yes, no] = words[view.name];
      const changed = [frozen, paused!, dead!, anew!];
      writeFileSync(freezer, yes);
      await until('it is frozen', async () => (await frozen.status()) === 'paused');
      expect((await listed(box))[frozen.id]!.status).toBe('paused');
      await box.runtime('pause', paused!.id);
      await dead!.kill('KILL');
      await dead!.ended();
      expect(await gone!.delete('--force')).toMatchObject({ status: 0 });
      expect(await anew!.delete('--force')).toMatchObject({ status: 0 });
      await anew!.created();
      const second = await listed(box);
      expect(changed.map(({ id }) => second[id]!.status)).toEqual([
        ...['paused', 'paused', 'stopped', 'created'],
      ]);
      expect(Object.keys(second)).toEqual(
        all
          .map(({ id }) => id)
          .filter((id) => id !== gone!.id)
          .sort(),
      );
      for (const container of changed) {
        const { id, status, pid } = await container.query();
        expect(second[id]).toMatchObject({ status, pid });
      }

      writeFileSync(freezer, no);
      await until('it runs', async () => (await frozen.status()) === 'running');
      await box.runtime('resume', paused!.id);
      expect(await anew!.start()).toMatchObject({ status: 0 });
      const third = await listed(box);
      expect(changed.map(({ id }) => third[id]!.status)).toEqual([
        ...['running', 'running', 'stopped', 'running'],
      ]);
      rmSync(join(box.root, '.cache'), { recursive: true });
      expect(await listed(box)).toEqual(third);
    },
    sweepPatience,
  );
});

suite('list of many', ({ it, engine }) => {
  /** Prints the same twice and keeps nothing. */
  const keepsNothing = async (box: Box, command = engine.command) => {
    const look = () => call(box.folder, [...command, '--root', box.root, 'list']);
    const first = await look();
    expect(first).toMatchObject({ status: 0, stderr: '' });
    expect(first.stdout.match(/ running /g)).toHaveLength(MANY);
    expect((await look()).stdout).toBe(first.stdout);
    expect(existsSync(kept(box, 'table'))).toBe(false);
    return first.stdout;
  };

  it('works where nothing can be kept, and prints the same where it can', async (box) => {
    await crowd(box, staticEngine);
    const prepare = `mount --bind ${box.root} ${box.root}; mount -o remount,ro,bind ${box.root}`;
    const printed = await keepsNothing(box, inMountNamespace(engine, prepare).command);
    const cache = join(box.root, '.cache');
    for (const spoil of [
      () => writeFileSync(cache, 'a file'),
      () => mkdirSync(cache, { mode: 0o777 }),
      () => chmodSync(cache, 0o755),
      () => {
        chmodSync(cache, 0o700);
        chownSync(cache, 1000, 1000);
      },
    ]) {
      if (existsSync(cache) && statSync(cache).isFile()) rmSync(cache);
      spoil();
      expect(await keepsNothing(box)).toBe(printed);
    }
    rmSync(cache, { recursive: true });
    for (let i = 0; i < 3; i++) expect((await box.runtime('list')).stdout).toBe(printed);
    expect(existsSync(kept(box, 'table'))).toBe(true);
    const ids = printed
      .split('\n')
      .slice(1, -1)
      .map((line) => line.split(' ', 1)[0]);
    for (let i = 0; i < 2; i++)
      expect((await box.runtime('list', '-q')).stdout).toBe(`${ids.join('\n')}\n`);
  });

  it('does not believe what somebody else may have written', async (box) => {
    await crowd(box, staticEngine);
    const { stdout } = await box.runtime('list');
    const file = kept(box, 'table');
    const lie = readFileSync(file, 'utf8').replaceAll(' running ', ' invented ');
    writeFileSync(file, lie);
    expect((await box.runtime('list')).stdout).toContain('invented');
    for (const spoil of [
      () => chmodSync(file, 0o644),
      () => chownSync(file, 1000, 1000),
      () => writeFileSync(file, lie.slice(0, -1000)),
      () => writeFileSync(file, ''),
    ]) {
      rmSync(file);
      writeFileSync(file, lie, { mode: 0o600 });
      spoil();
      expect((await box.runtime('list')).stdout).toBe(stdout);
    }
  });
});

/** As its rows are of one release, the one that fails keeps them too. */
const program = faultCommand(staticEngine);

/** A list tells all, or which it cannot tell of, or why it cannot tell anything. */
function complaintsOf({ status, stdout, stderr }: Finished, good: string): string[] {
  if (stdout === good) return status === 0 ? [] : [`status ${status}`];
  const missing = good.split('\n').filter((line) => !stdout.split('\n').includes(line));
  const unsaid = missing.filter((line) => !stderr.includes(`load container ${line.split(' ', 1)}`));
  return status === 0 && stdout !== '' ? unsaid.map((line) => `lost ${line}`) : [];
}

suite(
  'a native call that fails',
  ({ it }) => {
    for (const kind of ['first', 'second'] as const)
      it(
        `in the ${kind} list of many is reported, or does not matter`,
        async (box) => {
          await crowd(box, staticEngine);
          const cache = join(box.root, '.cache');
          const prepare = async () => {
            rmSync(cache, { recursive: true, force: true });
            if (kind === 'second') await call(box.folder, [...program, '--root', box.root, 'list']);
          };
          const args = ['list'];
          await prepare();
          const { finished, calls } = await recordCalls(box, args);
          expect(finished.stdout.match(/ running /g)).toHaveLength(MANY);
          const look = async (failed: Finished) => {
            const report = failed.status === 0 ? [] : badReport(failed);
            const after = await call(box.folder, [...program, '--root', box.root, 'list']);
            return [
              ...report,
              ...complaintsOf(failed, finished.stdout),
              ...(after.stdout === finished.stdout ? [] : ['the next list is another']),
            ];
          };
          const complaints = await sweep({ box, args, calls: calls(), errors: [5], prepare, look });
          expect(complaints).toEqual([]);
        },
        sweepPatience,
      );
  },
  [staticEngine],
);
