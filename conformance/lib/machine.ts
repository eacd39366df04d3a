/** What the host shows of its mounts, cgroups and processes. */
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

export function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

export interface MountEntry {
  readonly path: string;
  readonly type: string;
  /** Of the mount: `rw,nosuid`. */
  readonly options: readonly string[];
  /** Of the file system: `rw,size=1024k`. */
  readonly superOptions: readonly string[];
  /** `shared:3`, `master:1`, `unbindable`. */
  readonly propagation: readonly string[];
  /** Which directory of the file system is seen. */
  readonly root: string;
}

/** proc_pid_mountinfo(5). */
export function parseMounts(text: string): MountEntry[] {
  return text.split('\n').flatMap((line) => {
    const [before = '', after] = line.split(' - ');
    if (after === undefined) return [];
    const [, , , root = '', path = '', options = '', ...propagation] = before.split(' ');
    const [type = '', , superOptions = ''] = after.split(' ');
    return [
      {
        root,
        path,
        type,
        options: options.split(','),
        superOptions: superOptions.split(','),
        propagation,
      },
    ];
  });
}

export const hostMounts = (): MountEntry[] => parseMounts(textOf('/proc/self/mountinfo'));

export interface Hierarchy {
  readonly mountpoint: string;
  /** Empty for cgroup2. */
  readonly controllers: readonly string[];
}

const notControllers = ['rw', 'ro', 'relatime', 'xattr'];

/** Every cgroup hierarchy that is mounted. */
export const hierarchies = (): Hierarchy[] =>
  hostMounts()
    .filter(({ type }) => type === 'cgroup' || type === 'cgroup2')
    .map(({ path, type, superOptions }) => ({
      mountpoint: path,
      controllers:
        type === 'cgroup2' ? [] : superOptions.filter((word) => !notControllers.includes(word)),
    }));

/** The cgroup of this process in a hierarchy: what a relative path starts from in v1. */
function ownCgroup({ controllers }: Hierarchy): string {
  const lines = textOf('/proc/self/cgroup').split('\n');
  const line = lines.find((each) => each.split(':')[1] === controllers.join(','));
  return line?.split(':').slice(2).join(':') ?? '/';
}

/** Directories of that path in any hierarchy, counted from its root or from our own cgroup. */
export function cgroupsOf(path: string): string[] {
  const places = hierarchies().flatMap((hierarchy) => [
    join(hierarchy.mountpoint, path),
    join(hierarchy.mountpoint, ownCgroup(hierarchy), path),
  ]);
  return [...new Set(places)].filter(existsSync);
}

/** A file of a cgroup in the hierarchy that has a controller, as the host sees it. */
export function cgroupFile(controller: string, path: string, file: string): string {
  const all = hierarchies();
  const unified = all.length === 1 ? all[0] : undefined;
  const found = all.find(({ controllers }) => controllers.includes(controller)) ?? unified;
  if (found === undefined) throw new Error(`no hierarchy has the controller ${controller}`);
  return join(found.mountpoint, path, file);
}

export const pids = (): number[] => readdirSync('/proc').map(Number).filter(Boolean);

/** Field 3 of proc_pid_stat(5), or nothing. */
export const processState = (pid: number): string =>
  /\) (.)/.exec(textOf(`/proc/${pid}/stat`))?.[1] ?? '';

export const isAlive = (pid: number): boolean => !['', 'Z', 'X'].includes(processState(pid));

export const parentOf = (pid: number): number =>
  Number(/\) . (\d+)/.exec(textOf(`/proc/${pid}/stat`))?.[1]);

const names = (pid: number): string =>
  textOf(`/proc/${pid}/cgroup`) + textOf(`/proc/${pid}/cmdline`);

/** Processes, zombies left out, that have one of the texts in their cgroups or their arguments. */
export const processesWith = (...texts: readonly string[]): number[] =>
  pids().filter((pid) => {
    const found = names(pid);
    return texts.some((text) => found.includes(text)) && isAlive(pid);
  });

const mountNamespace = (pid: number | 'self'): string => {
  try {
    return readlinkSync(`/proc/${pid}/ns/mnt`);
  } catch {
    return '';
  }
};

/** Processes in other mount namespaces that have something mounted which lies in a folder. */
export function processesMounting(folder: string): number[] {
  const own = mountNamespace('self');
  return pids().filter(
    (pid) =>
      ![own, ''].includes(mountNamespace(pid)) &&
      textOf(`/proc/${pid}/mountinfo`).includes(`${folder}/`) &&
      isAlive(pid),
  );
}
