import { spawnSync } from 'node:child_process';
import { existsSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { hierarchies, hostMounts, processesWith } from '../lib/machine.js';
import { sendSignal } from '../lib/send-signal.js';

/** What one run of the demonstration may have on the host. */
export interface Traces {
  readonly id: string;
  readonly folder: string;
}

const cleaningDeadline = 5_000;

/** Everything of it that is on the host now, in words. */
export function leftovers(traces: Traces): readonly string[] {
  return [
    ...processesOf(traces).map((pid) => `process ${pid}`),
    ...cgroupsOf(traces).map((path) => `cgroup ${path}`),
    ...mountsOf(traces).map((path) => `mount ${path}`),
    ...(existsSync(traces.folder) ? [`folder ${traces.folder}`] : []),
  ];
}

/** Takes away by force what a broken runtime left; what resists is for leftovers() to tell. */
export function sweep(traces: Traces): void {
  const deadline = Date.now() + cleaningDeadline;
  do {
    for (const pid of processesOf(traces)) attempt(() => sendSignal(pid, 'SIGKILL'));
    for (const path of cgroupsOf(traces)) attempt(() => rmdirSync(path));
  } while (Date.now() < deadline && processesOf(traces).length + cgroupsOf(traces).length > 0);
  for (const path of mountsOf(traces)) spawnSync('umount', ['-l', path]);
  // Below a mount lies what is not ours.
  if (mountsOf(traces).length === 0) rmSync(traces.folder, { recursive: true, force: true });
}

const attempt = (act: () => void): void => {
  try {
    act();
  } catch {
    // Gone by itself, or not yet empty: the caller looks again.
  }
};

/** In its cgroup, or started with its folder as an argument. */
const processesOf = ({ id, folder }: Traces): readonly number[] =>
  processesWith(`/${id}\n`, `${folder}/`).filter((pid) => pid > 1 && pid !== process.pid);

const cgroupsOf = ({ id }: Traces): readonly string[] =>
  hierarchies()
    .map(({ mountpoint }) => join(mountpoint, id))
    .filter((path) => existsSync(path));

/** Innermost first. */
function mountsOf({ folder }: Traces): readonly string[] {
  const paths = hostMounts().map(({ path }) => path);
  return paths.filter((path) => path === folder || path.startsWith(`${folder}/`)).reverse();
}
