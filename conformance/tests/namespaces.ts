import { equal, notEqual } from 'node:assert/strict';
import { readlinkSync } from 'node:fs';
import { calledAfter, holding, onHost } from '../runner/holder.js';
import { root } from '../runner/host.js';
import { subject } from '../runner/test.js';
import { adapt, asNew, files, needs, ours, types, without } from './namespace-types.js';

export const namespaceTests = subject('namespaces', (test) => {
  for (const type of types) {
    const file = files[type];

    test(
      `new-${type}`,
      `A namespace of type ${type} without path is a new one`,
      {
        proves: ['config-linux/namespaces/1', 'config-linux/namespaces/5'],
        needs: needs[type] ?? [],
      },
      async (trial) => {
        const [first, second] = [
          await trial.probing(['wait'], (config) => asNew(config, type)),
          await trial.probing(['wait'], (config) => asNew(config, type)),
        ];
        const [one, other] = [await trial.firstReport(first), await trial.firstReport(second)];
        notEqual(one.namespaces[file], ours(type), 'the container is in the runtime’s namespace');
        notEqual(one.namespaces[file], other.namespaces[file], 'two containers share a namespace');
      },
    );

    if (type !== 'mount' && type !== 'user')
      test(
        `inherited-${type}`,
        `Without a namespace of type ${type} the container is in the one of the runtime`,
        { proves: ['config-linux/namespaces/6'], needs: [...(needs[type] ?? []), root] },
        async (trial) => {
          const { namespaces } = await trial.look((config) => {
            without(config, type);
            adapt[type]?.(config);
          });
          equal(namespaces[file], ours(type));
        },
      );

    test(
      `twice-${type}`,
      `Two namespaces of type ${type} are refused`,
      { proves: ['config-linux/namespaces/7'], needs: needs[type] ?? [] },
      async (trial) => {
        await trial.refused((config) => {
          asNew(config, type);
          config.linux.namespaces.push({ type });
        });
      },
    );
  }

  test(
    'inherited-user',
    'Without a user namespace the container is in the one of the runtime',
    { proves: ['config-linux/namespaces/6'], needs: [root] },
    async (trial) => {
      const { namespaces, files } = await trial.look();
      equal(namespaces.user, ours('user'));
      equal(files.uid_map, onHost().files.uid_map);
    },
  );

  test(
    'inherited-mount',
    'Without a mount namespace the container is in the one of the runtime',
    { proves: ['config-linux/namespaces/6'], needs: [root] },
    async (trial) => {
      const { rootfs } = trial.container();
      const proc = ['mount', '/proc', `${rootfs}/proc`, 'bind', ''];
      await holding(trial, ['unshare', 'mount', ...proc], async ({ pid }) => {
        const path = `/proc/${pid}/ns/mnt`;
        // Whatever it does to mounts is done in a namespace that is thrown away.
        await calledAfter(trial, ['enter', path], async (inner) => {
          const container = await inner.probing(['wait'], (config) => {
            without(config, 'mount');
            config.root.path = rootfs;
            config.mounts = [];
            delete config.linux.maskedPaths;
            delete config.linux.readonlyPaths;
          });
          await inner.firstReport(container);
          equal(readlinkSync(`/proc/${container.pid}/ns/mnt`), readlinkSync(path));
        });
      });
    },
  );
});
