import { deepEqual, equal, ok } from 'node:assert/strict';
import { existsSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DefineTest, subject } from '../runner/test.js';
import { errors, found, resultAt } from './mounting.js';

const proves = ['config/root/5'];

/** What becomes of writing to the root, and whether the mount says that it is read-only. */
function readonlyTests(test: DefineTest): void {
  test('readonly', 'A read-only root cannot be written to', { proves }, async (trial) => {
    const report = await trial.look(
      (config, { rootfs }) => {
        config.root.readonly = true;
        writeFileSync(join(rootfs, 'etc/old'), '');
      },
      ...['write', '/new', 'x', 'chmod', '/etc/old', '700', 'mkdir', '/etc/new'],
      ...['unlink', '/etc/old'],
    );
    deepEqual(
      report.results.map(({ operation, errno }) => [operation, errno]),
      ['write', 'chmod', 'mkdir', 'unlink'].map((operation) => [operation, errors.EROFS]),
    );
    ok(found(report, '/').options.includes('ro'), 'mountinfo shows the root as ro');
  });

  test(
    'readonly-mounts',
    'A read-only root leaves mounts that are not read-only writable',
    { proves },
    async (trial) => {
      const report = await trial.look(
        (config) => {
          config.root.readonly = true;
          config.mounts.push({ destination: '/tmp', type: 'tmpfs', source: 'tmpfs' });
        },
        ...['write', '/tmp/new', 'x', 'write', '/dev/shm/new', 'x', 'write', '/new', 'x'],
      );
      deepEqual(
        report.results.map(({ value, errno }) => value ?? -(errno ?? 0)),
        [1, 1, -errors.EROFS],
      );
    },
  );

  for (const [slug, value] of [
    ['writable', undefined],
    ['not-readonly', false],
  ] as const)
    test(
      slug,
      `With readonly ${value ?? 'left out'} the root can be written to`,
      { proves },
      async (trial) => {
        const container = trial.container((config) => {
          if (value !== undefined) config.root.readonly = value;
          config.process.args = ['/probe', 'write', '/new', 'x', 'wait'];
        });
        await container.started();
        equal(resultAt(await trial.firstReport(container), 0).value, 1);
        ok(existsSync(join(container.rootfs, 'new')), 'the file is in the bundle');
        await container.kill('KILL');
        await container.ended();
      },
    );
}

function pathTests(test: DefineTest): void {
  const proves = ['config/root/4'];

  test('missing', 'A root that is not there is refused', { proves }, async (trial) => {
    await trial.refused((config) => {
      config.root.path = 'nothing';
    });
  });

  test('file', 'A root that is a file is refused', { proves }, async (trial) => {
    await trial.refused((config, { bundle }) => {
      writeFileSync(join(bundle, 'file'), '');
      config.root.path = 'file';
    });
  });

  for (const [slug, title, path] of [
    ['relative', 'A relative path of the root starts at the bundle', () => 'other/name'],
    ['absolute', 'The path of the root may be absolute', (bundle) => join(bundle, 'other/name')],
  ] as const satisfies readonly (readonly [string, string, (bundle: string) => string])[])
    test(slug, title, { proves }, async (trial) => {
      const report = await trial.look(
        (config, { bundle, rootfs }) => {
          trial.folderFor(join(bundle.slice(trial.folder.length + 1), 'other'));
          renameSync(rootfs, join(bundle, 'other/name'));
          symlinkSync('here', join(bundle, 'other/name/mark'));
          config.root.path = path(bundle);
        },
        ...['stat', '/mark'],
      );
      equal(resultAt(report, 0).target, 'here');
    });
}

export const rootTests = subject('root', (test) => {
  readonlyTests(test);
  pathTests(test);
});
