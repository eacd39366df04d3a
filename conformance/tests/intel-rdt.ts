import { deepEqual, equal, ok } from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../lib/config.js';
import type { Container } from '../lib/container.js';
import { textOf } from '../lib/machine.js';
import { resctrl, root } from '../runner/host.js';
import { type Need, NotTestable, subject } from '../runner/test.js';
import type { Trial } from '../runner/trial.js';

const noResctrl: Need = ({ resctrl }) => (resctrl ? 'needs a machine without resctrl' : null);

const at = (number: number): string => `config-linux/intelrdt/${number}`;
const needs = [resctrl, root];

const groupsIn = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();

const has = (folder: string, pid: number): boolean =>
  textOf(join(folder, 'tasks')).split('\n').includes(String(pid));

/** A line of the schemata of a group: `L3:0=7ff;1=7ff`. */
function lineOf(folder: string, resource: string): string {
  const lines = textOf(join(folder, 'schemata')).split('\n');
  const line = lines.map((each) => each.trim()).find((each) => each.startsWith(`${resource}:`));
  if (line === undefined) throw new NotTestable(`needs a machine that can allocate ${resource}`);
  return line.replaceAll(' ', '');
}

/** Half of the cache for the first of its parts, or half of the bandwidth. */
const halved = (line: string): string =>
  line.replace(/=(\w+)/, (_, value) =>
    line.startsWith('L3')
      ? `=${(Number.parseInt(value, 16) >> 1).toString(16)}`
      : `=${Number(value) / 2}`,
  );

class Place {
  readonly folder: string;

  constructor(readonly trial: Trial) {
    this.folder = trial.host.resctrl ?? '';
  }

  group(name: string): string {
    return join(this.folder, name);
  }

  l3(): string {
    return halved(lineOf(this.folder, 'L3'));
  }

  mb(): string {
    return halved(lineOf(this.folder, 'MB'));
  }

  async container(intelRdt: object): Promise<Container> {
    const container = this.trial.container(asking(intelRdt));
    await container.created();
    return container;
  }

  /** A group that somebody has configured before. */
  async prepared(act: (name: string, folder: string) => Promise<void>): Promise<void> {
    const name = `${this.trial.container().id}-prepared`;
    mkdirSync(this.group(name));
    try {
      await act(name, this.group(name));
    } finally {
      rmdirSync(this.group(name));
    }
  }
}

const asking =
  (intelRdt: object) =>
  ({ linux }: Config): void => {
    linux.intelRdt = intelRdt;
  };

export const intelRdtTests = subject('intel-rdt', (test) => {
  test(
    'not-mounted',
    'Without a mounted resctrl the container is refused',
    { proves: [at(2)], needs: [noResctrl] },
    async (trial) => {
      await trial.refused(asking({ closID: '/' }));
    },
  );

  test(
    'own-group',
    'Without closID the container gets a group of its own, which goes with it',
    { proves: [1, 8, 11, 14, 19].map(at), needs },
    async (trial) => {
      const place = new Place(trial);
      const schema = place.l3();
      const container = await place.container({ l3CacheSchema: schema });
      const group = place.group(container.id);
      ok(has(group, container.pid), 'its process is not in the group');
      equal(lineOf(group, 'L3'), schema);
      await container.delete('--force');
      ok(!existsSync(group), 'the group is still there');
    },
  );

  test(
    'untouched',
    'Without intelRdt no group is made or changed',
    { proves: [at(3)], needs },
    async (trial) => {
      const { folder } = new Place(trial);
      const look = () => [groupsIn(folder), textOf(join(folder, 'schemata'))];
      const before = look();
      await trial.container().created();
      deepEqual(look(), before);
    },
  );

  test(
    'default',
    'The group / is the root of resctrl',
    { proves: [at(4), at(13)], needs },
    async (trial) => {
      const place = new Place(trial);
      const before = [groupsIn(place.folder), textOf(join(place.folder, 'schemata'))];
      const container = await place.container({ closID: '/' });
      ok(has(place.folder, container.pid));
      deepEqual([groupsIn(place.folder), textOf(join(place.folder, 'schemata'))], before);
    },
  );

  test(
    'both',
    'Cache and bandwidth are both allocated',
    { proves: [at(9)], needs },
    async (trial) => {
      const place = new Place(trial);
      const [l3CacheSchema, memBwSchema] = [place.l3(), place.mb()];
      const { id } = await place.container({ l3CacheSchema, memBwSchema });
      const group = place.group(id);
      deepEqual([lineOf(group, 'L3'), lineOf(group, 'MB')], [l3CacheSchema, memBwSchema]);
    },
  );

  test('schemata', 'Lines of schemata are written', { proves: [at(12)], needs }, async (trial) => {
    const place = new Place(trial);
    const schema = place.l3();
    const { id } = await place.container({ schemata: [schema] });
    equal(lineOf(place.group(id), 'L3'), schema);
  });

  test(
    'named',
    'A group that is named and is not there is made, and stays when the container is deleted',
    { proves: [at(15), at(20)], needs },
    async (trial) => {
      const place = new Place(trial);
      const closID = `${trial.container().id}-named`;
      try {
        const container = await place.container({ closID, l3CacheSchema: place.l3() });
        ok(has(place.group(closID), container.pid));
        await container.delete('--force');
        ok(existsSync(place.group(closID)));
      } finally {
        if (existsSync(place.group(closID))) rmdirSync(place.group(closID));
      }
    },
  );

  test(
    'prepared',
    'A container goes into a group that is there, which stays as it is',
    { proves: [13, 17, 18, 20].map(at), needs },
    async (trial) => {
      const place = new Place(trial);
      await place.prepared(async (closID, folder) => {
        const before = textOf(join(folder, 'schemata'));
        const container = await place.container({ closID });
        ok(has(folder, container.pid));
        equal(textOf(join(folder, 'schemata')), before);
        await container.delete('--force');
        ok(existsSync(folder));
      });
    },
  );

  test(
    'not-prepared',
    'A group is refused that is not there, when nothing is said of what it should be',
    { proves: [at(17), at(18)], needs },
    async (trial) => {
      await trial.refused(asking({ closID: 'nobody-has-made-this' }));
    },
  );

  test(
    'mismatch',
    'A group is refused that is there and has another allocation',
    { proves: [at(16)], needs },
    async (trial) => {
      const place = new Place(trial);
      await place.prepared(async (closID, folder) => {
        await trial.refused(asking({ closID, l3CacheSchema: place.l3() }));
        equal(lineOf(folder, 'L3'), lineOf(place.folder, 'L3'));
      });
    },
  );

  for (const [slug, number, change] of [
    ['mb-newline', 6, (place: Place) => ({ memBwSchema: `${place.mb()}\n${place.mb()}` })],
    ['mb-prefix', 6, (place: Place) => ({ memBwSchema: place.l3() })],
    ['line-newline', 7, (place: Place) => ({ schemata: [`${place.l3()}\n${place.l3()}`] })],
  ] as const)
    test(
      slug,
      `What is wrong is refused: ${slug}`,
      { proves: [at(number)], needs },
      async (trial) => {
        await trial.refused(asking(change(new Place(trial))));
      },
    );
});

export const intelRdtAdviceTests = subject('intel-rdt', (test) => {
  test(
    'l3-newline',
    'Two lines in l3CacheSchema are refused, or both are written',
    { proves: [at(5)], needs },
    async (trial) => {
      const place = new Place(trial);
      const [l3, mb] = [place.l3(), place.mb()];
      const container = trial.container(asking({ l3CacheSchema: `${l3}\n${mb}` }));
      const { status } = await container.create();
      if (status !== 0) return trial.expectNothingLeft();
      const group = place.group(container.id);
      deepEqual([lineOf(group, 'L3'), lineOf(group, 'MB')], [l3, mb]);
    },
  );
});

export const monitoringTests = subject('intel-rdt', (test) => {
  test(
    'monitoring',
    'A container that is to be monitored has a group for that, which goes with it',
    { proves: [21, 22, 23].map(at), needs },
    async (trial) => {
      const place = new Place(trial);
      if (!existsSync(place.group('info/L3_MON'))) throw new NotTestable('needs L3_MON');
      const container = await place.container({ closID: '/', enableMonitoring: true });
      const group = place.group(`mon_groups/${container.id}`);
      ok(has(group, container.pid));
      await container.delete('--force');
      ok(!existsSync(group));
    },
  );

  test(
    'monitoring-full',
    'A container is refused for which there is no further group',
    { proves: [at(24)], needs },
    async (trial) => {
      const place = new Place(trial);
      const most = Number(textOf(place.group('info/L3_MON/num_rmids')));
      if (!most) throw new NotTestable('needs L3_MON');
      const made: string[] = [];
      try {
        for (let number = 0; number < most; number++) {
          const group = place.group(`mon_groups/${trial.container().id}`);
          try {
            mkdirSync(group);
          } catch {
            break;
          }
          made.push(group);
        }
        await trial.refused(asking({ closID: '/', enableMonitoring: true }));
      } finally {
        for (const group of made) rmdirSync(group);
      }
    },
  );
});
