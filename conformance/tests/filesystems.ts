import { deepEqual, equal } from 'node:assert/strict';
import { mountAt } from '../probe/report.js';
import { root } from '../runner/host.js';
import { subject } from '../runner/test.js';

/** With the magic numbers of statfs(2). */
const filesystems = [
  ['/proc', 'proc', 0x9fa0],
  ['/sys', 'sysfs', 0x62656572],
  ['/dev/pts', 'devpts', 0x1cd1],
  ['/dev/shm', 'tmpfs', 0x01021994],
] as const;

/** Target of the link, and what has to exist for it. */
const links = [
  ['/dev/fd', '/proc/self/fd'],
  ['/dev/stdin', '/proc/self/fd/0'],
  ['/dev/stdout', '/proc/self/fd/1'],
  ['/dev/stderr', '/proc/self/fd/2'],
] as const;

export const filesystemTests = subject('filesystems', (test) => {
  for (const [path, type, magic] of filesystems)
    test(
      type === 'tmpfs' ? 'shm' : type,
      `A container can have ${type} at ${path}`,
      { proves: ['config-linux/default-filesystems/1'] },
      async (trial) => {
        const report = await trial.look(() => {}, 'statfs', path);
        equal(mountAt(report, path)?.type, type);
        equal(report.results[0]?.magic, magic);
      },
    );

  for (const [path, target] of links)
    test(
      `link-${path.slice('/dev/'.length)}`,
      `${path} is a link to ${target}`,
      { proves: ['runtime-linux/dev-symbolic-links/1'] },
      async (trial) => {
        const { results } = await trial.look(() => {}, 'stat', path);
        const { type, target: found } = results[0]!;
        deepEqual({ type, found }, { type: 'link', found: target });
      },
    );

  test(
    'links-without-tmpfs',
    'The links are there too when /dev is not mounted but a directory of the root file system',
    { proves: ['runtime-linux/dev-symbolic-links/1'], needs: [root] },
    async (trial) => {
      const paths = links.map(([path]) => path);
      const { results } = await trial.look(
        (config) => {
          config.mounts = config.mounts.filter(
            ({ destination }) => !destination.startsWith('/dev'),
          );
        },
        ...paths.flatMap((path) => ['stat', path]),
      );
      deepEqual(
        results.map(({ target }) => target),
        links.map(([, target]) => target),
      );
    },
  );
});
