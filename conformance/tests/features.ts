import { deepEqual, equal, ok } from 'node:assert/strict';
import { call } from '../lib/call.js';
import { type HookKind, hookKinds } from '../lib/hooks.js';
import { root } from '../runner/host.js';
import { NotTestable, subject } from '../runner/test.js';
import { succeeds, type Trial } from '../runner/trial.js';
import { acceptsVersion, compareVersions, featuresOf, rawFeatures } from './lib/features.js';
import { refusedOptions } from './lib/mount-options.js';
import { haveDefinedNames } from './lib/schema.js';
import { hooksRun, share, telling } from './lib/told.js';

/** Known to one file system or another: mount(8), proc(5), tmpfs(5), overlayfs.rst. */
const ofFileSystems = [
  ...['size', 'nr_blocks', 'nr_inodes', 'mode', 'uid', 'gid', 'huge', 'mpol', 'newinstance'],
  ...['ptmxmode', 'max', 'hidepid', 'subset', 'lowerdir', 'upperdir', 'workdir', 'index'],
  ...['context', 'fscontext', 'defcontext', 'rootcontext', 'data', 'errors', 'compress', 'name'],
];

/** A list of the features, if there is one and it says anything. */
function listed<T>(what: string, list: readonly T[] | null | undefined): readonly T[] {
  if (!list) throw new NotTestable(`the features tell nothing of ${what}, which is optional`);
  return list;
}

/** The same command where much of the host cannot be seen. */
async function featuresElsewhere(trial: Trial): Promise<unknown> {
  const [program = '', ...before] = trial.engine.command;
  const hide = 'mount -t tmpfs none /sys && mount -t tmpfs none /proc/sys && exec "$@"';
  const words = ['--mount', '--uts', '--ipc', '--propagation', 'private', 'sh', '-c', hide, 'sh'];
  const { stdout } = await succeeds(
    call(trial.folder, ['unshare', ...words, program, ...before, 'features']),
  );
  return JSON.parse(stdout);
}

export const featuresTests = subject('features', (test) => {
  test(
    'min',
    'A configuration of the lowest version of the features is accepted',
    { proves: ['features/specification-version/1'] },
    async (trial) => acceptsVersion(trial, (await featuresOf(trial)).ociVersionMin),
  );

  test(
    'max',
    'A configuration of the highest version of the features is accepted',
    { proves: ['features/specification-version/2'] },
    async (trial) => acceptsVersion(trial, (await featuresOf(trial)).ociVersionMax),
  );

  test(
    'order',
    'The highest version of the features is not below the lowest',
    { proves: ['features/specification-version/3'] },
    async (trial) => {
      const { ociVersionMin, ociVersionMax } = await featuresOf(trial);
      ok(compareVersions(ociVersionMax, ociVersionMin) >= 0, `${ociVersionMin}, ${ociVersionMax}`);
    },
  );

  test(
    'defined',
    'The features have only properties that the specification defines',
    { proves: ['features/specification-version/4'] },
    async (trial) => haveDefinedNames(await rawFeatures(trial)),
  );

  test(
    'compiled',
    'The features are the same where nothing of /sys and /proc/sys can be seen',
    { proves: ['features/features-structure/1'], needs: [root] },
    async (trial) => {
      const here = await rawFeatures(trial);
      deepEqual(await featuresElsewhere(trial), here);
    },
  );

  test(
    'hooks',
    'Every kind of hooks of the features runs',
    { proves: ['features/hooks/1'] },
    async (trial) => {
      const kinds = listed('hooks', (await featuresOf(trial)).hooks) as readonly HookKind[];
      const container = trial.container((config) => {
        share(trial, config);
        config.hooks = Object.fromEntries(kinds.map((kind) => [kind, [telling(trial, kind)]]));
      });
      deepEqual(
        kinds.filter((kind) => !hookKinds.includes(kind)),
        [],
      );
      await container.started();
      await container.ended();
      await succeeds(container.delete());
      deepEqual(hooksRun(trial).toSorted(), kinds.toSorted());
    },
  );

  test(
    'mount-options',
    'Every mount option of the features is recognised',
    { proves: ['features/mount-options/1'] },
    async (trial) => {
      const options = listed('mount options', (await featuresOf(trial)).mountOptions);
      deepEqual(await refusedOptions(trial, options), []);
    },
  );

  test(
    'mount-options-general',
    'The mount options of the features are none that only a file system understands',
    { proves: ['features/mount-options/2'] },
    async (trial) => {
      const options = listed('mount options', (await featuresOf(trial)).mountOptions);
      deepEqual(
        options.filter((option) => option.includes('=') || ofFileSystems.includes(option)),
        [],
      );
    },
  );

  test(
    'annotations',
    'Annotations of the features are texts under names',
    { proves: ['features/annotations/1'] },
    async (trial) => {
      const { annotations } = await featuresOf(trial);
      for (const [name, value] of Object.entries(annotations ?? {})) {
        equal(typeof value, 'string');
        ok(name !== '', 'an annotation has no name');
      }
    },
  );
});
