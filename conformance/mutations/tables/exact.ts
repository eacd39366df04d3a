/** What is printed and written, to the last value. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../lib/config.js';
import { controller } from '../../runner/host.js';
import { afterwards, answers, says } from '../how.js';
import type { Row } from '../mutation.js';

type Template = Config & { process: { rlimits?: unknown; capabilities?: object } };

/** The configuration that `spec` has written, with another value. */
const template = (name: string, breaks: string, change: (config: Template) => void): Row => [
  `template-${name}`,
  breaks,
  'commands/spec-values commands/spec-rootless',
  afterwards('spec', (call) => {
    const file = join(call.bundle, 'config.json');
    const config: Template = JSON.parse(readFileSync(file, 'utf8'));
    change(config);
    writeFileSync(file, JSON.stringify(config, null, '\t'));
  }),
];

const withoutOption = (place: string, word: string) => (config: Template) => {
  for (const mount of config.mounts)
    if (mount.destination === place)
      mount.options = (mount.options ?? []).filter((each) => each !== word);
};

const features = (name: string, breaks: string, aims: string, change: (text: string) => string) =>
  [`features-${name}`, breaks, aims, says('features', change)] as const satisfies Row;

const parsed = (change: (all: Record<string, unknown>) => unknown) => (text: string) =>
  `${JSON.stringify(change(JSON.parse(text)), null, 4)}\n`;

export const exact: readonly Row[] = [
  template('without-noexec', 'has a /dev/shm for programs in its template', (config) =>
    withoutOption('/dev/shm', 'noexec')(config),
  ),
  template('writable-sys', 'has a writable /sys in its template', withoutOption('/sys', 'ro')),
  template('without-limits', 'has no limit of files in its template', ({ process }) => {
    delete process.rlimits;
  }),
  template('ambient', 'has ambient capabilities in its template', ({ process }) => {
    Object.assign(process.capabilities ?? {}, { ambient: ['CAP_KILL'] });
  }),
  template('unmasked', 'masks not all of its template', ({ linux }) => {
    linux.maskedPaths = (linux.maskedPaths ?? []).filter((path) => path !== '/proc/keys');
  }),
  template('writable', 'makes not all of its template read-only', ({ linux }) => {
    linux.readonlyPaths = (linux.readonlyPaths ?? []).filter((path) => path !== '/proc/bus');
  }),
  template('path', 'has another PATH in its template', ({ process }) => {
    process.env = process.env.map((each) => each.replace(':/bin', ''));
  }),
  features(
    'of-two-blanks',
    'indents its features by two blanks',
    'commands/features-layout',
    (text) => `${JSON.stringify(JSON.parse(text), null, 2)}\n`,
  ),
  features(
    'unsorted',
    'does not sort the mount options of its features',
    'commands/features-layout',
    parsed(({ mountOptions, ...all }) => ({
      ...all,
      mountOptions: Array.isArray(mountOptions) ? mountOptions.reverse() : mountOptions,
    })),
  ),
  features(
    'without-kernel',
    'tells nothing of seccomp',
    'commands/features-kernel',
    parsed(({ linux, ...all }) => ({ ...all, linux: { ...(linux as object), seccomp: {} } })),
  ),
  features(
    'of-checkpoints',
    'tells of checkpoints that it does not make, or does not tell of those that it makes',
    'commands/features-checkpoint',
    parsed(({ annotations, ...all }) => {
      const name = 'org.opencontainers.runc.checkpoint.enabled';
      const { [name]: said, ...rest } = annotations as Record<string, string>;
      return { ...all, annotations: said === 'true' ? rest : { ...rest, [name]: 'true' } };
    }),
  ),
  [
    'list-of-lines',
    'prints its list of JSON on many lines',
    'states/list-layout',
    says('list', (text) =>
      text.startsWith('[') ? `${JSON.stringify(JSON.parse(text), null, 2)}\n` : text,
    ),
  ],
  [
    'narrow-list',
    'prints the columns of its list close to each other',
    'states/list-layout',
    says('list', (text) => text.replace(/ {3,}/g, '  ')),
  ],
  [
    'created-long-ago',
    'tells another time of creation',
    'states/created-at',
    answers('state', (state) => ({ ...state, created: '2001-01-01T00:00:00Z' })),
  ],
  [
    'more-statistics',
    'has a name of its own among its statistics',
    'commands/events-keys',
    says('events', (text) => text.replace('"pids":{', '"pids":{"mutant":1,')),
    controller('memory'),
  ],
];
