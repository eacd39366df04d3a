import { cgroupFrozen, cgroupNotEmpty } from '../errors/catalog.js';
import { during, RuntimeError } from '../errors/error.js';
import { attempt, type Context, callFailed } from '../host/host.js';
import { writeValueAt } from '../host/io.js';
import { AT_FDCWD, AT_REMOVEDIR } from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import { delegate } from './delegate.js';
import { destroyCgroups } from './destroy.js';
import { dropFilters } from './device-filter.js';
import type { CgroupDirectory, CgroupPlan, FileWrite, InheritedFile } from './driver.js';
import { parentOf, readRecord, writeIfThere } from './files.js';
import { isFrozen } from './freezer.js';
import { processesIn } from './processes.js';
import { grantRealtime } from './realtime.js';
import { writeLimit } from './write.js';

/** How long undoing waits for processes that are on their way out. */
const UNDO_MS = 2000;

/** Others have put theirs into it, or have taken it away. */
const STAYS = [errno.EBUSY, errno.ENOENT];

/** What is made, so that it can be taken away again: that and nothing else. */
export interface Made {
  readonly own: CgroupDirectory[];
  /** Missing ones above it: others may have put theirs into them meanwhile. */
  readonly above: string[];
}

export function undoable(
  context: Context,
  { record: { mode } }: CgroupPlan,
  undo: (step: () => void) => void,
): Made {
  const made: Made = { own: [], above: [] };
  undo(() => {
    destroyCgroups(context, { mode, directories: made.own.toReversed() }, UNDO_MS);
    for (const path of made.above.toReversed())
      attempt(context, STAYS, 'unlinkat', AT_FDCWD, path, AT_REMOVEDIR);
  });
  return made;
}

/** Makes the container's directories, and whatever is missing above them. */
export function createCgroups(
  context: Context,
  plan: CgroupPlan,
  undo: (step: () => void) => void,
): void {
  const made = undoable(context, plan, undo);
  for (const directory of plan.record.directories) {
    if (!make(context, directory, made)) reuse(context, plan, directory);
  }
  prepareMade(context, plan);
}

/** Makes those that systemd has not made. */
export function completeCgroups(context: Context, plan: CgroupPlan, made: Made): void {
  for (const directory of plan.record.directories) make(context, directory, made);
  prepareMade(context, plan);
}

function prepareMade(context: Context, plan: CgroupPlan): void {
  for (const file of plan.inherited) inherit(context, file);
  if (plan.realtime !== null) grantRealtime(context, plan.realtime);
  for (const write of plan.before) handDown(context, write);
  during('give the cgroup to the container', () => delegate(context, plan), '/linux/cgroupsPath');
}

/** Makes the container's own, with what is missing above it; false: it was there. */
function make(context: Context, directory: CgroupDirectory, made: Made): boolean {
  const { path, mountpoint } = directory;
  const result = makeBelow(context, path, mountpoint, made);
  if (result === -errno.EEXIST) return false;
  if (result < 0) throw cannotMake(path, -result);
  made.own.push(directory);
  return true;
}

/** Whoever fails takes away what was missing above, as long as it is empty: then it is made anew. */
const ATTEMPTS = 100;

/** Looks above only when something turns out to be missing. Answers what the last mkdir(2) did. */
function makeBelow(context: Context, path: string, mountpoint: string, made: Made): number {
  const mkdir = () => context.host.raw.mkdirat(AT_FDCWD, path, 0o755);
  let result = mkdir();
  for (let i = 0; result === -errno.ENOENT && path !== mountpoint && i < ATTEMPTS; i++) {
    const parent = parentOf(path);
    const above = makeBelow(context, parent, mountpoint, made);
    if (above === 0) made.above.push(parent);
    else if (above !== -errno.EEXIST) return above;
    result = mkdir();
  }
  return result;
}

function cannotMake(path: string, error: number): RuntimeError {
  const call = callFailed('mkdirat', [AT_FDCWD, path, 0o755], error).call;
  const hint = hints[error];
  return new RuntimeError('syscall', "cannot make the container's cgroup", {
    at: '/linux/cgroupsPath',
    ...(call && { call }),
    ...(hint !== undefined && { hint }),
  });
}

const hints: Readonly<Record<number, string>> = {
  [errno.EAGAIN]: 'cgroup.max.depth or cgroup.max.descendants of a cgroup above is reached',
  [errno.EACCES]: 'the cgroup above belongs to another user: have a directory delegated',
  [errno.EPERM]: 'the cgroup above belongs to another user: have a directory delegated',
  [errno.EROFS]: 'the cgroup file system is mounted read-only',
  [errno.ENOSPC]: 'the kernel is out of cgroup numbers: are there thousands of leftover cgroups?',
};

function reuse(context: Context, plan: CgroupPlan, directory: CgroupDirectory): void {
  checkUnused(context, plan, directory);
  const filtered = directory.controllers.length === 0 && plan.devices === null;
  if (filtered) dropFilters(context, directory.path);
}

/** Somebody else's processes must not get this container's limits, nor its kill. */
function checkUnused(context: Context, { record }: CgroupPlan, directory: CgroupDirectory): void {
  const alone = { mode: record.mode, directories: [directory] };
  const count = processesIn(context, alone).length;
  if (count > 0) throw cgroupNotEmpty(directory.path, count);
  if (isFrozen(context, alone)) throw cgroupFrozen(directory.path);
}

function inherit(context: Context, file: InheritedFile): void {
  const { directory, name, at } = file;
  const above = inheritable(context, { ...file, directory: parentOf(directory) });
  writeLimit(context, { file: `${directory}/${name}`, value: file.value ?? above, at });
}

/** What the file holds in this directory, once it has been filled from above. */
function inheritable(context: Context, file: InheritedFile): string {
  const path = `${file.directory}/${file.name}`;
  const text = readRecord(context, path)?.trim() ?? '';
  if (text !== '' || file.directory === file.mountpoint) return text;
  const value = inheritable(context, { ...file, directory: parentOf(file.directory) });
  writeValueAt(context, AT_FDCWD, path, value);
  return value;
}

/**
 * Enables controllers for the children of a cgroup. What cannot be had (real-time processes keep
 * cpu away, a delegated tree has owners above) matters only to limits, which then name their file.
 */
export function handDown(context: Context, { file, value }: FileWrite): void {
  if (enabled(context, file, value)) return;
  for (const single of value.split(' ')) enabled(context, file, single);
}

function enabled(context: Context, file: string, value: string): boolean {
  try {
    return writeIfThere(context, file, value);
  } catch (thrown) {
    if (thrown instanceof RuntimeError && thrown.code === 'syscall') return false;
    throw thrown;
  }
}
