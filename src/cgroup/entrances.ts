import type { Fd } from '../host/fd.js';
import type { Context } from '../host/host.js';
import { openAt } from '../host/io.js';
import { AT_FDCWD, O_DIRECTORY, O_PATH, O_WRONLY } from '../linux/constants.js';
import type { CgroupRecord } from './driver.js';

/** How a new process gets into the cgroups. */
export interface Entrances extends Disposable {
  /** Directory for clone3(2) CLONE_INTO_CGROUP, or null. */
  readonly unified: Fd | null;
  /** v1 `tasks` files open for writing: the process writes `0` to each. */
  readonly tasks: readonly Fd[];
}

/**
 * Opens the ways into the cgroups. A process with one thread joins through `tasks`: `cgroup.procs`
 * would take a lock that stops every fork and exit of the machine (cgroup_threadgroup_rwsem).
 */
export function openEntrances(context: Context, { directories }: CgroupRecord): Entrances {
  const opened: Fd[] = [];
  const close = () => {
    for (const fd of opened) fd[Symbol.dispose]();
  };
  const open = (path: string, flags: number): Fd => {
    const fd = openAt(context, AT_FDCWD, path, flags);
    opened.push(fd);
    return fd;
  };
  try {
    let unified: Fd | null = null;
    const tasks: Fd[] = [];
    for (const { path, controllers } of directories) {
      if (controllers.length === 0) unified = open(path, O_PATH | O_DIRECTORY);
      else tasks.push(open(`${path}/tasks`, O_WRONLY));
    }
    return { unified, tasks, [Symbol.dispose]: close };
  } catch (thrown) {
    close();
    throw thrown;
  }
}
