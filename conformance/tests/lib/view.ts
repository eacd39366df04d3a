/** What a container is like from outside: a command without effect leaves all of it as it was. */
import { deepEqual } from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Container } from '../../lib/container.js';
import { cgroupsOf, hostMounts, isAlive, textOf } from '../../lib/machine.js';
import { until } from '../../lib/until.js';
import type { Trial } from '../../runner/trial.js';
import { hooksRun } from './told.js';

const linkOf = (path: string): string => {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
};

/** Field 22 of proc_pid_stat(5): with the pid it tells which process it is. */
const startTime = (pid: number): string | undefined =>
  textOf(`/proc/${pid}/stat`).split(') ')[1]?.split(' ')[19];

function processOf(pid: number) {
  if (!isAlive(pid)) return 'has ended';
  return {
    started: startTime(pid),
    program: linkOf(`/proc/${pid}/exe`),
    command: textOf(`/proc/${pid}/cmdline`),
    cgroup: textOf(`/proc/${pid}/cgroup`),
    mounts: textOf(`/proc/${pid}/mountinfo`),
  };
}

const filesIn = (path: string): string[] =>
  existsSync(path) ? readdirSync(path, { recursive: true, encoding: 'utf8' }).sort() : [];

/** Where the probe of {@link running} writes what it hears. */
const signalsFile = '/tmp/signals';

export const running = ['/probe', 'signals', signalsFile] as const;

export const signalsOf = ({ rootfs }: Container): number[] =>
  textOf(join(rootfs, signalsFile)).split('\n').filter(Boolean).map(Number);

/** How often its program has been run. */
export const runs = (container: Container): number =>
  container.output().split('\n').filter(Boolean).length;

/** Of what `state` answers: null if there is no container. */
export async function stateOf(trial: Trial, { id }: Container): Promise<unknown> {
  const { status, stdout } = await trial.runtime('state', id);
  return status === 0 ? JSON.parse(stdout) : null;
}

export async function statusOf(trial: Trial, container: Container): Promise<string> {
  const state = await stateOf(trial, container);
  return (state as { readonly status: string } | null)?.status ?? 'absent';
}

export async function viewOf(trial: Trial, container: Container) {
  return {
    state: await stateOf(trial, container),
    process: container.hasPidFile() ? processOf(container.pid) : 'was never there',
    runs: runs(container),
    signals: signalsOf(container),
    hooks: hooksRun(trial),
    cgroups: cgroupsOf(container.cgroup),
    files: filesIn(container.rootfs),
    config: readFileSync(join(container.bundle, 'config.json'), 'utf8'),
    mounts: hostMounts()
      .map(({ path }) => path)
      .filter((path) => path.startsWith(trial.folder)),
  };
}

export type View = Awaited<ReturnType<typeof viewOf>>;

export async function isAsBefore(trial: Trial, container: Container, before: View): Promise<void> {
  deepEqual(await viewOf(trial, container), before);
}

/** Until the runtime says so: the process has ended a moment before. */
export const becomes = (trial: Trial, container: Container, status: string): Promise<true> =>
  until(
    `${container.id} is ${status}`,
    async () => (await statusOf(trial, container)) === status || undefined,
  );
