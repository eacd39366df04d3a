import { equal } from 'node:assert/strict';
import type { Config } from '../lib/config.js';
import { probe } from '../probe/program.js';
import { controller, root } from '../runner/host.js';
import { type DefineTest, type Need, subject } from '../runner/test.js';

type Row = readonly [slug: string, what: string, at: (config: Config) => object, ...Need[]];

/** One that is put there, and answered. */
const put = <T extends object>(
  holder: object,
  name: string,
  value: T,
  wrapped: object = value,
): T => {
  Object.assign(holder, { [name]: wrapped });
  return value;
};

const putFirst = <T extends object>(holder: object, name: string, value: T): T =>
  put(holder, name, value, [value]);

/** Where properties are added: whatever they hold, nobody knows them. */
const places: readonly Row[] = [
  ['document', 'the configuration', (config) => config],
  ['root', 'root', ({ root }) => root],
  ['process', 'process', ({ process }) => process],
  ['user', 'process.user', ({ process }) => process.user],
  ['capabilities', 'process.capabilities', ({ process }) => process.capabilities ?? {}],
  ['mount', 'a mount', ({ mounts }) => mounts[0] ?? {}],
  ['linux', 'linux', ({ linux }) => linux],
  ['namespace', 'a namespace', ({ linux }) => linux.namespaces[0] ?? {}],
  [
    'rlimit',
    'a resource limit',
    ({ process }) => putFirst(process, 'rlimits', { type: 'RLIMIT_CORE', soft: 0, hard: 0 }),
  ],
  [
    'console-size',
    'process.consoleSize',
    ({ process }) => put(process, 'consoleSize', { height: 24, width: 80 }),
  ],
  [
    'hook',
    'a hook',
    (config) => {
      const hook = { path: probe(), args: ['hook', 'stdin', 'to', '/dev/null'] };
      put(config, 'hooks', hook, { createRuntime: [hook] });
      return hook;
    },
  ],
  [
    'seccomp',
    'linux.seccomp',
    ({ linux }) => put(linux, 'seccomp', { defaultAction: 'SCMP_ACT_ALLOW' }),
  ],
  [
    'seccomp-rule',
    'a rule of linux.seccomp',
    ({ linux }) => {
      const rule = { names: ['swapon'], action: 'SCMP_ACT_ERRNO' };
      put(linux, 'seccomp', rule, { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [rule] });
      return rule;
    },
  ],
];

const values: readonly unknown[] = ['text', 5, true, null, ['list'], { deep: { deeper: [1] } }];

/** What a user without privileges cannot ask for. */
const ofRoot: readonly Row[] = [
  [
    'device',
    'a device',
    ({ linux }) =>
      putFirst(linux, 'devices', { path: '/dev/another', type: 'c', major: 1, minor: 3 }),
  ],
  [
    'device-rule',
    'a rule for devices',
    ({ linux }) => {
      const rule = { allow: false, access: 'rwm' };
      return put(linux, 'resources', rule, { devices: [rule] });
    },
  ],
  [
    'pids',
    'a limit of processes',
    ({ linux }) => {
      const pids = { limit: 100 };
      return put(linux, 'resources', pids, { pids });
    },
    controller('pids'),
  ],
];

function placeTest(test: DefineTest, [slug, what, at, ...needs]: Row): void {
  test(
    slug,
    `Properties of ${what} that nobody knows are ignored`,
    { proves: ['config/extensibility/1'], needs },
    async (trial) => {
      const { hostname } = await trial.look((config) => {
        const place = at(config);
        values.forEach((value, i) => {
          Object.assign(place, { [`conformanceUnknown${i}`]: value });
        });
      });
      equal(hostname, 'inside');
    },
  );
}

export const extensibilityTests = subject('extensibility', (test) => {
  for (const row of places) placeTest(test, row);
  for (const row of ofRoot) placeTest(test, [...row, root]);

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
