import { attempt, type Context } from '../host/host.js';
import { AT_FDCWD } from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import type { CgroupPlan } from './driver.js';
import { readRecord } from './files.js';

const LIST = '/sys/kernel/cgroup/delegate';

/** Of kernels that do not tell: cgroups(7), "Cgroup v2 delegation". */
const known = 'cgroup.procs\ncgroup.threads\ncgroup.subtree_control';

/** chown(2): the group stays as it is. */
const UNCHANGED = 0xffffffff;

/** Gives the container's v2 cgroup, with the files that manage what is below it, to its owner. */
export function delegate(context: Context, { owner, record }: CgroupPlan): void {
  const unified = record.directories.find(({ controllers }) => controllers.length === 0);
  if (owner === null || unified === undefined) return;
  context.host.sys.fchownat(AT_FDCWD, unified.path, owner, UNCHANGED, 0);
  const files = (readRecord(context, LIST) ?? known).split('\n').filter((name) => name !== '');
  for (const name of files) {
    // Not every cgroup has the files of every controller.
    const path = `${unified.path}/${name}`;
    attempt(context, [errno.ENOENT], 'fchownat', AT_FDCWD, path, owner, UNCHANGED, 0);
  }
}
