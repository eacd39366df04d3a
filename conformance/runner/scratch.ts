/** Cgroups that a test makes itself, beside those of containers. */
import { existsSync, mkdirSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Prepare } from '../lib/container.js';
import { cgroupFile, cgroupsOf, hierarchies, textOf } from '../lib/machine.js';
import { NotTestable } from './test.js';
import type { Trial } from './trial.js';

/** The only hierarchy there is, if it is cgroup v2. */
const unified = (): string | undefined => {
  const [only, ...others] = hierarchies();
  return others.length === 0 && only?.controllers.length === 0 ? only.mountpoint : undefined;
};

/** The file of a cgroup that some controller limits, in either version; trimmed. */
export const limitOf = (controller: string, cgroup: string, file: string): string =>
  textOf(cgroupFile(controller, cgroup, file)).trim();

/** Whom of a path's cgroups nobody needs any more, from the innermost; a process needs its own. */
export function removeCgroups(path: string): void {
  for (const found of cgroupsOf(path)) {
    for (const entry of readdirSync(found, { withFileTypes: true }))
      if (entry.isDirectory()) removeCgroups(join(path, entry.name));
    rmdirSync(found);
  }
}

/** Lets a test use an empty cgroup in the hierarchy of a controller. */
export async function withCgroup<T>(
  controller: string,
  path: string,
  act: (folder: string) => T | Promise<T>,
): Promise<T> {
  const folder = dirname(cgroupFile(controller, path, 'cgroup.procs'));
  mkdirSync(folder, { recursive: true });
  try {
    return await act(folder);
  } finally {
    if (existsSync(folder)) removeCgroups(path);
  }
}

/** Some kernels take values of files that do nothing any more, and forget them. */
function isKept(file: string, value: string): boolean {
  try {
    writeFileSync(file, value);
    return textOf(file).trim() === value;
  } catch {
    return false;
  }
}

/** Says that nothing can be told where the kernel has no such file, or does not take the value. */
export async function expectTaken(
  trial: Trial,
  controller: string,
  file: string,
  value?: string,
): Promise<void> {
  const path = `${trial.container().cgroup}-scratch`;
  await withCgroup(controller, path, (folder) => {
    const place = join(folder, file);
    if (!existsSync(place)) throw new NotTestable(`needs ${file}, which this kernel does not have`);
    if (value === undefined) return;
    if (!isKept(place, value))
      throw new NotTestable(`needs ${file}, which this kernel does not let be ${value}`);
  });
}

/** `create` must fail; what it leaves of cgroups is the matter of other tests. */
export async function refusedAnyhow(trial: Trial, prepare: Prepare): Promise<void> {
  const container = trial.container(prepare);
  const { status } = await container.create();
  if (status === 0) throw new Error('create has succeeded, but must fail');
  removeCgroups(container.cgroup);
}

/** Whether the processes that are in a cgroup include this one. */
export const isIn = (folder: string, pid: number): boolean =>
  textOf(join(folder, 'cgroup.procs')).split('\n').includes(String(pid));

/** Directories of a cgroup in every hierarchy that has one of the controllers. */
export function foldersOf(path: string, controllers: readonly string[]): string[] {
  const mountpoint = unified();
  if (mountpoint !== undefined) return [join(mountpoint, path)];
  return hierarchies()
    .filter((each) => each.controllers.some((name) => controllers.includes(name)))
    .map((each) => join(each.mountpoint, path));
}
