import { equal } from 'node:assert/strict';
import type { Config } from '../lib/config.js';
import { subject } from '../runner/test.js';

/** Where properties are added: whatever they hold, nobody knows them. */
const places: readonly (readonly [slug: string, what: string, at: (config: Config) => object])[] = [
  ['document', 'the configuration', (config) => config],
  ['root', 'root', ({ root }) => root],
  ['process', 'process', ({ process }) => process],
  ['user', 'process.user', ({ process }) => process.user],
  ['capabilities', 'process.capabilities', ({ process }) => process.capabilities ?? {}],
  ['mount', 'a mount', ({ mounts }) => mounts[0] ?? {}],
  ['linux', 'linux', ({ linux }) => linux],
  ['namespace', 'a namespace', ({ linux }) => linux.namespaces[0] ?? {}],
];

const values: readonly unknown[] = ['text', 5, true, null, ['list'], { deep: { deeper: [1] } }];

export const extensibilityTests = subject('extensibility', (test) => {
  for (const [slug, what, at] of places)
    test(
      slug,
      `Properties of ${what} that nobody knows are ignored`,
      { proves: ['config/extensibility/1'] },
      async (trial) => {
        const { hostname } = await trial.look((config) => {
          values.forEach((value, i) => {
            Object.assign(at(config), { [`conformanceUnknown${i}`]: value });
          });
        });
        equal(hostname, 'inside');
      },
    );

  test(
    'resources',
    'Properties of resources and hooks that nobody knows are ignored',
    { proves: ['config/extensibility/1'] },
    async (trial) => {
      const { hostname } = await trial.look((config) => {
        const unknown = { conformanceUnknown: { value: 1 } };
        Object.assign(config, { hooks: { ...unknown, poststop: [] } });
        config.linux.resources = { ...config.linux.resources, ...unknown };
      });
      equal(hostname, 'inside');
    },
  );
});
