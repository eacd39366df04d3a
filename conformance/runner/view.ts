/** Which cgroup hierarchies are seen: others are taken away in a mount namespace of our own. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readlinkSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Hierarchy, hierarchies } from '../lib/machine.js';
import { Refusal } from './refusal.js';

export const views = ['v1', 'v2'] as const;
export type View = (typeof views)[number];

const place = '/sys/fs/cgroup';
const quoted = (path: string) => `'${path.replaceAll("'", "'\\''")}'`;

const isUnified = ({ controllers }: Hierarchy) => controllers.length === 0;
const isNamed = ({ controllers }: Hierarchy) =>
  controllers.every((name) => name.startsWith('name='));

function stepsToV1(all: readonly Hierarchy[]): string[] {
  if (all.every(isNamed)) throw new Refusal('No controller of cgroup v1 is mounted on this host');
  return all.filter(isUnified).map(({ mountpoint }) => `umount ${quoted(mountpoint)}`);
}

/** `folder` holds the unified hierarchy while what lies around it is taken away. */
function stepsToV2(all: readonly Hierarchy[], folder: string): string[] {
  const unified = all.find(isUnified)?.mountpoint;
  if (unified === undefined) throw new Refusal('No cgroup2 is mounted on this host');
  if (all.every(isUnified) && unified === place) return [];
  const elsewhere = all.filter(({ mountpoint }) => !`${mountpoint}/`.startsWith(`${place}/`));
  return [
    `mount --bind ${quoted(unified)} ${quoted(folder)}`,
    ...elsewhere.map(({ mountpoint }) => `umount ${quoted(mountpoint)}`),
    `if mountpoint -q ${place}; then umount --recursive ${place}; fi`,
    `mount --move ${quoted(folder)} ${place}`,
  ];
}

/** Commands of a shell in a mount namespace of its own; none if all is as wanted already. */
export const stepsTo = (view: View, all: readonly Hierarchy[], folder: string): string[] =>
  view === 'v1' ? stepsToV1(all) : stepsToV2(all, folder);

const outside = 'RUNTS_CONFORMANCE_OUTSIDE';
const mountNamespace = () => readlinkSync('/proc/self/ns/mnt');

/** Whether this is the program that {@link inView} has started. */
function isInside(): boolean {
  const host = process.env[outside];
  return host !== undefined && host !== mountNamespace();
}

const inNamespace = (steps: readonly string[], command: readonly string[]): string[] => {
  const script = [...steps, 'exec "$@"'].join('\n');
  return ['--mount', '--propagation', 'private', '--', 'sh', '-ec', script, 'sh', ...command];
};

/** That it cannot be done should be told once, and in one sentence. */
function tryOnce(view: View, steps: readonly string[]): void {
  const { error, status, stderr } = spawnSync('unshare', inNamespace(steps, ['true']), {
    encoding: 'utf8',
  });
  if (status === 0) return;
  throw new Refusal(`No view of cgroup ${view} alone can be made: ${error?.message ?? stderr}`);
}

const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Runs this very program once more; its exit status. */
async function again(steps: readonly string[]): Promise<number> {
  const command = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const env = { ...process.env, [outside]: mountNamespace() };
  const child = spawn('unshare', inNamespace(steps, command), { stdio: 'inherit', env });
  // It cleans up, and whoever has started us waits for that.
  for (const name of forwarded) process.on(name, () => child.kill(name));
  const [status, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  return status ?? 128 + constants.signals[signal ?? 'SIGKILL'];
}

/**
 * crun 1.8.1 takes the folder that holds the hierarchies of v1 for a cgroup of v2, and makes this
 * file there, which would stay.
 */
const stray = join(place, 'cgroup.procs');

/** Does the work where only these hierarchies are seen: here, or in a program of its own. */
export async function inView(view: View | undefined, work: () => Promise<number>): Promise<number> {
  if (view === undefined || isInside()) return work();
  const folder = mkdtempSync(join(tmpdir(), 'runts-view-'));
  try {
    const steps = stepsTo(view, hierarchies(), folder);
    if (steps.length === 0) return await work();
    if (process.getuid?.() !== 0) throw new Refusal('--cgroups takes root on this host');
    tryOnce(view, steps);
    const wasThere = existsSync(stray);
    const status = await again(steps);
    if (!wasThere) rmSync(stray, { force: true });
    return status;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
