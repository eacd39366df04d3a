import { deepEqual, equal } from 'node:assert/strict';
import { join } from 'node:path';
import { textOf } from '../lib/machine.js';
import { readReports } from '../probe/report.js';
import { listening } from '../runner/holder.js';
import { root } from '../runner/host.js';
import { subject } from '../runner/test.js';

/** With numbers of the kernel's documentation; what reading and writing answer. */
const defaults = [
  ['/dev/null', 1, 3],
  ['/dev/zero', 1, 5],
  ['/dev/full', 1, 7],
  ['/dev/random', 1, 8],
  ['/dev/urandom', 1, 9],
  ['/dev/tty', 5, 0],
] as const;

const ENOSPC = 28;

/** Major number of pseudoterminals. */
const slaves = 136;

export const defaultDeviceTests = subject('devices', (test) => {
  for (const [path, major, minor] of defaults)
    test(
      `default-${path.slice('/dev/'.length)}`,
      `${path} is there although nobody has asked for it`,
      { proves: ['config-linux/default-devices/1'] },
      async (trial) => {
        const { results } = await trial.look(() => {}, 'stat', path, 'open', path, 'r');
        const { type, major: foundMajor, minor: foundMinor } = results[0]!;
        deepEqual(
          { type, major: foundMajor, minor: foundMinor },
          { type: 'character', major, minor },
        );
        // Without a controlling terminal there is none to open.
        if (path !== '/dev/tty') equal(results[1]?.errno, undefined);
      },
    );

  test(
    'default-writable',
    'The default devices do what they are for',
    { proves: ['config-linux/default-devices/1'] },
    async (trial) => {
      const { results } = await trial.look(
        () => {},
        ...['write', '/dev/null', 'x', 'write', '/dev/full', 'x', 'read', '/dev/null'],
      );
      deepEqual([results[0]?.value, results[1]?.errno, results[2]?.text], [1, ENOSPC, '']);
    },
  );

  test(
    'default-with-others',
    'The default devices are there beside those that are listed',
    { proves: ['config-linux/default-devices/1'], needs: [root] },
    async (trial) => {
      const paths = [...defaults.map(([path]) => path), '/dev/thing'];
      const { results } = await trial.look(
        ({ linux }) => {
          linux.devices = [{ path: '/dev/thing', type: 'c', major: 60, minor: 1 }];
        },
        ...paths.flatMap((path) => ['stat', path]),
      );
      deepEqual(
        results.map(({ type }) => type),
        paths.map(() => 'character'),
      );
    },
  );

  test(
    'default-ptmx',
    '/dev/ptmx is the one of the container’s own devpts',
    { proves: ['config-linux/default-devices/1'] },
    async (trial) => {
      const { results } = await trial.look(
        () => {},
        ...['stat', '/dev/ptmx', 'stat', '/dev/pts/ptmx', 'open', '/dev/ptmx', 'rw'],
      );
      const [ptmx, original, opened] = results;
      if (ptmx?.type === 'link')
        equal(['pts/ptmx', '/dev/pts/ptmx'].includes(String(ptmx.target)), true);
      else deepEqual([ptmx?.device, ptmx?.inode], [original?.device, original?.inode]);
      equal(opened?.errno, undefined);
    },
  );

  test(
    'default-console',
    'With a terminal, /dev/console is its pseudoterminal',
    { proves: ['config-linux/default-devices/1'] },
    async (trial) => {
      const container = trial.container(({ process }) => {
        process.args = ['/probe', 'stat', '/dev/console', 'to', '/tmp/report'];
        process.terminal = true;
      });
      await listening(trial, 'receive', async (socket) => {
        await container.started('--console-socket', socket);
        await container.ended();
      });
      const [report] = readReports(textOf(join(container.rootfs, 'tmp/report')));
      const [console] = report?.results ?? [];
      const [stdin] = report?.fds ?? [];
      equal(console?.type, 'character');
      equal(console.major, slaves);
      equal(console.inode, stdin?.inode, 'it is another terminal than the standard input');
    },
  );
});
