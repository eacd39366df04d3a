import { deepEqual } from 'node:assert/strict';
import type { IdMapping, Mount } from '../lib/config.js';
import type { Prepare } from '../lib/container.js';
import { inUserNamespace } from '../lib/ids.js';
import type { Report } from '../probe/report.js';
import { kernel, manyIds, root } from '../runner/host.js';
import { type About, type DefineTest, subject } from '../runner/test.js';
import type { Trial } from '../runner/trial.js';
import { adds, beside, bind, folderIn, found, orRefused, resultAt } from './mounting.js';
import { optionId } from './option-ids.js';

/** tmpfs maps ids since Linux 6.3; other file systems did before, but which one is here? */
const needs = [root, manyIds, kernel(6, 3)];

const ids = (hostID: number, size = 1000): IdMapping[] => [{ containerID: 0, hostID, size }];
const mappings = { uidMappings: ids(200), gidMappings: ids(300) };

/** Mounts of the host with a file of 5:6 each. */
const mountsAt = (...places: readonly string[]): string =>
  places
    .map(
      (place) => `
mkdir -p "${place}"
mount -t tmpfs none "${place}"
: >"${place}/file"
chown 5:6 "${place}/file"`,
    )
    .join('');

const one = mountsAt('$SOURCE');
const two = mountsAt('$SOURCE', '$SOURCE/below');

const looks = ['stat', '/tmp/file'];

/** Who owns the file there, and whether the kernel says that the mount is mapped. */
const shown = (report: Report, place = '/tmp'): readonly [owner: string, mapped: boolean] => {
  const { uid, gid } = resultAt(report, place === '/tmp' ? 0 : 1);
  return [`${uid}:${gid}`, found(report, place).options.includes('idmapped')];
};

const mapped = ['205:306', true] as const;

const idmapped = (source: string, word: string, rest: Partial<Mount> = mappings): Mount => ({
  ...bind(source, '/tmp', word.startsWith('r') ? 'rbind' : 'bind', word),
  ...rest,
});

const about = (...proves: readonly string[]): About => ({ proves, needs });

/** A mount that shows the ids of the container, or nothing at all. */
async function ofContainer(trial: Trial, prepare: Prepare): Promise<void> {
  const report = await orRefused(trial, prepare, ...looks);
  if (report) deepEqual(shown(report), ['5:6', true]);
}

/** Each word has the same demands. */
function wordTests(test: DefineTest, word: string): void {
  const own = about(optionId(word), optionId(`${word} mappings`), optionId(`${word} kernel`));
  test(word, `With ${word} the kernel shows files of a mount under other owners`, own, (trial) =>
    beside(trial, one, async (inner, source) => {
      const report = await inner.look(adds(idmapped(source, word)), ...looks);
      deepEqual(shown(report), mapped);
    }),
  );

  test(
    `${word}-in-user-namespace`,
    `With ${word} the mappings of a mount hold in a user namespace too`,
    about(optionId(`${word} mappings`)),
    (trial) =>
      beside(trial, one, async (inner, source) => {
        const other = { uidMappings: ids(700_020), gidMappings: ids(800_030) };
        const prepare = inUserNamespace(inner, ({ mounts }) => {
          mounts.push(idmapped(source, word, other));
        });
        deepEqual(shown(await inner.look(prepare, ...looks)), ['25:36', true]);
      }),
  );

  test(
    `${word}-of-container`,
    `With ${word} and no mappings a mount has those of the user namespace, or is refused`,
    about(optionId(`${word} container`)),
    (trial) =>
      beside(trial, one, (inner, source) => {
        const prepare = inUserNamespace(inner, (config) => {
          config.mounts.push(idmapped(source, word, {}));
        });
        return ofContainer(inner, prepare);
      }),
  );

  test(
    `${word}-without`,
    `With ${word}, no mappings and no user namespace a mount is refused`,
    { proves: [optionId(`${word} none`)], needs: [root] },
    async (trial) => {
      await trial.refused((config, paths) => {
        config.mounts.push(idmapped(folderIn(paths, 'source'), word, {}));
      });
    },
  );
}

export const idmapTests = subject('mount-idmap', (test) => {
  wordTests(test, 'idmap');
  wordTests(test, 'ridmap');

  for (const [word, below] of [
    ['idmap', ['5:6', false]],
    ['ridmap', mapped],
  ] as const)
    test(
      `${word}-below`,
      `With rbind and ${word} a mount below is ${below[1] ? 'mapped as well' : 'as it was'}`,
      about(optionId(word)),
      (trial) =>
        beside(trial, two, async (inner, source) => {
          const mount = { ...bind(source, '/tmp', 'rbind', word), ...mappings };
          const report = await inner.look(adds(mount), ...looks, 'stat', '/tmp/below/file');
          deepEqual([shown(report), shown(report, '/tmp/below')], [mapped, below]);
        }),
    );

  test(
    'fields',
    'Mappings of users and of groups are each applied, by the kernel',
    about('config/posix-platform-mounts/1', 'config/posix-platform-mounts/4'),
    (trial) =>
      beside(trial, one, async (inner, source) => {
        const other = { uidMappings: ids(7000), gidMappings: ids(0) };
        const report = await inner.look(adds(idmapped(source, 'idmap', other)), ...looks);
        deepEqual(shown(report), ['7005:6', true]);
      }),
  );

  test('outside', 'Owners without mapping are nobody', about(optionId('idmap mappings')), (trial) =>
    beside(trial, one, async (inner, source) => {
      const few = { uidMappings: ids(200, 5), gidMappings: ids(300, 6) };
      const report = await inner.look(adds(idmapped(source, 'idmap', few)), ...looks);
      deepEqual(shown(report), ['65534:65534', true]);
    }),
  );

  for (const [slug, id, missing] of [
    ['users-alone', 'config/posix-platform-mounts/3', 'gidMappings'],
    ['groups-alone', 'config/posix-platform-mounts/6', 'uidMappings'],
  ] as const)
    test(
      slug,
      `A mount with mappings but without ${missing} is refused`,
      { proves: [id, 'config/valid-values/1'] },
      async (trial) => {
        await trial.refused((config, paths) => {
          const mount = idmapped(folderIn(paths, 'source'), 'idmap');
          delete mount[missing];
          config.mounts.push(mount);
        });
      },
    );
});
