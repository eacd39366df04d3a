import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { hierarchies, hostMounts, isAlive, pids, textOf } from '../../lib/machine.js';

/** What one engine with one runtime has on the machine, each as a number. */
export type Remains = Readonly<
  Record<'processes' | 'shims' | 'mounts' | 'cgroups' | 'states' | 'descriptors', number>
>;

/** Where to look for it. */
export interface Traces {
  readonly cgroup: string;
  /** The engine's name for the containers: containerd's namespace. */
  readonly namespace: string;
  /** Of mounts: what an engine makes for a container lies below. */
  readonly folder: string;
  /** The runtime's own state. */
  readonly states: string;
  /** Daemons that serve this one alone. */
  readonly daemons: readonly number[];
}

export function remainsOf(traces: Traces): Remains {
  const alive = pids().filter(isAlive);
  const below = (path: string) => path.startsWith(`${traces.folder}/`);
  return {
    processes: alive.filter((pid) => textOf(`/proc/${pid}/cgroup`).includes(`${traces.cgroup}/`))
      .length,
    shims: alive.filter((pid) => isShim(pid, traces.namespace)).length,
    mounts: hostMounts().filter(({ path }) => below(path)).length,
    cgroups: hierarchies()
      .map(({ mountpoint }) => join(mountpoint, traces.cgroup))
      .reduce((sum, path) => sum + directoriesBelow(path), 0),
    states: statesOf(traces).length,
    descriptors: traces.daemons.reduce((sum, pid) => sum + entriesOf(`/proc/${pid}/fd`).length, 0),
  };
}

/** Ids of containers; what begins with a dot is none. */
export const statesOf = ({ states }: Traces): readonly string[] =>
  entriesOf(states).filter((name) => !name.startsWith('.'));

function isShim(pid: number, namespace: string): boolean {
  const words = textOf(`/proc/${pid}/cmdline`).split('\0');
  return (words[0]?.includes('containerd-shim') ?? false) && words.includes(namespace);
}

const entriesOf = (path: string): readonly string[] => (existsSync(path) ? readdirSync(path) : []);

function directoriesBelow(path: string): number {
  if (!existsSync(path)) return 0;
  const folders = readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return folders.reduce((sum, { name }) => sum + 1 + directoriesBelow(join(path, name)), 0);
}
