import { chownSync, mkdirSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Box } from '../lib/box.js';
import { call } from '../lib/call.js';
import { engines, underV2, unifiedMount } from '../lib/engines.js';
import { hierarchies, textOf } from '../lib/machine.js';
import { asOrdinaryUser, rootless, user } from '../lib/ordinary-user.js';
import { suite } from '../lib/suite.js';
import { until } from '../lib/until.js';

const MiB = 1 << 20;

const controllers = textOf(join(unifiedMount, 'cgroup.subtree_control')).trim().split(' ');
const hasAll =
  hierarchies().length === 1 && ['memory', 'pids'].every((name) => controllers.includes(name));

interface Delegated {
  readonly top: string;
  /** The program, started from a cgroup in the delegated one. */
  readonly runtime: (...args: readonly string[]) => ReturnType<typeof call>;
}

/** cgroups(7), "Delegating a Hierarchy to a Less Privileged User" */
const given = ['', ...textOf('/sys/kernel/cgroup/delegate').trim().split('\n')];

function give(path: string): void {
  const there = ['', ...readdirSync(path)];
  for (const name of given) if (there.includes(name)) chownSync(join(path, name), user.id, user.id);
}

/** A cgroup that was given to the user, with some controllers, who runs the program below it. */
async function delegated(
  box: Box,
  handed: string,
  act: (place: Delegated) => Promise<void>,
): Promise<void> {
  const name = `runts-test-delegated-${process.pid}-${box.folder.slice(-6)}`;
  const outer = join(unifiedMount, name);
  const [top, own] = [join(outer, 'given'), join(outer, 'given/caller')];
  box.cgroups.push(`/${name}`);
  mkdirSync(own, { recursive: true });
  writeFileSync(join(outer, 'cgroup.subtree_control'), handed);
  for (const path of [top, own]) give(path);
  const enter = ['sh', '-c', `echo $$ >${join(own, 'cgroup.procs')} && exec "$@"`, 'sh'];
  const runtime = (...args: readonly string[]) =>
    call(box.folder, [...enter, ...box.engine.command, '--root', box.root, ...args]);
  await act({ top, runtime });
  await until('nobody is in them', () => textOf(join(top, 'cgroup.events')).includes('ted 0'));
  for (const path of [own, top, outer]) rmdirSync(path);
}

suite(
  'an ordinary user with a delegated cgroup',
  ({ it }) => {
    it('has the container in a cgroup of its own beside the caller’s', async (box) => {
      await delegated(box, '', async ({ top, runtime }) => {
        const container = await rootless(box, ({ process }) => {
          process.args = ['sleep', '1000'];
        });
        const { status, stderr } = await runtime(...container.words('create'));
        expect([status, stderr]).toEqual([0, '']);
        expect(textOf(join(top, container.id, 'cgroup.procs')).trim()).toBe(String(container.pid));
        expect((await container.delete('--force')).status).toBe(0);
        expect(readdirSync(top)).not.toContain(container.id);
      });
    });

    if (hasAll)
      it('has it limited, and its limits changed', async (box) => {
        await delegated(box, '+memory +pids', async ({ top, runtime }) => {
          const container = await rootless(box, ({ process, linux }) => {
            process.args = ['sleep', '1000'];
            linux.resources = { memory: { limit: 64 * MiB }, pids: { limit: 9 } };
          });
          const { status, stderr } = await runtime(...container.words('create'));
          expect([status, stderr]).toEqual([0, '']);
          const shown = () =>
            ['memory.max', 'pids.max'].map((name) => textOf(join(top, container.id, name)).trim());
          expect(shown()).toEqual([String(64 * MiB), '9']);
          expect((await container.start()).status).toBe(0);
          const update = ['update', '--memory', '32m', '--pids-limit', '12', container.id];
          expect(await runtime(...update)).toMatchObject({ status: 0, stderr: '' });
          expect(shown()).toEqual([String(32 * MiB), '12']);
          expect((await runtime('exec', container.id, 'true')).status).toBe(0);
          expect((await container.delete('--force')).status).toBe(0);
          expect(readdirSync(top)).not.toContain(container.id);
        });
      });

    it('cannot have it limited by what was not delegated', async (box) => {
      await delegated(box, '', async ({ top, runtime }) => {
        const container = await rootless(box, ({ linux }) => {
          linux.resources = { pids: { limit: 9 } };
        });
        const { status, stderr } = await runtime(...container.words('create'));
        expect(status).toBe(1);
        expect(stderr).toMatch(/controller pids|enables pids/);
        expect(readdirSync(top)).not.toContain(container.id);
      });
    });
  },
  engines.map((engine) => underV2(asOrdinaryUser(engine))),
);
