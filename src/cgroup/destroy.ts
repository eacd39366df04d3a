import { RuntimeError } from '../errors/error.js';
import { type Context, callFailed } from '../host/host.js';
import { removeDirectory } from '../host/io.js';
import { AT_FDCWD, AT_REMOVEDIR } from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import type { CgroupDirectory, CgroupRecord } from './driver.js';
import { watchEmptiness } from './emptiness.js';
import { children, processesIn } from './processes.js';

const FIRST_WAIT_MS = 1;
const LONGEST_WAIT_MS = 50;

/**
 * Removes the container's cgroups with all below them. A process that was killed stays in its
 * cgroup until it has really ended, so the kernel's EBUSY is waited for up to `deadlineMs`.
 */
export function destroyCgroups(context: Context, record: CgroupRecord, deadlineMs: number): void {
  let left = record.directories.filter((directory) => !remove(context, directory));
  if (left.length === 0) return;
  using watch = watchEmptiness(context, record);
  let waited = 0;
  for (let wait = FIRST_WAIT_MS; left.length > 0; wait = Math.min(2 * wait, LONGEST_WAIT_MS)) {
    if (waited >= deadlineMs) throw stillUsed(context, record, left);
    watch.wait(wait);
    waited += wait;
    left = left.filter((directory) => !remove(context, directory));
  }
}

/** True when the cgroup is gone; false when it is in use. */
function remove(context: Context, { path, mountpoint }: CgroupDirectory): boolean {
  return path === mountpoint || removeTree(context, path);
}

function removeTree(context: Context, path: string): boolean {
  const result = removeDirectory(context, AT_FDCWD, path);
  if (result === 0 || result === -errno.ENOENT) return true;
  if (result !== -errno.EBUSY)
    throw callFailed('unlinkat', [AT_FDCWD, path, AT_REMOVEDIR], -result);
  const below = children(context, path);
  if (below.length === 0) return false;
  const gone = below.filter((name) => removeTree(context, `${path}/${name}`));
  return gone.length === below.length && removeTree(context, path);
}

function stillUsed(
  context: Context,
  { mode }: CgroupRecord,
  left: readonly CgroupDirectory[],
): RuntimeError {
  const paths = left.map(({ path }) => path).join(', ');
  const pids = processesIn(context, { mode, directories: left });
  const who = pids.length === 0 ? 'no process is seen in it' : `processes: ${pids.join(', ')}`;
  return new RuntimeError('host', `cannot remove cgroup ${paths}: still in use, ${who}`, {
    hint: 'a process in uninterruptible sleep ends only when its I/O does; then delete again',
  });
}
