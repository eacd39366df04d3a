/** What the tests of mounts have in common. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Mount } from '../lib/config.js';
import type { Paths, Prepare } from '../lib/container.js';
import type { MountEntry } from '../lib/machine.js';
import { mountAt, type Report, type Result, readReport } from '../probe/report.js';
import { NotTestable } from '../runner/test.js';
import { succeeds, type Trial } from '../runner/trial.js';

/** errno(3) */
export const errors = { EACCES: 13, EROFS: 30, ELOOP: 40 } as const;

export const tmpfs = (destination: string, ...options: readonly string[]): Mount => ({
  destination,
  type: 'tmpfs',
  source: 'tmpfs',
  options: [...options],
});

export const bind = (source: string, destination: string, ...options: string[]): Mount => ({
  destination,
  type: 'none',
  source,
  options: options.some((word) => word === 'rbind') ? options : ['bind', ...options],
});

export const adds =
  (...mounts: readonly Mount[]): Prepare =>
  (config) => {
    config.mounts.push(...mounts);
  };

/** A directory beside the configuration. */
export function folderIn({ bundle }: Paths, name: string): string {
  const path = join(bundle, name);
  mkdirSync(path, { recursive: true });
  return path;
}

/** The uppermost mount there, which has to be. */
export function found(report: Report, path: string): MountEntry {
  const mount = mountAt(report, path);
  if (mount === undefined) throw new Error(`nothing is mounted at ${path}`);
  return mount;
}

/** What an operation has come to, by its place; it has to be there. */
export function resultAt({ results }: Report, index: number): Result {
  const result = results[index];
  if (result === undefined) throw new Error(`the probe has not performed operation ${index}`);
  return result;
}

/** What the probe sees, where the specification leaves it to the runtime whether it takes a mount. */
export async function orRefused(
  trial: Trial,
  prepare: Prepare,
  ...operations: readonly string[]
): Promise<Report | undefined> {
  const container = trial.container((config, paths) => {
    config.process.args = ['/probe', ...operations];
    prepare(config, paths);
  });
  const { status } = await container.create();
  if (status !== 0) {
    await trial.expectNothingLeft();
    return undefined;
  }
  await succeeds(container.start());
  await container.ended();
  return readReport(container.output());
}

/** A mount namespace that lasts until it is ended, after shell commands in it. */
async function mountNamespace(script: string): Promise<{ path: string; end(): Promise<void> }> {
  const shell = ['sh', '-ec', `${script}\necho ready\nread line`];
  const holder = spawn('unshare', ['--mount', '--propagation', 'private', ...shell]);
  const exit = once(holder, 'exit');
  const said: string[] = [];
  holder.stderr.on('data', (bytes) => said.push(String(bytes)));
  const isReady = await Promise.race([
    once(holder.stdout, 'data').then(() => true),
    exit.then(() => false),
  ]);
  if (!isReady) throw new NotTestable(`needs mounts that cannot be made here: ${said.join('')}`);
  const end = async () => {
    holder.stdin.end('\n');
    await exit;
  };
  return { path: `/proc/${holder.pid}/ns/mnt`, end };
}

/**
 * Calls the runtime in a mount namespace of its own, after shell commands that may mount whatever
 * they want: the host sees nothing of it. `$SOURCE` is an empty directory.
 */
export async function beside(
  trial: Trial,
  script: string,
  run: (inner: Trial, source: string) => Promise<void>,
): Promise<void> {
  const source = trial.folderFor('source');
  const namespace = await mountNamespace(`SOURCE='${source}'\n${script}`);
  const command = ['nsenter', `--mount=${namespace.path}`, ...trial.engine.command];
  try {
    await trial.calling(command, (inner) => run(inner, source));
  } finally {
    await namespace.end();
  }
}
