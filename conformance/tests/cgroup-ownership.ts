import { deepEqual, equal } from 'node:assert/strict';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../lib/config.js';
import type { Container } from '../lib/container.js';
import { inUserNamespace } from '../lib/ids.js';
import { textOf } from '../lib/machine.js';
import { calledAfter } from '../runner/holder.js';
import { cgroupV1, cgroupV2, manyIds } from '../runner/host.js';
import { foldersOf } from '../runner/scratch.js';
import { subject } from '../runner/test.js';
import type { Trial } from '../runner/trial.js';

/** The host's id of the user 7 of {@link inUserNamespace}. */
const owner = 700_007;

const controllers = ['memory', 'pids', 'devices', 'cpu', 'freezer'];

/** Files of a container's cgroups, and `.` for themselves, that belong to somebody else than root. */
function given(container: Container): string[] {
  const names = foldersOf(container.cgroup, controllers).flatMap((folder) =>
    ['.', ...readdirSync(folder)].filter((name) => statSync(join(folder, name)).uid === owner),
  );
  return names.sort();
}

/** Those of a list that a container's cgroup has. */
const present = (container: Container, names: readonly string[]): string[] => {
  const [folder = ''] = foldersOf(container.cgroup, controllers);
  return ['.', ...names.filter((name) => existsSync(join(folder, name)))].sort();
};

interface Wish {
  /** Of a new cgroup namespace; also that there is none. */
  readonly namespace: boolean;
  /** How cgroups are mounted, if they are. */
  readonly options?: readonly string[];
}

async function owned(trial: Trial, { namespace, options }: Wish): Promise<Container> {
  const change = (config: Config): void => {
    config.process.user = { uid: 7, gid: 7 };
    // A sysfs of which a part is hidden cannot be mounted once more in a user namespace.
    config.mounts = config.mounts.filter(({ type }) => type !== 'cgroup' && type !== 'sysfs');
    const mount = { destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup' };
    if (options) config.mounts.push({ ...mount, options: [...options] });
    if (namespace) config.linux.namespaces.push({ type: 'cgroup' });
  };
  const container = trial.container(inUserNamespace(trial, change));
  await container.created();
  return container;
}

const writable = ['nosuid', 'noexec', 'nodev', 'relatime'];
const place = 'config-linux/cgroup-ownership';
const delegate = '/sys/kernel/cgroup/delegate';
const fallback = ['cgroup.procs', 'cgroup.subtree_control', 'cgroup.threads'];

export const cgroupOwnershipTests = subject('cgroup-ownership', (test) => {
  test(
    'v1',
    'Cgroups of v1 stay those of root',
    { proves: [`${place}/1`], needs: [cgroupV1, manyIds] },
    async (trial) => {
      const container = await owned(trial, { namespace: true, options: writable });
      equal(foldersOf(container.cgroup, controllers).some(existsSync), true);
      deepEqual(given(container), []);
    },
  );

  test(
    'delegated',
    'A writable cgroup belongs to the user of the process, with the files that can be delegated',
    {
      proves: [`${place}/3`, `${place}/5`, `${place}/6`, `${place}/8`],
      needs: [cgroupV2, manyIds],
    },
    async (trial) => {
      const container = await owned(trial, { namespace: true, options: writable });
      const names = textOf(delegate).trim().split('\n');
      deepEqual(given(container), present(container, names));
    },
  );

  test(
    'without-list',
    'Without a list of the kernel’s, three files belong to the user of the process',
    { proves: [`${place}/7`], needs: [cgroupV2, manyIds] },
    async (trial) => {
      const hide = ['unshare', 'mount', 'mount', 'none', '/sys/kernel/cgroup', 'tmpfs', ''];
      await calledAfter(trial, hide, async (inner) => {
        const container = await owned(inner, { namespace: true, options: writable });
        deepEqual(given(container), present(container, fallback));
      });
    },
  );

  for (const [slug, what, number, wish] of [
    [
      'inherited',
      'without a cgroup namespace of its own',
      2,
      { namespace: false, options: writable },
    ],
    [
      'read-only',
      'that is mounted read-only',
      3,
      { namespace: true, options: [...writable, 'ro'] },
    ],
    ['unmounted', 'that is not mounted', 4, { namespace: true }],
  ] as const)
    test(
      slug,
      `A cgroup ${what} stays the one of root`,
      { proves: [`${place}/${number}`], needs: [cgroupV2, manyIds] },
      async (trial) => {
        const container = await owned(trial, wish);
        equal(foldersOf(container.cgroup, controllers).some(existsSync), true);
        deepEqual(given(container), []);
      },
    );
});
