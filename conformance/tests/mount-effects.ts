/** What options do, beyond what mountinfo shows: each is tried from inside. */
import { deepEqual, equal } from 'node:assert/strict';
import { chmodSync, copyFileSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { probe } from '../probe/program.js';
import { readReports } from '../probe/report.js';
import { kernel, root } from '../runner/host.js';
import { type DefineTest, subject } from '../runner/test.js';
import type { Trial } from '../runner/trial.js';
import { bind, errors, folderIn, resultAt } from './mounting.js';
import { optionId } from './option-ids.js';

/** Performs operations in a directory of the host that is bound to /tmp with options. */
async function inBound(
  trial: Trial,
  words: string,
  fill: (folder: string) => void,
  ...operations: readonly string[]
): Promise<(number | undefined)[]> {
  const options = words.split(' ').filter((word) => word !== '');
  const container = await trial.probing(operations, (config, paths) => {
    const folder = folderIn(paths, 'source');
    fill(folder);
    config.mounts.push(bind(folder, '/tmp', ...options));
  });
  await container.ended();
  // Programs that it executes have their say before.
  const [report] = readReports(container.output()).slice(-1);
  if (report === undefined) throw new Error(`the probe said nothing: ${container.errorOutput()}`);
  return report.results.map(({ value, errno }) => value ?? -(errno ?? 0));
}

const placeProgram = (folder: string): void => {
  copyFileSync(probe(), join(folder, 'program'));
  chmodSync(join(folder, 'program'), 0o755);
};

const placeLink = (folder: string): void => {
  writeFileSync(join(folder, 'file'), 'x');
  symlinkSync('file', join(folder, 'link'));
};

type Row = readonly [
  slug: string,
  option: string,
  title: string,
  words: string,
  fill: (folder: string) => void,
  operation: readonly string[],
  outcome: number,
];

const nothing = () => {};
const writes = ['write', '/tmp/new', 'x'];
const executes = ['execute', '/tmp/program'];
const follows = ['open', '/tmp/link', 'r'];

const rows: readonly Row[] = [
  ['ro', 'ro', 'With ro a bind mount cannot be written to', 'ro', nothing, writes, -errors.EROFS],
  ['rw', 'rw', 'With rw a bind mount can be written to', 'rw', nothing, writes, 1],
  ['bind', 'bind', 'A bind mount can be written to', '', nothing, writes, 1],
  ['noexec', 'noexec', 'With noexec programs do not run', 'noexec', placeProgram, executes, 126],
  ['exec', 'exec', 'With exec programs run', 'exec', placeProgram, executes, 0],
];

function linkTests(test: DefineTest): void {
  const needs = [kernel(5, 10)];
  for (const [option, outcome] of [
    ['nosymfollow', -errors.ELOOP],
    ['symfollow', 0],
  ] as const)
    test(
      option,
      `With ${option} links are ${outcome ? 'not ' : ''}followed`,
      { proves: [optionId(option)], needs },
      async (trial) => deepEqual(await inBound(trial, option, placeLink, ...follows), [outcome]),
    );
}

/** Devices of a container are those of its cgroup: /dev/null is among them everywhere. */
function deviceTests(test: DefineTest): void {
  for (const [option, outcome] of [
    ['nodev', -errors.EACCES],
    ['dev', 0],
  ] as const)
    test(
      option,
      `With ${option} devices ${outcome ? 'cannot' : 'can'} be opened`,
      { proves: [optionId(option)], needs: [root] },
      async (trial) => {
        const report = await trial.look(
          (config) => {
            const options = ['nosuid', option, 'mode=755', 'size=64k'];
            config.mounts.push({ destination: '/tmp', type: 'tmpfs', source: 'tmpfs', options });
            for (const set of Object.values(config.process.capabilities ?? {}))
              set.push('CAP_MKNOD');
          },
          ...['mknod', '/tmp/null', 'c', '1', '3', 'open', '/tmp/null', 'rw'],
        );
        equal(resultAt(report, 0).value, 0, 'mknod');
        const { value, errno } = resultAt(report, 1);
        equal(value ?? -(errno ?? 0), outcome);
      },
    );
}

function timeTests(test: DefineTest): void {
  const old = new Date('2001-02-03T04:05:06Z');
  for (const [option, changes] of [
    ['noatime', false],
    ['strictatime', true],
  ] as const)
    test(
      option,
      `With ${option} reading a file ${changes ? 'changes' : 'does not change'} its access time`,
      // A user without privileges must not change what is locked (mount_namespaces(7)).
      { proves: [optionId(option)], needs: [root] },
      async (trial) => {
        const file = join(trial.folderFor('source'), 'file');
        writeFileSync(file, 'x');
        utimesSync(file, old, old);
        await trial.look(
          ({ mounts }) => {
            mounts.push(bind(join(file, '..'), '/tmp', option));
          },
          ...['read', '/tmp/file'],
        );
        equal(statSync(file).atimeMs > old.getTime(), changes);
      },
    );
}

export const mountEffectTests = subject('mount-effects', (test) => {
  for (const [slug, option, title, words, fill, operation, outcome] of rows)
    test(slug, title, { proves: [optionId(option)] }, async (trial) => {
      deepEqual(await inBound(trial, words, fill, ...operation), [outcome]);
    });
  linkTests(test);
  deviceTests(test);
  timeTests(test);
});
