import { deepEqual, equal, ok } from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Paths } from '../lib/container.js';
import { subject } from '../runner/test.js';

const proves = ['runtime/lifecycle/1', 'runtime/create/4'];
const [EROFS, EACCES] = [30, 13];

/** A folder with a file, and a file beside it. */
function place({ rootfs }: Paths): void {
  mkdirSync(join(rootfs, 'tmp/folder'));
  writeFileSync(join(rootfs, 'tmp/folder/inner'), 'secret');
  writeFileSync(join(rootfs, 'tmp/file'), 'secret');
}

export const protectedPathTests = subject('protected-paths', (test) => {
  test('masked-file', 'A masked file cannot be read', { proves }, async (trial) => {
    const { results } = await trial.look(
      (config, paths) => {
        place(paths);
        config.linux.maskedPaths = ['/tmp/file'];
      },
      ...['read', '/tmp/file', 'read', '/tmp/folder/inner'],
    );
    const { text } = results[0]!;
    ok(text === '' || typeof text === 'object', `the file says ${JSON.stringify(text)}`);
    equal(results[1]?.text, 'secret');
  });

  test('masked-folder', 'A masked directory shows nothing', { proves }, async (trial) => {
    const { results } = await trial.look(
      (config, paths) => {
        place(paths);
        config.linux.maskedPaths = ['/tmp/folder'];
      },
      ...['list', '/tmp/folder', 'read', '/tmp/folder/inner', 'write', '/tmp/folder/new', 'x'],
    );
    ok((results[0]?.names ?? []).length === 0, 'the directory shows something');
    equal(typeof results[1]?.text, 'object', 'a file of the directory can be read');
    ok(results[2]?.errno !== undefined, 'something can be written there');
  });

  test('masked-proc', 'What the kernel tells in /proc can be masked', { proves }, async (trial) => {
    const { results } = await trial.look(
      (config) => {
        config.linux.maskedPaths = ['/proc/version', '/proc/sys'];
      },
      ...['read', '/proc/version', 'list', '/proc/sys', 'read', '/proc/cpuinfo'],
    );
    ok(results[0]?.text === '' || typeof results[0]?.text === 'object');
    deepEqual(results[1]?.names ?? [], []);
    ok(String(results[2]?.text).length > 0);
  });

  test('masked-nothing', 'A masked path need not exist', { proves }, async (trial) => {
    const { results } = await trial.look(
      (config) => {
        config.linux.maskedPaths = ['/proc/nothing', '/tmp/nothing/deeper'];
      },
      'stat',
      '/tmp/nothing',
    );
    equal(results[0]?.errno, 2);
  });

  test('read-only-file', 'A read-only file cannot be written', { proves }, async (trial) => {
    const { results } = await trial.look(
      (config, paths) => {
        place(paths);
        config.linux.readonlyPaths = ['/tmp/file'];
      },
      ...['append', '/tmp/file', 'x', 'read', '/tmp/file', 'append', '/tmp/folder/inner', 'x'],
    );
    deepEqual(
      [results[0]?.errno, results[1]?.text, results[2]?.errno],
      [EROFS, 'secret', undefined],
    );
  });

  test(
    'read-only-folder',
    'Nothing below a read-only directory can be written',
    { proves },
    async (trial) => {
      const { results } = await trial.look(
        (config, paths) => {
          place(paths);
          config.linux.readonlyPaths = ['/tmp/folder'];
        },
        ...['append', '/tmp/folder/inner', 'x', 'mkdir', '/tmp/folder/new', 'mkdir', '/tmp/new'],
      );
      deepEqual(
        results.map(({ errno }) => errno),
        [EROFS, EROFS, undefined],
      );
    },
  );

  test('read-only-proc', 'Parameters of the kernel can be read-only', { proves }, async (trial) => {
    const { results } = await trial.look(
      (config) => {
        config.linux.readonlyPaths = ['/proc/sys'];
      },
      ...['open', '/proc/sys/kernel/msgmax', 'w', 'open', '/proc/sys/kernel/msgmax', 'r'],
    );
    ok([EROFS, EACCES].includes(results[0]?.errno ?? 0), `errno ${results[0]?.errno}`);
    equal(results[1]?.errno, undefined);
  });

  test('read-only-nothing', 'A read-only path need not exist', { proves }, async (trial) => {
    await trial.look((config) => {
      config.linux.readonlyPaths = ['/proc/nothing'];
    });
  });

  test('none', 'Without any, nothing is masked or read-only', { proves }, async (trial) => {
    const { results } = await trial.look(
      (config) => {
        delete config.linux.maskedPaths;
        delete config.linux.readonlyPaths;
      },
      ...['read', '/proc/version', 'list', '/proc/irq'],
    );
    ok(String(results[0]?.text).startsWith('Linux version'));
    ok((results[1]?.names ?? []).length > 0);
  });

  for (const [field, path] of [
    ['maskedPaths', 'masked-paths'],
    ['readonlyPaths', 'readonly-paths'],
  ] as const)
    test(
      `relative-${path}`,
      `A relative path in ${field} is refused`,
      { proves: [`config-linux/${path}/1`] },
      async (trial) => {
        await trial.refused((config, paths) => {
          place(paths);
          config.linux[field] = ['tmp/file'];
        });
      },
    );
});
