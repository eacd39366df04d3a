import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../lib/config.js';
import { type DefineTest, subject } from '../runner/test.js';
import { fails } from '../runner/trial.js';
import { neverStarts } from './support/process.js';

const proves = ['config/valid-values/1'];

const gives = (pointer: string, value: unknown) => (config: Config) => {
  const parts = pointer.split('/').slice(1);
  const last = parts.pop() ?? '';
  let holder = config as Record<string, unknown>;
  for (const part of parts) {
    holder[part] ??= {};
    holder = holder[part] as Record<string, unknown>;
  }
  holder[last] = value;
};

type Row = readonly [slug: string, title: string, pointer: string, value: unknown];

/** Of a type that the field does not have. */
const types: readonly Row[] = [
  ['process-list', 'A process that is a list', '/process', []],
  ['args-text', 'Arguments that are one text', '/process/args', '/probe'],
  ['args-number', 'An argument that is a number', '/process/args', ['/probe', 5]],
  ['env-object', 'An environment that is an object', '/process/env', { A: 'b' }],
  ['cwd-number', 'A working directory that is a number', '/process/cwd', 5],
  ['uid-text', 'A user id that is a text', '/process/user/uid', 'root'],
  ['uid-negative', 'A user id below zero', '/process/user/uid', -1],
  ['uid-fraction', 'A user id that is no integer', '/process/user/uid', 1.5],
  ['uid-large', 'A user id of more than 32 bits', '/process/user/uid', 4_294_967_296],
  ['root-text', 'A root that is a text', '/root', 'rootfs'],
  ['root-path-number', 'A path of the root that is a number', '/root/path', 5],
  ['readonly-text', 'A readonly that is a text', '/root/readonly', 'yes'],
  ['hostname-number', 'A host name that is a number', '/hostname', 5],
  ['mounts-object', 'A list of mounts that is an object', '/mounts', {}],
  ['mount-text', 'A mount that is a text', '/mounts/0', '/proc'],
  ['env-number', 'An environment variable that is a number', '/process/env', [5]],
  ['groups-text', 'Additional groups that are one text', '/process/user/additionalGids', '5'],
  ['umask-text', 'A umask that is a text', '/process/user/umask', '0022'],
  ['terminal-text', 'A terminal that is a text', '/process/terminal', 'yes'],
  ['no-new-privileges-text', 'A text for noNewPrivileges', '/process/noNewPrivileges', 'false'],
  ['oom-score-text', 'An oomScoreAdj that is a text', '/process/oomScoreAdj', '5'],
  ['capabilities-list', 'Capabilities that are one list', '/process/capabilities', ['CAP_KILL']],
  ['rlimits-object', 'Limits that are an object', '/process/rlimits', { RLIMIT_CORE: 0 }],
  ['hooks-list', 'Hooks that are a list', '/hooks', [{ path: '/probe' }]],
  ['hook-text', 'A hook that is a text', '/hooks/poststart', ['/probe']],
  ['masked-text', 'Paths to mask that are one text', '/linux/maskedPaths', '/proc/kcore'],
  ['mount-options-text', 'Options of a mount that are one text', '/mounts/0/options', 'ro,nosuid'],
];

/** Of the right type, but not among what is allowed. */
const values: readonly Row[] = [
  ['namespace', 'A namespace of a type that there is not', '/linux/namespaces/0/type', 'frob'],
  ['namespace-empty', 'A namespace without type', '/linux/namespaces/0', { path: '' }],
  ['propagation', 'A propagation that there is not', '/linux/rootfsPropagation', 'frob'],
  ['mount-type', 'A file system that there is not', '/mounts/0/type', 'conformancefs'],
  [
    'seccomp-action',
    'An action of seccomp that there is not',
    '/linux/seccomp',
    { defaultAction: 'SCMP_ACT_FROB' },
  ],
  [
    'rlimit',
    'A limit that there is not',
    '/process/rlimits',
    [{ type: 'RLIMIT_FROB', soft: 1, hard: 1 }],
  ],
  ['no-args', 'A process without arguments', '/process/args', []],
  ['args-nul', 'An argument with a character that ends it', '/process/args', ['/probe', 'a\0b']],
  ['env-nul', 'An environment variable with a character that ends it', '/process/env', ['A=a\0b']],
  ['hostname-nul', 'A host name with a character that ends it', '/hostname', 'in\0side'],
  ['oom-score-high', 'An oomScoreAdj above all that there are', '/process/oomScoreAdj', 1001],
  ['oom-score-low', 'An oomScoreAdj below all that there are', '/process/oomScoreAdj', -1001],
  ['no-destination', 'A mount without destination', '/mounts/0/destination', undefined],
  ['no-root-path', 'A root without path', '/root/path', undefined],
  ['no-hook-path', 'A hook without path', '/hooks/prestart', [{ args: ['hook'] }]],
  [
    'sysctl',
    'A kernel parameter that there is not',
    '/linux/sysctl',
    { 'net.ipv4.conformance_frob': '1' },
  ],
  [
    'device-type',
    'A device of a type that there is not',
    '/linux/devices',
    [{ path: '/dev/frob', type: 'x', major: 1, minor: 3 }],
  ],
];

const documents: readonly (readonly [slug: string, title: string, text: string])[] = [
  ['empty', 'An empty configuration', ''],
  ['no-json', 'A configuration that is not JSON', 'ociVersion: 1.0.2\n'],
  ['cut', 'A configuration that ends too early', '{"ociVersion": "1.0.2", "process": {'],
  ['list', 'A configuration that is a list', '[]'],
];

function documentTest(test: DefineTest, slug: string, title: string, text: string): void {
  test(`document-${slug}`, `${title} is refused`, { proves }, async (trial) => {
    const container = trial.container();
    writeFileSync(join(container.bundle, 'config.json'), text);
    await fails(container.create());
    await trial.expectNothingLeft();
  });
}

export const validValueTests = subject('valid-values', (test) => {
  for (const [slug, title, pointer, value] of [...types, ...values])
    test(slug, `${title} is refused`, { proves }, async (trial) => {
      await neverStarts(trial, gives(pointer, value));
    });
  for (const [slug, title, text] of documents) documentTest(test, slug, title, text);
});
