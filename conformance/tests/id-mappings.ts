import { deepEqual, equal } from 'node:assert/strict';
import { lstatSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gids, inUserNamespace, uids } from '../lib/ids.js';
import { manyIds } from '../runner/host.js';
import { subject } from '../runner/test.js';

const about = { proves: ['runtime/lifecycle/1', 'runtime/create/4'], needs: [manyIds] };

/** Owner and group of everything there. */
function owners(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    const { uid, gid } = lstatSync(path);
    return [`${path} ${uid} ${gid}`, ...(entry.isDirectory() ? owners(path) : [])];
  });
}

const fields = (map: unknown): number[][] =>
  String(map)
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));

export const idMappingTests = subject('id-mappings', (test) => {
  test('applied', 'User and group ids are mapped as demanded', about, async (trial) => {
    const { files, status } = await trial.look(
      inUserNamespace(trial, ({ process }) => {
        process.user = { uid: 7, gid: 8 };
      }),
    );
    deepEqual(fields(files.uid_map), [[0, 700_000, 65_536]]);
    deepEqual(fields(files.gid_map), [[0, 800_000, 65_536]]);
    deepEqual([status.Uid, status.Gid], ['7 7 7 7', '8 8 8 8']);
  });

  test('from-outside', 'The process has the mapped ids on the host', about, async (trial) => {
    const container = await trial.probing(['wait'], inUserNamespace(trial));
    const { uid, gid } = lstatSync(`/proc/${container.pid}`);
    deepEqual([uid, gid], [700_000, 800_000]);
  });

  test('several', 'There can be several mappings of each kind', about, async (trial) => {
    const two = (from: number) => [
      { containerID: 0, hostID: from, size: 10 },
      { containerID: 1000, hostID: from + 50, size: 5 },
    ];
    const { files } = await trial.look(
      inUserNamespace(trial, ({ linux }) => {
        Object.assign(linux, {
          uidMappings: two(uids[0]!.hostID),
          gidMappings: two(gids[0]!.hostID),
        });
      }),
    );
    const rows = (from: number) => [
      [0, from, 10],
      [1000, from + 50, 5],
    ];
    deepEqual(fields(files.uid_map), rows(700_000));
    deepEqual(fields(files.gid_map), rows(800_000));
  });

  test(
    'ownership',
    'Files of the root file system and of bind mounts keep their owners when ids are mapped',
    { proves: ['config-linux/user-namespace-mappings/1'], needs: [manyIds] },
    async (trial) => {
      const [shared, container] = [trial.folderFor('shared'), trial.container()];
      mkdirSync(join(shared, 'deeper'));
      writeFileSync(join(shared, 'deeper/file'), 'mine');
      inUserNamespace(trial, ({ process, mounts }) => {
        process.args = ['/probe', 'stat', '/probe', 'stat', '/tmp/shared/deeper/file'];
        const options = ['rbind'];
        mounts.push({ destination: '/tmp/shared', type: 'bind', source: shared, options });
      })(container.config, container);
      mkdirSync(join(container.rootfs, 'tmp/shared'));
      container.write();
      const before = [...owners(container.rootfs), ...owners(shared)];
      await container.started();
      await container.ended();
      await container.delete();
      deepEqual([...owners(container.rootfs), ...owners(shared)], before);
      const { results } = JSON.parse(container.output());
      deepEqual([results[0].uid, results[1].uid], [65_534, 65_534]);
    },
  );

  test('none', 'Ids stay what they are without a user namespace', about, async (trial) => {
    const container = await trial.probing(['wait'], ({ process }) => {
      process.user = { uid: 1234, gid: 5678 };
    });
    const { uid, gid } = lstatSync(`/proc/${container.pid}`);
    equal(`${uid}:${gid}`, '1234:5678');
  });
});
