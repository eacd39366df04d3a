import { deepEqual, equal } from 'node:assert/strict';
import { join } from 'node:path';
import type { Device } from '../lib/config.js';
import { onHost } from '../runner/holder.js';
import { root } from '../runner/host.js';
import { subject } from '../runner/test.js';

const path = '/tmp/thing';
const wanted: Device = { path, type: 'c', major: 60, minor: 1 };

/** What lies where a device is wanted, made by what the probe performs on the host. */
const inTheWay: readonly [slug: string, what: string, make: (file: string) => string[]][] = [
  ['file', 'a file', (file) => ['write', file, 'text']],
  ['directory', 'a directory', (file) => ['mkdir', file]],
  ['minor', 'a device with another minor number', (file) => ['mknod', file, 'c', '60', '2']],
  ['major', 'a device with another major number', (file) => ['mknod', file, 'c', '61', '1']],
  ['type', 'a block device', (file) => ['mknod', file, 'b', '60', '1']],
  ['fifo', 'a named pipe', (file) => ['mknod', file, 'p', '0', '0']],
];

export const existingDeviceTests = subject('devices', (test) => {
  for (const [slug, what, make] of inTheWay)
    test(
      `existing-${slug}`,
      `Where ${what} lies already, a device is refused`,
      { proves: ['config-linux/devices/2'], needs: [root] },
      async (trial) => {
        const container = trial.container(({ linux }) => {
          linux.devices = [wanted];
        });
        const file = join(container.rootfs, path);
        equal(onHost(...make(file)).results[0]?.errno, undefined);
        const before = onHost('stat', file).results[0]!;
        const { status } = await container.create();
        equal(status === 0, false, 'create has succeeded');
        deepEqual(onHost('stat', file).results[0], before, 'what lay there was changed');
      },
    );

  test(
    'existing-match',
    'Where the same device lies already, it can be used',
    { proves: ['config-linux/devices/1'], needs: [root] },
    async (trial) => {
      const container = trial.container(({ process, linux }) => {
        process.args = ['/probe', 'stat', path];
        linux.devices = [wanted];
      });
      onHost('mknod', join(container.rootfs, path), 'c', '60', '1');
      await container.started();
      await container.ended();
      const { type, major, minor } = JSON.parse(container.output()).results[0];
      deepEqual({ type, major, minor }, { type: 'character', major: 60, minor: 1 });
    },
  );

  test(
    'through-a-link',
    'A link of the root file system does not lead a device out of it',
    { proves: ['config-linux/devices/1'], needs: [root] },
    async (trial) => {
      const outside = trial.folderFor('outside');
      const container = trial.container(({ linux }) => {
        linux.devices = [{ ...wanted, path: '/tmp/out/thing' }];
      });
      onHost('symlink', outside, join(container.rootfs, 'tmp/out'));
      await container.create();
      deepEqual(onHost('list', outside).results[0]?.names, []);
    },
  );
});
