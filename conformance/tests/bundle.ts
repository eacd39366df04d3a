import { equal } from 'node:assert/strict';
import { mkdirSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { subject } from '../runner/test.js';
import { fails, succeeds } from '../runner/trial.js';
import { stateOf } from './lib/view.js';

/** Where config.json is not looked for. */
const elsewhere: Readonly<Record<string, string>> = {
  'other-name': 'configuration.json',
  'other-case': 'Config.json',
  'in-rootfs': 'rootfs/config.json',
  above: '../config.json',
};

const names = ['with space', 'with:colon,comma', 'ünï', '..hidden', 'a\nline'];

export const bundleTests = subject('bundle', (test) => {
  test(
    'config',
    'A bundle needs its config.json',
    { proves: ['bundle/container-format/1'] },
    async (trial) => {
      await trial.look();
    },
  );

  for (const [name, path] of Object.entries(elsewhere))
    test(
      name,
      `A configuration at ${path} makes no bundle`,
      { proves: ['bundle/container-format/1'] },
      async (trial) => {
        const container = trial.container();
        const file = join(container.bundle, path);
        mkdirSync(dirname(file), { recursive: true });
        renameSync(join(container.bundle, 'config.json'), file);
        await fails(container.create());
        await trial.expectNothingLeft();
        renameSync(file, join(container.bundle, 'config.json'));
        await succeeds(container.create());
      },
    );

  for (const [number, name] of names.entries())
    test(
      `folder-${number + 1}`,
      `It does not matter that the folder of a bundle is called ${JSON.stringify(name)}`,
      { proves: ['bundle/container-format/2'] },
      async (trial) => {
        const container = trial.container((config) => {
          config.process.args = ['/probe', 'write', '/made', 'inside'];
        });
        const bundle = join(trial.folder, name);
        renameSync(container.bundle, bundle);
        await succeeds(trial.runtime('create', '--bundle', bundle, container.id));
        await succeeds(container.start());
        const state = await stateOf(trial, container);
        equal((state as { readonly bundle: string }).bundle, bundle);
      },
    );
});
