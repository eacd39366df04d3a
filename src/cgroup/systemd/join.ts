import { RuntimeError } from '../../errors/error.js';
import type { Fd } from '../../host/fd.js';
import type { Context } from '../../host/host.js';
import { readTextAt, writeValueAt } from '../../host/io.js';
import { AT_FDCWD } from '../../linux/constants.js';
import type { CgroupDirectory, CgroupPlan } from '../driver.js';
import { type Membership, parseMembership } from '../probe.js';

/** The hierarchies in which systemd keeps its units, whatever controllers it uses. */
const isSystemds = ({ controllers }: CgroupDirectory): boolean =>
  controllers.length === 0 || controllers.includes('name=systemd');

const ownOf = (lines: readonly Membership[], { controllers }: CgroupDirectory): string =>
  lines.find((line) => line.controllers.join() === controllers.join())?.own ?? '';

/**
 * Puts the process where systemd has not put it: into hierarchies of v1 that it does not use, and
 * into a slice, which takes processes from nobody else.
 */
export function joinCgroups(
  context: Context,
  proc: Fd,
  { record, unit }: CgroupPlan,
  pid: number,
): void {
  const lines = parseMembership(readTextAt(context, proc.number, `${pid}/cgroup`));
  for (const directory of record.directories) {
    const { path, mountpoint } = directory;
    const own = ownOf(lines, directory);
    if (mountpoint + own === path) continue;
    if (unit?.takesProcesses && isSystemds(directory)) throw elsewhere(mountpoint + own, path);
    writeValueAt(context, AT_FDCWD, `${path}/cgroup.procs`, String(pid));
  }
}

const elsewhere = (found: string, expected: string): RuntimeError =>
  new RuntimeError('host', `systemd has made the cgroup ${found} instead of ${expected}`, {
    at: '/linux/cgroupsPath',
    hint: 'the first part of a unit’s name must not look like a file of a cgroup',
  });
