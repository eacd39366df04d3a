import { existsSync, mkdirSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Box } from '../lib/box.js';
import type { Finished } from '../lib/call.js';
import type { Container } from '../lib/container.js';
import { staticEngine } from '../lib/engines.js';
import { recordCalls, withFault } from '../lib/faults.js';
import { cgroupFile, hierarchies, textOf } from '../lib/machine.js';
import { suite } from '../lib/suite.js';

const AT = '/linux/intelRdt';
const schemata = '    L3:0=7ff;1=7ff\n    MB:0=100;1=100\n';

/** What a mounted resctrl looks like that has one group more than its root. */
function tree(box: Box): string {
  const root = box.folderFor('resctrl');
  for (const group of [root, join(root, 'gold')]) {
    mkdirSync(join(group, 'mon_groups'), { recursive: true });
    writeFileSync(join(group, 'tasks'), '');
    writeFileSync(join(group, 'schemata'), schemata);
  }
  return root;
}

const inside = (box: Box, intelRdt: object): Container =>
  box.container(({ process, linux }) => {
    process.args = ['echo', 'works'];
    linux.intelRdt = intelRdt;
  });

const create = (box: Box, root: string, container: Container): Promise<Finished> =>
  box.runtime('--resctrl', root, ...container.words('create'));

async function refusal(box: Box, root: string, intelRdt: object): Promise<string> {
  const { status, stderr } = await create(box, root, inside(box, intelRdt));
  expect(status).toBe(1);
  await box.expectNothingLeft();
  return stderr;
}

/**
 * A v1 hierarchy without a controller is the nearest thing to resctrl that every machine has: its
 * directories come with `tasks`, which takes pids, and go with rmdir(2).
 */
const systemd = hierarchies().find(({ controllers }) => controllers[0] === 'name=systemd');

function living(box: Box): string {
  const { id } = box.container();
  const root = cgroupFile('name=systemd', `/${id}`, '');
  mkdirSync(join(root, 'mon_groups'), { recursive: true });
  return root.replace(/\/$/, '');
}

function endLiving(root: string): void {
  rmdirSync(join(root, 'mon_groups'));
  rmdirSync(root);
}

suite('resctrl', ({ it, engine }) => {
  it('holds the container in the group that is named', async (box) => {
    const root = tree(box);
    for (const [closID, directory] of [
      ['gold', join(root, 'gold')],
      ['/', root],
    ] as const) {
      const container = inside(box, { closID });
      expect(await create(box, root, container)).toMatchObject({ status: 0, stderr: '' });
      expect(textOf(join(directory, 'tasks'))).toBe(`${container.pid}\n`);
      expect(textOf(join(directory, 'schemata'))).toBe(schemata);
      expect((await container.delete('--force')).status).toBe(0);
      expect(existsSync(directory)).toBe(true);
    }
  });

  it('gets schemata written, and given back when the container cannot be made', async (box) => {
    const root = tree(box);
    const file = join(root, 'gold/schemata');
    const asked = { closID: 'gold', l3CacheSchema: 'L3:1=7FF', schemata: ['MB:0=20;1=70'] };
    const container = inside(box, asked);
    expect((await create(box, root, container)).status).toBe(0);
    // A plain file holds what was written last.
    expect(textOf(file)).toMatch(/^MB:0=20;1=70\n/);
    await container.delete('--force');
    writeFileSync(file, schemata);
    const failing = box.container(({ process, linux }) => {
      process.args = ['/nonesuch'];
      linux.intelRdt = asked;
    });
    expect((await create(box, root, failing)).status).toBe(1);
    expect(textOf(file).startsWith(schemata.trim())).toBe(true);
  });

  it('is refused what does not fit to what is there', async (box) => {
    const root = tree(box);
    const other = await refusal(box, root, { closID: 'gold', memBwSchema: 'MB:0=50' });
    expect(other).toContain(`${AT}/memBwSchema: the group of resctrl that is there`);
    const missing = await refusal(box, root, { closID: 'silver' });
    expect(missing).toContain(`${AT}/closID: there is no group \\"silver\\"`);
    expect(readdirSync(root).sort()).toEqual(['gold', 'mon_groups', 'schemata', 'tasks']);
  });

  it('is missed by name where there is none', async (box) => {
    if (existsSync('/sys/fs/resctrl/tasks')) return;
    const text = await box.refusal(({ linux }) => {
      linux.intelRdt = { closID: 'gold' };
    });
    expect(text).toContain(`${AT}: resctrl is not mounted`);
    expect(text).toContain('mount -t resctrl');
  });

  if (systemd !== undefined)
    it('has groups that come and go with the container', async (box) => {
      const root = living(box);
      const container = inside(box, { enableMonitoring: false });
      expect(await create(box, root, container)).toMatchObject({ status: 0, stderr: '' });
      expect(textOf(join(root, container.id, 'tasks'))).toBe(`${container.pid}\n`);
      await container.delete('--force');
      const monitored = inside(box, { closID: '/', enableMonitoring: true });
      expect(await create(box, root, monitored)).toMatchObject({ status: 0, stderr: '' });
      const tasks = join(root, 'mon_groups', monitored.id, 'tasks');
      expect(textOf(tasks)).toBe(`${monitored.pid}\n`);
      await monitored.delete('--force');
      expect(existsSync(join(root, container.id))).toBe(false);
      expect(readdirSync(join(root, 'mon_groups')).filter((name) => /^runts/.test(name))).toEqual(
        [],
      );
      // A monitoring group needs mon_groups in the group, which only the kernel's have.
      const failing = inside(box, { enableMonitoring: true });
      const { stderr } = await create(box, root, failing);
      expect(stderr).toContain(`${AT}/enableMonitoring: mkdirat(`);
      expect(existsSync(join(root, failing.id))).toBe(false);
      endLiving(root);
      if (engine.quick) expect(box.leftovers()).toEqual([]);
    });
});

const EIO = 5;

if (systemd !== undefined)
  suite(
    'a native call that fails',
    ({ it }) => {
      it('leaves no group of resctrl', async (box) => {
        const root = living(box);
        box.folderFor('state');
        const container = inside(box, { closID: '/', enableMonitoring: true });
        const args = ['--resctrl', root, ...container.words('create')];
        const { calls } = await recordCalls(box, args);
        await container.delete('--force');
        const parents = calls().filter(({ role }) => role === 'parent');
        const first = parents.findIndex(({ name }) => name === 'mkdirat');
        for (const call of parents.slice(first)) {
          const { status } = await withFault(box, call, EIO, args);
          if (status === 0) await container.delete('--force');
          const left = readdirSync(join(root, 'mon_groups')).filter((name) => /^runts/.test(name));
          expect([call, left, box.leftovers().filter((what) => !what.includes(root))]).toEqual([
            call,
            [],
            [],
          ]);
        }
        endLiving(root);
      }, 120_000);
    },
    [staticEngine],
  );
