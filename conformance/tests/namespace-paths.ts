import { equal, notEqual } from 'node:assert/strict';
import { readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { holding } from '../runner/holder.js';
import { manyIds, root } from '../runner/host.js';
import { subject } from '../runner/test.js';
import { adapt, files, needs, ours, types, withPath } from './namespace-types.js';

const joinable = types.filter((type) => type !== 'user');

export const namespacePathTests = subject('namespaces', (test) => {
  for (const type of joinable)
    test(
      `joined-${type}`,
      `A namespace of type ${type} with a path is the one of that path`,
      { proves: ['config-linux/namespaces/3'], needs: [...(needs[type] ?? []), root] },
      async (trial) => {
        await holding(trial, ['unshare', type, 'child'], async ({ pid }) => {
          const path = `/proc/${pid}/ns/${files[type]}`;
          notEqual(readlinkSync(path), ours(type));
          const { namespaces } = await trial.look((config) => {
            withPath(config, type, path);
            adapt[type]?.(config);
          });
          equal(namespaces[files[type]], readlinkSync(path));
        });
      },
    );

  test(
    'joined-user',
    'A user namespace with a path is the one of that path',
    { proves: ['config-linux/namespaces/3'], needs: [manyIds] },
    async (trial) => {
      await holding(trial, ['unshare', 'user', 'child'], async ({ pid }) => {
        for (const file of ['uid_map', 'gid_map'])
          writeFileSync(`/proc/${pid}/${file}`, '0 0 65536\n');
        const path = `/proc/${pid}/ns/user`;
        const { namespaces } = await trial.look((config) => withPath(config, 'user', path));
        equal(namespaces.user, readlinkSync(path));
      });
    },
  );

  for (const type of types) {
    const wrong = type === 'uts' ? 'ipc' : 'uts';

    test(
      `wrong-${type}`,
      `The path of a namespace of another type is refused for ${type}`,
      { proves: ['config-linux/namespaces/4'], needs: needs[type] ?? [] },
      async (trial) => {
        await holding(trial, [], async ({ pid }) => {
          await trial.refused((config) => withPath(config, type, `/proc/${pid}/ns/${wrong}`));
        });
      },
    );
  }

  for (const [slug, what, path] of [
    ['file', 'of a file that is no namespace', '/proc/self/status'],
    ['nothing', 'of nothing', '/proc/self/ns/nothing'],
  ] as const)
    test(
      `path-${slug}`,
      `The path ${what} is refused for a namespace`,
      { proves: ['config-linux/namespaces/4'] },
      async (trial) => {
        await trial.refused((config) => withPath(config, 'ipc', path));
      },
    );

  test(
    'relative-path',
    'A relative path of a namespace is refused',
    { proves: ['config-linux/namespaces/2'], needs: [root] },
    async (trial) => {
      await holding(trial, ['unshare', 'network'], async ({ pid }) => {
        const link = (folder: string) => symlinkSync(`/proc/${pid}/ns/net`, `${folder}/namespace`);
        // Wherever somebody may start from.
        link(trial.folder);
        await trial.refused((config, { bundle, rootfs }) => {
          link(bundle);
          link(rootfs);
          withPath(config, 'network', 'namespace');
        });
      });
    },
  );

  test(
    'unknown-type',
    'A namespace of a type that does not exist is refused',
    { proves: ['config-linux/namespaces/1'] },
    async (trial) => {
      await trial.refused(({ linux }) => {
        linux.namespaces.push({ type: 'colour' });
      });
    },
  );
});
