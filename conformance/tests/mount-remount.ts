import { deepEqual, equal, ok } from 'node:assert/strict';
import type { Mount } from '../lib/config.js';
import type { Paths } from '../lib/container.js';
import { subject } from '../runner/test.js';
import { adds, bind, errors, folderIn, resultAt, tmpfs } from './mounting.js';
import { optionId } from './option-ids.js';

const proves = [optionId('remount')];

type Row = readonly [slug: string, what: string, mount: (paths: Paths, words: string[]) => Mount];

const rows: readonly Row[] = [
  ['tmpfs', 'a tmpfs', (_, words) => tmpfs('/tmp', ...words)],
  ['bind', 'a bind mount', (paths, words) => bind(folderIn(paths, 'source'), '/tmp', ...words)],
];

export const remountTests = subject('mount-remount', (test) => {
  for (const [slug, what, mount] of rows)
    test(slug, `With remount ${what} takes other options`, { proves }, async (trial) => {
      const report = await trial.look(
        (config, paths) => {
          config.mounts.push(mount(paths, []), mount(paths, ['remount', 'ro', 'nosuid']));
        },
        ...['write', '/tmp/x', 'x'],
      );
      const there = report.mounts.filter(({ path }) => path === '/tmp');
      equal(there.length, 1, 'one mount is there');
      for (const word of ['ro', 'nosuid'])
        ok(there[0]?.options.includes(word), `${there[0]?.options} has ${word}`);
      equal(resultAt(report, 0).errno, errors.EROFS);
    });

  test(
    'data',
    'A remount changes the options of the file system that it names, and keeps what is in it',
    { proves: [...proves, optionId('data')] },
    async (trial) => {
      const report = await trial.look(
        adds(tmpfs('/tmp', 'size=64k'), tmpfs('/tmp/below'), tmpfs('/tmp', 'remount', 'size=256k')),
        ...['statfs', '/tmp', 'list', '/tmp'],
      );
      equal(resultAt(report, 0).bytes, 256 * 1024);
      deepEqual(resultAt(report, 1).names, ['below']);
    },
  );
});
