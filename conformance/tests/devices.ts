import { deepEqual, equal } from 'node:assert/strict';
import { existsSync } from 'node:fs';
import type { Device } from '../lib/config.js';
import { inUserNamespace } from '../lib/ids.js';
import { onHost } from '../runner/holder.js';
import { manyIds, root } from '../runner/host.js';
import { NotTestable, subject } from '../runner/test.js';

/** Devices that are demanded, and of which type they are then. */
const devices: readonly [slug: string, Device, type: string][] = [
  ['character', { path: '/dev/thing', type: 'c', major: 10, minor: 229 }, 'character'],
  ['unbuffered', { path: '/dev/thing', type: 'u', major: 60, minor: 3 }, 'character'],
  ['block', { path: '/dev/disk', type: 'b', major: 60, minor: 7 }, 'block'],
  ['fifo', { path: '/dev/pipe', type: 'p' }, 'fifo'],
  ['elsewhere', { path: '/tmp/a/b/thing', type: 'c', major: 60, minor: 1 }, 'character'],
  ['large', { path: '/dev/large', type: 'c', major: 4095, minor: 1_048_575 }, 'character'],
];

const rights = { fileMode: 0o640, uid: 12, gid: 34 };

export const deviceTests = subject('devices', (test) => {
  for (const [slug, device, type] of devices)
    test(
      slug,
      `A device of type ${device.type} at ${device.path} has its numbers, mode and owner`,
      { proves: ['config-linux/devices/1'], needs: [root] },
      async (trial) => {
        const { results } = await trial.look(
          ({ linux }) => {
            linux.devices = [{ ...device, ...rights }];
          },
          'stat',
          device.path,
        );
        const { mode, uid, gid, major, minor, type: found } = results[0]!;
        deepEqual(
          { mode, uid, gid, major, minor, type: found },
          {
            mode: 0o640,
            uid: 12,
            gid: 34,
            major: device.major ?? 0,
            minor: device.minor ?? 0,
            type,
          },
        );
      },
    );

  test(
    'umask',
    'The mode of a device does not depend on the file mode mask of the caller or of the process',
    { proves: ['config-linux/devices/1'], needs: [root] },
    async (trial) => {
      const { results } = await trial.look(
        ({ process, linux }) => {
          process.user.umask = 0o077;
          linux.devices = [{ path: '/dev/x', type: 'c', major: 60, minor: 1, fileMode: 0o666 }];
        },
        'stat',
        '/dev/x',
      );
      equal(results[0]?.mode, 0o666);
    },
  );

  test(
    'in-user-namespace',
    'A device of the host is there in a user namespace too, where nobody can make one',
    { proves: ['config-linux/devices/1'], needs: [manyIds] },
    async (trial) => {
      const path = ['/dev/fuse', '/dev/net/tun', '/dev/kmsg'].find((each) => existsSync(each));
      if (path === undefined) throw new NotTestable('needs a device on the host');
      const { major = 0, minor = 0 } = onHost('stat', path).results[0]!;
      const { results } = await trial.look(
        inUserNamespace(trial, ({ linux }) => {
          linux.devices = [{ path, type: 'c', major, minor }];
        }),
        'stat',
        path,
      );
      const { type, ...found } = results[0]!;
      deepEqual([type, found.major, found.minor], ['character', major, minor]);
    },
  );
});
