import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Box } from '../lib/box.js';
import { call } from '../lib/call.js';
import type { Container, Prepare } from '../lib/container.js';
import { engines, staticEngine, underV2 } from '../lib/engines.js';
import { recordCalls, withFault } from '../lib/faults.js';
import { inUserNamespace } from '../lib/ids.js';
import { cgroupFile, hierarchies, textOf } from '../lib/machine.js';
import { giveBox } from '../lib/ordinary-user.js';
import { suite } from '../lib/suite.js';
import {
  isBooted,
  lacksSystemd,
  lacksUserSystemd,
  startSystemd,
  stopSystemd,
  theFake,
  unitCgroup,
  unitIsThere,
  unitProperty,
  userCgroup,
  userId,
  userUnitProperty,
  withSystemd,
  withUserSystemd,
} from '../lib/systemd.js';
import { until } from '../lib/until.js';

beforeAll(async () => {
  if (lacksSystemd === null) await startSystemd();
});
afterAll(async () => {
  if (lacksSystemd === null) await stopSystemd();
});
afterEach(() => {
  if (isBooted || lacksSystemd !== null) return;
  theFake().mishaps = {};
  theFake().owner = null;
  theFake().calls.length = 0;
});

const EIO = 5;
const MiB = 1 << 20;

const unitOf = ({ id }: Container): string => `test-${id}.scope`;

/** A container in a scope of its own, in a slice that only this test has. */
function scoped(box: Box, prepare: Prepare = () => {}, slice = 'runtstest.slice'): Container {
  const container = box.container((config, paths) => {
    const id = config.linux.cgroupsPath?.slice(1) ?? '';
    config.linux.cgroupsPath = `${slice}:test:${id}`;
    box.cgroups.push(unitCgroup(`/${slice}/test-${id}.scope`));
    prepare(config, paths);
  });
  return container;
}

const sleeping: Prepare = ({ process }) => {
  process.args = ['sleep', '1000'];
};

const usesV2 = hierarchies().every(({ controllers }) => controllers.length === 0);
const hosts = [
  ['as the host has them', engines],
  ...(usesV2 ? [] : [['with v2 alone', engines.map(underV2)] as const]),
] as const;

/** The hybrid host’s own hierarchy of v2 has no controllers for these. */
const limitable = (title: string): boolean => usesV2 || title !== 'with v2 alone';

const limits = {
  pids: { limit: 9 },
  memory: { limit: 64 * MiB },
  cpu: { quota: 50_000, period: 100_000 },
};

const limitsAs = (pids: number, memory: number, perSecond: number) => ({
  files: [...[String(pids), String(memory * MiB)], `${perSecond / 10}${usesV2 ? ' 100000' : ''}`],
  unit: [
    ...[String(pids), String(memory * MiB)],
    isBooted ? `${perSecond / 1000}ms` : String(perSecond),
  ],
});

/** What the files say, and what systemd does. */
function seenLimits(unit: string, place: string) {
  const read = (file: string) =>
    textOf(cgroupFile(file.split('.')[0] ?? '', unitCgroup(place), file)).trim();
  const files = usesV2
    ? ['pids.max', 'memory.max', 'cpu.max']
    : ['pids.max', 'memory.limit_in_bytes', 'cpu.cfs_quota_us'];
  const names = ['TasksMax', usesV2 ? 'MemoryMax' : 'MemoryLimit', 'CPUQuotaPerSecUSec'];
  return { files: files.map(read), unit: names.map((name) => unitProperty(unit, name)) };
}

if (lacksSystemd !== null)
  describe.skip(`systemd (${lacksSystemd})`, () => test.todo('with systemd'));
else
  for (const [title, over] of hosts)
    suite(
      `cgroups by systemd, ${title}`,
      ({ it }) => {
        it('are a scope with init in it, until the container is deleted', async (box) => {
          const container = scoped(box, sleeping);
          const pid = await container.started();
          const path = unitCgroup(`/runtstest.slice/${unitOf(container)}`);
          expect(textOf(`/proc/${pid}/cgroup`)).toContain(`0::${path}\n`);
          expect(unitIsThere(unitOf(container))).toBe(true);
          expect(unitProperty(unitOf(container), 'Slice')).toBe('runtstest.slice');
          expect(unitProperty(unitOf(container), 'Description')).toBe(
            `runts container ${container.id}`,
          );
          expect(await container.status()).toBe('running');
          expect(await container.delete('--force')).toMatchObject({ status: 0, stderr: '' });
          expect(unitIsThere(unitOf(container))).toBe(false);
          expect(box.leftovers()).toEqual([]);
        });

        it('are in every hierarchy the same, and seen from inside', async (box) => {
          const container = scoped(box, ({ process, linux }) => {
            process.args = ['sh', '-c', 'cat /proc/self/cgroup'];
            linux.namespaces.push({ type: 'cgroup' });
          });
          const pid = await container.created();
          const path = unitCgroup(`/runtstest.slice/${unitOf(container)}`);
          const lines = textOf(`/proc/${pid}/cgroup`).trim().split('\n');
          const joined = lines.filter((line) => line.endsWith(`:${path}`));
          expect(joined.length).toBe(title === 'with v2 alone' ? 2 : lines.length);
          await container.start();
          await container.ended(pid);
          expect(container.output()).toMatch(/^0::\/$/m);
        });

        it('are named after the container when no path is given', async (box) => {
          const container = box.container((config, paths) => {
            delete config.linux.cgroupsPath;
            sleeping(config, paths);
          });
          const unit = `runts-${container.id}.scope`;
          const path = unitCgroup(`/system.slice/${unit}`);
          box.cgroups.push(path);
          expect(textOf(`/proc/${await container.created()}/cgroup`)).toContain(`:${path}\n`);
          expect(unitIsThere(unit)).toBe(true);
        });

        it('go into slices of slices', async (box) => {
          const container = scoped(box, sleeping, 'runtstest-a-b.slice');
          const parents = '/runtstest.slice/runtstest-a.slice/runtstest-a-b.slice';
          const path = unitCgroup(`${parents}/${unitOf(container)}`);
          box.cgroups.push(path);
          expect(textOf(`/proc/${await container.created()}/cgroup`)).toContain(`:${path}\n`);
        });

        it('have a process of a user namespace moved, too', async (box) => {
          const container = scoped(box, inUserNamespace(box));
          const { status, stderr } = await container.create();
          expect([status, stderr]).toEqual([0, '']);
          const path = unitCgroup(`/runtstest.slice/${unitOf(container)}`);
          expect(textOf(`/proc/${container.pid}/cgroup`)).toContain(`:${path}\n`);
        });

        it('have the properties that annotations name', async (box) => {
          const named = {
            KillSignal: '10',
            TimeoutStopSec: 'uint64 7',
            CollectMode: "'inactive-or-failed'",
            Documentation: '[\'man:b\', "man:a"]',
          };
          const container = scoped(box, (config, paths) => {
            sleeping(config, paths);
            config.annotations = Object.fromEntries(
              Object.entries(named).map(([key, text]) => [`org.systemd.property.${key}`, text]),
            );
          });
          await container.created();
          const shown = (name: string) => unitProperty(unitOf(container), name);
          expect(shown('KillSignal')).toBe('10');
          expect(shown('TimeoutStopUSec')).toBe(isBooted ? '7s' : '7000000');
          expect(shown('CollectMode')).toBe('inactive-or-failed');
          expect(shown('Documentation').split(/[ ,]/)).toEqual(['man:b', 'man:a']);
        });

        it('may be divided by the container, as Delegate says', async (box) => {
          const container = scoped(box, sleeping);
          await container.created();
          expect(unitProperty(unitOf(container), 'Delegate')).toBe(isBooted ? 'yes' : 'true');
        });

        it('may be a slice, which the runtime fills by itself', async (box) => {
          const container = scoped(box, sleeping);
          const unit = `runtstest-${container.id.replaceAll('-', '_')}.slice`;
          container.config.linux.cgroupsPath = `runtstest.slice:test:${unit}`;
          container.write();
          const path = unitCgroup(`/runtstest.slice/${unit}`);
          box.cgroups.push(path);
          const pid = await container.started();
          expect(textOf(`/proc/${pid}/cgroup`)).toContain(`0::${path}\n`);
          expect(unitIsThere(unit)).toBe(true);
          expect(await container.delete('--force')).toMatchObject({ status: 0, stderr: '' });
          expect(unitIsThere(unit)).toBe(false);
          expect(box.leftovers()).toEqual([]);
        });

        if (limitable(title)) {
          it('have limits that systemd knows of, and new ones with update', async (box) => {
            const container = scoped(box, (config, paths) => {
              sleeping(config, paths);
              const { devices = [] } = config.linux.resources ?? {};
              config.linux.resources = { ...limits, devices };
            });
            await container.started();
            const unit = unitOf(container);
            const look = () => seenLimits(unit, `/runtstest.slice/${unit}`);
            expect(look()).toEqual(limitsAs(9, 64, 500_000));
            const words = ['--pids-limit', '12', '--memory', '32m', '--cpu-quota', '20000'];
            const update = await box.runtime('update', ...words, container.id);
            expect(update).toMatchObject({ status: 0, stderr: '' });
            expect(look()).toEqual(limitsAs(12, 32, 200_000));
            if (!isBooted) return;
            // It writes all that it knows once more.
            execFileSync('systemctl', ['daemon-reload']);
            expect(look()).toEqual(limitsAs(12, 32, 200_000));
            expect(await container.says('echo x >/dev/null && echo open')).toBe('open');
          });

          it('keep their limits when one of the new ones is refused', async (box) => {
            const container = scoped(box, (config, paths) => {
              sleeping(config, paths);
              config.linux.resources = { ...config.linux.resources, ...limits };
            });
            await container.started();
            const unit = unitOf(container);
            const words = ['--pids-limit', '12', '--cpuset-cpus', '4095'];
            expect((await box.runtime('update', ...words, container.id)).status).toBe(1);
            expect(seenLimits(unit, `/runtstest.slice/${unit}`)).toEqual(limitsAs(9, 64, 500_000));
          });

          if (!isBooted)
            it('keep their limits when systemd does not take new ones', async (box) => {
              const container = scoped(box, ({ linux }) => {
                linux.resources = { ...linux.resources, ...limits };
              });
              await container.created();
              theFake().mishaps = { refusal: 'Not today.' };
              const { stderr } = await box.runtime('update', '--pids-limit', '12', container.id);
              const unit = unitOf(container);
              expect(stderr).toContain(`tell systemd of new limits for ${unit}`);
              expect(stderr).toContain('Not today.');
              const seen = seenLimits(unit, `/runtstest.slice/${unit}`);
              expect(seen).toEqual(limitsAs(9, 64, 500_000));
            });
        }

        it('are run in, waited for and taken away by run', async (box) => {
          const container = scoped(box, ({ process }) => {
            process.args = ['sh', '-c', 'echo out; exit 7'];
          });
          const { status, stdout, stderr } = await container.runtime('run');
          expect([status, stdout, stderr]).toEqual([7, 'out\n', '']);
          expect(unitIsThere(unitOf(container))).toBe(false);
        });

        it('kill what shares the pid namespace', async (box) => {
          const container = scoped(box, ({ process, linux }) => {
            process.args = ['sh', '-c', 'sleep 1000 & trap "exit 0" TERM; echo ready; wait'];
            linux.namespaces = linux.namespaces.filter(({ type }) => type !== 'pid');
          });
          await container.started();
          await container.wrote('ready\n');
          expect(await container.delete('--force')).toMatchObject({ status: 0, stderr: '' });
          expect(box.leftovers()).toEqual([]);
        });

        it('hold what exec adds', async (box) => {
          const container = scoped(box, sleeping);
          await container.started();
          const words = ['exec', container.id, 'cat', '/proc/self/cgroup'];
          const { status, stdout } = await box.runtime(...words);
          expect(status).toBe(0);
          expect(stdout).toContain(`0::${unitCgroup(`/runtstest.slice/${unitOf(container)}`)}\n`);
        });

        it('may be gone before the container is deleted', async (box) => {
          const container = scoped(box, sleeping);
          const pid = await container.started();
          await container.kill('KILL');
          await container.ended(pid);
          await until('systemd has ended the scope', () => !unitIsThere(unitOf(container)));
          expect(await container.delete()).toMatchObject({ status: 0, stderr: '' });
          expect(box.leftovers()).toEqual([]);
        });

        it('are refused by the name of what is wrong with their path', async (box) => {
          for (const [path, message] of [
            ['/a/b', 'expected cgroupsPath to be of format \\"slice:prefix:name\\" for systemd'],
            ['a--b.slice:x:y', 'invalid slice name: a--b.slice'],
            ['system.slice:x:a b', 'invalid unit name: x-a b.scope'],
          ]) {
            const refusal = await box.refusal(({ linux }) => {
              linux.cgroupsPath = path as string;
            });
            expect(refusal).toContain('/linux/cgroupsPath');
            expect(refusal).toContain(message);
          }
        });

        it('are not made for properties that are none', async (box) => {
          const refusal = await box.refusal((config) => {
            config.linux.cgroupsPath = 'system.slice:test:runts-test-refused';
            config.annotations = { 'org.systemd.property.KillSignal': 'fifteen' };
          });
          expect(refusal).toContain('/annotations/org.systemd.property.KillSignal');
          expect(refusal).toContain('fifteen is no value');
        });

        if (isBooted) {
          it('take the place of a scope that has failed', async (box) => {
            const container = scoped(box, sleeping);
            const unit = unitOf(container);
            const once = ['--scope', `--unit=${unit}`, '--property=RuntimeMaxSec=1'];
            expect(
              (await call(box.folder, ['systemd-run', ...once, 'sleep', '1000'])).status,
            ).not.toBe(0);
            expect(unitProperty(unit, 'ActiveState')).toBe('failed');
            await container.created();
            expect(unitProperty(unit, 'ActiveState')).toBe('active');
          });

          it('are not made with a property that systemd does not know', async (box) => {
            const container = scoped(box, (config) => {
              config.annotations = { 'org.systemd.property.NoSuchThing': '5' };
            });
            const { status, stderr } = await container.create();
            expect(status).toBe(1);
            expect(stderr).toContain("make the container's unit");
            expect(stderr).toContain('NoSuchThing');
            await box.expectNothingLeft();
          });
        }

        it('refuse a second container in the same scope', async (box) => {
          const first = scoped(box, sleeping);
          await first.created();
          const second = box.container(({ linux }) => {
            linux.cgroupsPath = first.config.linux.cgroupsPath ?? '';
          });
          const { status, stderr } = await second.create();
          expect(status).toBe(1);
          expect(stderr).toContain(`systemd has a unit ${unitOf(first)} already`);
          expect(await first.status()).toBe('created');
          expect(unitIsThere(unitOf(first))).toBe(true);
        });
      },
      over.map(withSystemd),
    );

/** Before and after the words that begin with the program itself. */
function split(command: readonly string[]): readonly [string[], string[]] {
  const at = command.findIndex((word) => /\/dist\/runts$|\/node$/.test(word));
  return [command.slice(0, at), command.slice(at)];
}

const withPids = textOf('/sys/fs/cgroup/cgroup.controllers').includes('pids');

/** A container of somebody without privileges. */
function ofUser(box: Box, prepare: Prepare = () => {}): Container {
  const ids = [{ containerID: 0, hostID: userId, size: 1 }];
  return box.container((config, paths) => {
    giveBox(box, paths.rootfs, userId);
    chownSync(paths.bundle, userId, userId);
    config.linux.namespaces.push({ type: 'user' });
    Object.assign(config.linux, { uidMappings: ids, gidMappings: ids, readonlyPaths: [] });
    delete config.linux.resources;
    config.mounts = config.mounts.filter(({ type }) => ['proc', 'tmpfs'].includes(type ?? ''));
    const id = config.linux.cgroupsPath?.slice(1) ?? '';
    config.linux.cgroupsPath = `:test:${id}`;
    box.cgroups.push(userCgroup(`/user.slice/test-${id}.scope`));
    prepare(config, paths);
  });
}

if (lacksUserSystemd !== null)
  describe.skip(`a user’s systemd (${lacksUserSystemd})`, () => test.todo('with a session'));
else
  suite(
    'cgroups by a user’s systemd',
    ({ it }) => {
      it('are a scope in the user’s slice, with the limits of the configuration', async (box) => {
        if (!isBooted) theFake().owner = userId;
        const container = ofUser(box, (config, paths) => {
          sleeping(config, paths);
          if (withPids) config.linux.resources = { pids: { limit: 9 } };
        });
        const { status, stderr } = await container.create();
        expect([status, stderr]).toEqual([0, '']);
        const path = userCgroup(`/user.slice/${unitOf(container)}`);
        expect(textOf(`/proc/${container.pid}/cgroup`)).toContain(`0::${path}\n`);
        if (withPids) expect(textOf(`/sys/fs/cgroup${path}/pids.max`)).toBe('9\n');
        await container.start();
        expect(await container.status()).toBe('running');
        if (withPids) {
          const update = await box.runtime('update', '--pids-limit', '12', container.id);
          expect(update).toMatchObject({ status: 0, stderr: '' });
          expect(textOf(`/sys/fs/cgroup${path}/pids.max`)).toBe('12\n');
          if (isBooted) expect(userUnitProperty(unitOf(container), 'TasksMax')).toBe('12');
        }
        expect(await container.delete('--force')).toMatchObject({ status: 0, stderr: '' });
        expect(box.leftovers()).toEqual([]);
      });

      it('need a bus', async (box) => {
        const container = ofUser(box);
        const words = ['env', 'DBUS_SESSION_BUS_ADDRESS=unix:path=/nowhere'];
        const [before, after] = split(box.engine.command);
        const { status, stderr } = await call(box.folder, [
          ...[...before, ...words, ...after, '--root', box.root],
          ...container.words('create'),
        ]);
        expect(status).toBe(1);
        expect(stderr).toContain('talk to systemd');
        expect(stderr).toContain('loginctl enable-linger');
        await box.expectNothingLeft();
      });
    },
    engines.map(withUserSystemd).map(underV2),
  );

/** What a real systemd cannot be made to do. */
if (lacksSystemd === null && !isBooted)
  suite(
    'a systemd with trouble',
    ({ it }) => {
      it('is told to forget a unit that has failed, and asked again', async (box) => {
        theFake().mishaps = { exists: 1 };
        const container = scoped(box);
        await container.created();
        const unit = unitOf(container);
        expect(theFake().calls).toEqual([
          `StartTransientUnit ${unit}`,
          `ResetFailedUnit ${unit}`,
          `StartTransientUnit ${unit}`,
        ]);
      });

      it('leaves nothing of a container whose job has failed', async (box) => {
        theFake().mishaps = { result: 'failed' };
        const container = scoped(box);
        const { status, stderr } = await container.create();
        expect(status).toBe(1);
        expect(stderr).toContain(
          `systemd could not start ${unitOf(container)}: the job ended as failed`,
        );
        await box.expectNothingLeft();
      });

      it('is not waited for when it does not answer', async (box) => {
        theFake().mishaps = { silent: true };
        const container = scoped(box);
        const { status, stderr } = await container.create();
        expect(status).toBe(1);
        expect(stderr).toContain(
          `waited 30 s in vain for the end of the job to start ${unitOf(container)}`,
        );
        await box.expectNothingLeft();
      });
    },
    [underV2(withSystemd(staticEngine))],
  );

/** What reaches systemd and what is done with its cgroup; all other calls are those of any create. */
const toSystemd = [
  ...[
    'socket',
    'connect',
    'ppoll',
    'read',
    'write',
    'clockGettime',
    'mkdirat',
    'recvFds',
    'sendFds',
  ],
];

/** Native calls that fail while systemd is talked to. */
if (lacksSystemd === null && !isBooted)
  suite(
    'a native call that fails with systemd',
    ({ it }) => {
      it('leaves nothing, or a container that works', async (box) => {
        const container = scoped(box, ({ process }) => {
          process.args = ['echo', 'works'];
        });
        const words = container.words('create');
        box.folderFor('state');
        const { calls } = await recordCalls(box, words);
        const forced = () => box.runtime('delete', '--force', container.id);
        await forced();
        const failing = calls().filter(
          ({ role, name }) => role === 'parent' && toSystemd.includes(name),
        );
        expect(failing.length).toBeGreaterThan(30);
        for (const each of failing) {
          const created = await withFault(box, each, EIO, words);
          if (created.status === 0) expect(await forced()).toMatchObject({ status: 0, stderr: '' });
          else
            expect({ ...each, said: created.stderr }).toEqual({
              ...each,
              said: expect.stringContaining('level=error'),
            });
          expect(created.stderr).not.toContain('bug');
          await box.expectNothingLeft();
          rmSync(container.pidFile, { force: true });
        }
      }, 180_000);
    },
    [underV2(withSystemd(staticEngine))],
  );

if (!existsSync('/run/systemd/system'))
  suite('a machine without systemd', ({ it, engine }) => {
    it('is told to use another manager', async (box) => {
      const container = box.container();
      const words = ['--cgroup-manager', 'systemd', ...container.words('create')];
      const { status, stderr } = await box.runtime(...words);
      expect(engine.ours && status).toBe(1);
      expect(stderr).toContain("systemd not running on this host, can't use systemd as cgroups");
      expect(stderr).toContain('--cgroup-manager cgroupfs');
      expect(readFileSync('/proc/self/cgroup', 'utf8')).not.toContain(container.id);
    });
  });
