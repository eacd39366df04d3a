import { chownSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Box } from '../lib/box.js';
import type { Finished } from '../lib/call.js';
import type { Config } from '../lib/config.js';
import type { Container } from '../lib/container.js';
import { staticEngine, underV2 } from '../lib/engines.js';
import { type NativeCall, recordCalls } from '../lib/faults.js';
import { everyHook } from '../lib/hooks.js';
import { inUserNamespace } from '../lib/ids.js';
import { isAlive, processesWith } from '../lib/machine.js';
import { placeSpoilt } from '../lib/spoilt.js';
import { type It, suite } from '../lib/suite.js';
import { badReport, forced, sweepPatience as patience, stillThere, sweep } from '../lib/sweep.js';
import { until } from '../lib/until.js';

const EIO = 5;

/** Something in every section that create works on. */
const container = (box: Box, change: (config: Config) => void): Container =>
  box.container((config) => {
    const { process, linux } = config;
    process.args = ['echo', 'works'];
    process.rlimits = [{ type: 'RLIMIT_NOFILE', soft: 64, hard: 128 }];
    process.oomScoreAdj = 100;
    process.scheduler = { policy: 'SCHED_BATCH' };
    process.ioPriority = { class: 'IOPRIO_CLASS_BE', priority: 5 };
    linux.personality = { domain: 'LINUX' };
    linux.sysctl = { 'net.ipv4.ip_forward': '1' };
    linux.namespaces.push({ type: 'cgroup' });
    change(config);
  });

const limited = (box: Box): Container =>
  container(box, ({ linux }) => {
    linux.resources = { memory: { limit: 64 << 20 }, pids: { limit: 64 }, cpu: { cpus: '0' } };
  });

/** Mounts of every kind that is made in a way of its own, and little else. */
const mounted = (box: Box): Container =>
  box.container(({ process, mounts }, { rootfs }) => {
    process.args = ['echo', 'works'];
    mkdirSync(join(rootfs, 'copied/folder'), { recursive: true });
    writeFileSync(join(rootfs, 'copied/folder/file'), 'text');
    symlinkSync('folder', join(rootfs, 'copied/link'));
    chownSync(join(rootfs, 'copied/folder/file'), 1, 2);
    const idmap = 'idmap=uids=0-1-9;gids=0-1-9';
    const mount = (destination: string, source: string, ...options: string[]) =>
      mounts.push({ destination, type: 'tmpfs', source, options });
    mount('/copied', 'tmpfs', 'tmpcopyup');
    mount('/mapped', join(rootfs, 'etc'), 'bind', idmap);
    mount('/new', 'tmpfs', idmap.replaceAll('9', '8'));
    mount('/etc/link', join(rootfs, 'copied/link'), 'bind', 'copy-symlink');
  });

/** With a filter that asks somebody about calls: whoever takes the listener, here, lets it go. */
const filtered = (box: Box): Container => {
  const listenerPath = join(box.folder, 'agent');
  createServer((connection) => void connection.resume())
    .listen(listenerPath)
    .unref();
  return container(box, ({ process, linux }) => {
    process.noNewPrivileges = false;
    linux.seccomp = {
      ...{ defaultAction: 'SCMP_ACT_ALLOW', listenerPath },
      syscalls: [{ names: ['reboot'], action: 'SCMP_ACT_NOTIFY' }],
    };
  });
};

/** Two processes on the way in, with something for the parent to set up in each. */
const namespaced = (box: Box): Container =>
  box.container(
    inUserNamespace(box, ({ process, linux }) => {
      process.args = ['echo', 'works'];
      process.rlimits = [{ type: 'RLIMIT_NOFILE', soft: 64, hard: 128 }];
      linux.namespaces.push({ type: 'time' });
      linux.timeOffsets = { boottime: { secs: 1000 } };
    }),
  );

/** Hooks of every kind, and little else. */
const hooked = (box: Box): Container =>
  box.container((config) => {
    config.hooks = everyHook();
    config.process.args = ['echo', 'works'];
    config.linux.resources = { pids: { limit: 64 } };
  });

const sleeping = (box: Box): Container =>
  container(box, ({ process }) => {
    process.args = ['sleep', '1000'];
  });

/** A create whose failing call did no harm has made a container that works. */
async function afterCreate(box: Box, made: Container, created: Finished): Promise<string[]> {
  if (created.status !== 0) {
    const file = made.hasPidFile() ? ['left its pid file'] : [];
    const left = stillThere(box);
    const cleaning = left.length > 0 ? await forced(box, made) : [];
    return [...badReport(created), ...file, ...left, ...cleaning];
  }
  const started = await made.start();
  await made.ended();
  // The failing call may have been init's last one.
  if (started.status !== 0) return [...badReport(started), ...(await forced(box, made))];
  const output = created.running.stdout() === 'works\n' ? [] : ['did not work'];
  const deleted = await made.delete();
  const wrong = deleted.status === 0 ? [] : [`delete: ${deleted.stderr}`];
  return [...output, ...wrong, ...(await forced(box, made))];
}

/** Whatever start says, the container has either run or can be taken away. */
async function afterStart(box: Box, made: Container, started: Finished): Promise<string[]> {
  if (started.status !== 0) return [...badReport(started), ...(await forced(box, made))];
  await made.ended();
  return [...(made.output() === 'works\n' ? [] : ['did not work']), ...(await forced(box, made))];
}

async function afterKill(box: Box, made: Container, killed: Finished): Promise<string[]> {
  if (killed.status === 0) await made.ended();
  return [...(killed.status === 0 ? [] : badReport(killed)), ...(await forced(box, made))];
}

async function afterDelete(box: Box, made: Container, deleted: Finished): Promise<string[]> {
  if (deleted.status === 0) return stillThere(box);
  return [...badReport(deleted), ...(await forced(box, made))];
}

/** A container with something of all that an exec does for it. */
const execTarget = (box: Box): Container =>
  container(box, ({ process, linux }) => {
    process.args = ['sleep', '1000'];
    process.execCPUAffinity = { initial: '0', final: '0' };
    linux.seccomp = { defaultAction: 'SCMP_ACT_ALLOW' };
  });

/** Whatever has failed, the container runs on, alone. */
async function afterExec(made: Container, executed: Finished): Promise<string[]> {
  const { status, stderr, running } = executed;
  const left = () => processesWith(`${made.cgroup}\n`).filter((pid) => pid !== made.pid);
  await until('nobody else is in the container', () => left().length === 0);
  // What fails once it runs is the wait for its end: it goes on to that by itself.
  const stdout = running.stdout();
  const worked = stdout === 'done\n';
  const told = status === 255 && /level=error msg=/.test(stderr);
  const bug = /TypeError|bug/.test(stderr) ? [`has a bug: ${stderr}`] : [];
  // The pid file may only stay if the process has run.
  const file = !worked && existsSync(join(made.bundle, 'pid-file')) ? ['left its pid file'] : [];
  const alive = isAlive(made.pid) ? [] : ['the container has died'];
  const report =
    (worked && status === 0) || told ? [] : [`ended with ${status} and said ${stdout}${stderr}`];
  return [...report, ...bug, ...file, ...alive];
}

/** All around the births, where a stage differs; a few of the others, which fail elsewhere as well. */
const aroundBirth = (calls: readonly NativeCall[]): NativeCall[] => {
  const births = calls.flatMap(({ name }, i) => (/^(launch|clone)$/.test(name) ? [i] : []));
  return calls.filter((_, i) => i % 10 === 0 || births.some((birth) => Math.abs(i - birth) < 14));
};

/** Of what most others do as well. */
const everyThird = (calls: readonly NativeCall[]) => calls.filter((_, i) => i % 3 === 0);

/** The rest is done without hooks too. */
const aroundPrograms = (calls: readonly NativeCall[]): NativeCall[] => {
  const near = (i: number) => calls.slice(Math.max(i - 9, 0), i + 10);
  return calls.filter(
    ({ role }, i) => role === 'program' || near(i).some(({ name }) => name === 'runProgram'),
  );
};

/** The calls that a successful create makes, in one of its two processes. */
async function callsOfCreate(box: Box, made: Container, role: NativeCall['role']) {
  // Without a state root there would be some calls more.
  box.folderFor('state');
  const { calls } = await recordCalls(box, made.words('create'));
  expect(await forced(box, made)).toEqual([]);
  return calls().filter((call) => call.role === role);
}

const inCreate = (
  it: It,
  make: (box: Box) => Container,
  errors?: readonly number[],
  what = 'create',
  sample: (calls: readonly NativeCall[]) => readonly NativeCall[] = (calls) => calls,
  roles: readonly NativeCall['role'][] = ['parent', 'child'],
): void => {
  for (const role of roles)
    it(
      `in the ${role} of ${what} leaves nothing, or a container that works`,
      async (box) => {
        const made = make(box);
        const calls = await callsOfCreate(box, made, role);
        expect(calls.length).toBeGreaterThan(role === 'program' ? 3 : 50);
        const complaints = await sweep({
          ...{ box, calls: sample(calls), args: made.words('create'), ...(errors && { errors }) },
          // What an earlier container has left would spare some calls.
          prepare: async () => {
            rmSync(made.pidFile, { force: true });
            rmSync(join(box.root, '.cache'), { recursive: true, force: true });
          },
          look: (created) => afterCreate(box, made, created),
        });
        expect(complaints).toEqual([]);
      },
      patience,
    );
};

interface Later {
  readonly args: readonly string[];
  /** Said of the command. */
  readonly what?: string;
  readonly make: (box: Box) => Container;
  /** Brings the container to where the command finds it. */
  readonly prepare: (made: Container) => Promise<unknown>;
  readonly look: (box: Box, made: Container, finished: Finished) => Promise<string[]>;
}

/** What cannot be executed: start looks why. */
const unexecuted = (box: Box): Container =>
  box.container(({ process }, { rootfs }) => {
    process.args = ['/bin/spoilt'];
    placeSpoilt(rootfs, '#!/bin/busybox-of-nobody\n');
  });

/** It never runs, so that even the call that would tell why may be the one that fails. */
const afterUnexecuted = async (box: Box, made: Container, started: Finished): Promise<string[]> => [
  ...badReport({ ...started, stderr: started.stderr || 'level=error msg=' }),
  ...(await forced(box, made)),
];

const created = (made: Container) => made.created();

const later: readonly Later[] = [
  { args: ['start'], make: limited, prepare: created, look: afterStart },
  { args: ['start'], what: ' with hooks', make: hooked, prepare: created, look: afterStart },
  {
    ...{ args: ['start'], what: ' of what cannot be executed', make: unexecuted },
    ...{ prepare: created, look: afterUnexecuted },
  },
  { args: ['kill'], make: sleeping, prepare: (made) => made.started(), look: afterKill },
  {
    args: ['delete'],
    make: limited,
    prepare: async (made) => made.ended(await made.started()),
    look: afterDelete,
  },
  {
    ...{ args: ['delete'], what: ' with hooks', make: hooked },
    prepare: async (made) => made.ended(await made.started()),
    look: afterDelete,
  },
  {
    args: ['delete', '--force'],
    make: sleeping,
    prepare: (made) => made.started(),
    look: afterDelete,
  },
];

suite(
  'a native call that fails',
  ({ it }) => {
    inCreate(it, limited);
    inCreate(it, mounted, [EIO], 'create with mounts of all kinds', everyThird);
    inCreate(it, namespaced, [EIO], 'create with user and time namespaces', aroundBirth);
    inCreate(it, hooked, [EIO], 'create with hooks', aroundPrograms, [
      'parent',
      'child',
      'program',
    ]);

    for (const role of ['parent', 'child'] as const)
      it(
        `in the ${role} of exec leaves the container as it is, and no process`,
        async (box) => {
          const made = execTarget(box);
          await made.started();
          const args = made.execWords(
            ['--pid-file', join(made.bundle, 'pid-file')],
            'echo',
            'done',
          );
          const { finished, calls } = await recordCalls(box, args);
          expect(finished).toMatchObject({ status: 0, stdout: 'done\n' });
          const own = calls().filter((call) => call.role === role);
          expect(own.length).toBeGreaterThan(20);
          const complaints = await sweep({
            ...{ box, args, calls: own, errors: [EIO] },
            prepare: async () => rmSync(join(made.bundle, 'pid-file'), { force: true }),
            look: (executed) => afterExec(made, executed),
          });
          expect(complaints).toEqual([]);
        },
        patience,
      );

    for (const { args: words, what = '', make, prepare, look } of later)
      it(
        `in ${words.join(' ')}${what} leaves what delete --force takes away`,
        async (box) => {
          const made = make(box);
          const args = [...words, made.id, ...(words[0] === 'kill' ? ['KILL'] : [])];
          await prepare(made);
          const { calls } = await recordCalls(box, args);
          await forced(box, made);
          const complaints = await sweep({
            ...{ box, args, calls: calls() },
            prepare: () => prepare(made),
            look: (finished) => look(box, made, finished),
          });
          expect(complaints).toEqual([]);
        },
        patience,
      );
  },
  [staticEngine],
);

suite(
  'a native call that fails with a seccomp filter',
  ({ it }) => inCreate(it, filtered, [EIO], 'create', everyThird),
  [staticEngine],
);

suite(
  'a native call that fails under cgroup v2 alone',
  ({ it }) =>
    inCreate(
      it,
      (box) =>
        container(box, ({ linux }) => {
          linux.resources = { ...linux.resources, unified: { 'cgroup.max.depth': '3' } };
        }),
      [EIO],
      'create',
      everyThird,
    ),
  [underV2(staticEngine)],
);
