import { deepEqual, equal, notEqual, ok } from 'node:assert/strict';
import { join } from 'node:path';
import { cgroupsOf, hierarchies, parseMounts } from '../lib/machine.js';
import type { Report } from '../probe/report.js';
import { root } from '../runner/host.js';
import { subject } from '../runner/test.js';
import { succeeds } from '../runner/trial.js';
import {
  begunAndEnded,
  hookRows,
  namesNoted,
  noteOf,
  noting,
  notingProcess,
  ownNamespaces,
  withHooks,
} from './support/hooks.js';

const isHook = (name: string): boolean => name !== '/probe';
const ENOENT = 2;
/** What base configurations ask for on every host. */
const configured = ['ipc', 'mnt', 'net', 'pid', 'uts'];

/** The mount points of a container that is set up, and still below the root of the host. */
function expectBeforePivot(mountinfo: unknown, rootfs: string): void {
  const paths = parseMounts(String(mountinfo)).map(({ path }) => path);
  ok(paths.includes(join(rootfs, 'proc')), 'the mounts of the container are not there yet');
  ok(!paths.includes('/proc') || paths.includes('/'), 'the root is the container’s already');
}

export const hookTimeTests = subject('hook-times', (test) => {
  // Only root may look at a process that is still more than a container.
  for (const kind of ['prestart', 'createRuntime'] as const)
    test(
      kind,
      `${kind} hooks run in create, when the environment is there but the root is still the host’s`,
      { proves: [hookRows[kind].when], needs: [root] },
      async (trial) => {
        const container = trial.container(
          withHooks((paths) => ({ [kind]: [noting(kind, paths, kind, 'container')] })),
        );
        await container.created();
        deepEqual(namesNoted(container), [kind]);
        const [, seen] = noteOf(container, kind).results;
        const host = ownNamespaces();
        for (const name of configured)
          notEqual(seen?.namespaces?.[name], host[name], `no ${name} namespace yet`);
        expectBeforePivot(seen?.mountinfo, container.rootfs);
        await begunAndEnded(container);
        deepEqual(seen?.namespaces, noteOf(container, '/probe').namespaces);
        deepEqual(namesNoted(container).filter(isHook), [kind]);
      },
    );

  test(
    'createContainer',
    'createContainer hooks run in create, when the mounts are there but the root is still the host’s',
    { proves: [hookRows.createContainer.when] },
    async (trial) => {
      const container = trial.container(
        withHooks((paths) => ({ createContainer: [noting('createContainer', paths)] })),
      );
      await container.created();
      deepEqual(namesNoted(container), ['createContainer']);
      const { files }: Report = noteOf(container, 'createContainer');
      expectBeforePivot(files.mountinfo, container.rootfs);
      await begunAndEnded(container);
      deepEqual(namesNoted(container).filter(isHook), ['createContainer']);
    },
  );

  const creating = ['prestart', 'createRuntime', 'createContainer'] as const;
  for (const [first, second, proves] of [
    ['prestart', 'createRuntime', 'config/prestart/2'],
    ['createRuntime', 'createContainer', 'config/createcontainer-hooks/2'],
  ] as const)
    test(
      `${first}-before-${second}`,
      `${first} hooks have ended when ${second} hooks start`,
      { proves: [proves] },
      async (trial) => {
        const container = trial.container(
          withHooks((paths) =>
            Object.fromEntries(
              creating.map((kind) => [
                kind,
                [0, 1].map(() => noting(kind, paths, kind, 'sleep', kind === first ? '40' : '0')),
              ]),
            ),
          ),
        );
        await container.created();
        deepEqual(
          namesNoted(container).filter((name) => name === first || name === second),
          [first, first, second, second],
        );
      },
    );

  test(
    'startContainer',
    'startContainer hooks run in start, and have ended when the program is executed',
    { proves: [hookRows.startContainer.when] },
    async (trial) => {
      const container = trial.container(
        withHooks((paths) => ({
          startContainer: [noting('startContainer', paths, 'hook', 'sleep', '50')],
        })),
      );
      await container.created();
      deepEqual(namesNoted(container), []);
      await begunAndEnded(container);
      deepEqual(namesNoted(container), ['hook', '/probe']);
    },
  );

  test(
    'poststart',
    'poststart hooks run when the program is executed, and before start ends',
    { proves: [hookRows.poststart.when] },
    async (trial) => {
      const container = trial.container(
        withHooks((paths) => ({
          // As long as this takes, nothing is executed.
          startContainer: [noting('startContainer', paths, 'early', 'sleep', '100')],
          poststart: [noting('poststart', paths, 'late', 'container')],
        })),
      );
      await container.created();
      deepEqual(namesNoted(container), [], 'it was run by create');
      await succeeds(container.start());
      const [, seen] = noteOf(container, 'late').results;
      equal(String(seen?.cmdline).split('\0')[0], '/probe', 'what runs in the container');
      const names = namesNoted(container).filter(isHook);
      deepEqual(names, ['early', 'late']);
    },
  );

  test(
    'poststop',
    'poststop hooks run in delete, and have ended when it ends',
    { proves: [hookRows.poststop.when] },
    async (trial) => {
      const container = trial.container(
        withHooks((paths) => ({ poststop: [noting('poststop', paths, 'hook', 'sleep', '50')] })),
      );
      await container.created();
      await begunAndEnded(container);
      deepEqual(namesNoted(container).filter(isHook), [], 'it was run before delete');
      await succeeds(container.delete());
      deepEqual(namesNoted(container).filter(isHook), ['hook']);
    },
  );

  test(
    'poststop-of-what-never-ran',
    'poststop hooks run for a container that was never started, too',
    { proves: [hookRows.poststop.when, 'runtime/lifecycle/17'] },
    async (trial) => {
      const container = trial.container(
        withHooks((paths) => ({ poststop: [noting('poststop', paths, 'hook')] })),
      );
      const pid = await container.created();
      await succeeds(container.kill('KILL'));
      await container.ended(pid);
      await succeeds(container.delete());
      deepEqual(namesNoted(container), ['hook']);
    },
  );

  test(
    'poststop-after-cgroups',
    'When poststop hooks run, the cgroups of the container are gone',
    { proves: [hookRows.poststop.when], needs: [root] },
    async (trial) => {
      const container = trial.container();
      const looks = hierarchies().flatMap(({ mountpoint }) => [
        'stat',
        join(mountpoint, container.cgroup),
      ]);
      container.config.process.args = [...notingProcess];
      container.config.hooks = { poststop: [noting('poststop', container, 'hook', ...looks)] };
      container.write();
      await container.created();
      notEqual(cgroupsOf(container.cgroup).length, 0, 'there are no cgroups');
      await begunAndEnded(container);
      await succeeds(container.delete());
      const stats = noteOf(container, 'hook').results.filter(
        ({ operation }) => operation === 'stat',
      );
      deepEqual(
        stats.map(({ errno }) => errno),
        stats.map(() => ENOENT),
      );
    },
  );
});
