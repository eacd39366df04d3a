import { existsSync, mkdtempSync, readdirSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { show } from '../../native/setup/run.js';
import { hierarchies } from '../lib/machine.js';
import { knowOrdinaryUser } from '../lib/ordinary-user.js';
import { environmentNames } from './lib/world.js';

/**
 * Mounts and processes of engines end with these namespaces, whatever happens, and these with us. The
 * shell reaps what the engines leave behind, as an init would.
 */
const enter = [
  ...[
    'setpriv',
    '--pdeathsig',
    'KILL',
    'unshare',
    '--mount',
    '--pid',
    '--fork',
    '--kill-child',
    '--mount-proc',
  ],
  ...['--propagation', 'private', 'sh', '-c'],
];

/** Overlay file systems want an upper one that is no overlay itself, so everything lies on a tmpfs. */
const prepare = `
mount -t tmpfs -o mode=755 runts-engines "$${environmentNames.folder}" || exit
mount -t tmpfs runts-engines /run || exit
${knowOrdinaryUser}
"$@"
exit $?
`;

/** Runs a program where engines may do as they like, and clears away what they have left elsewhere. */
export async function showInWorld(
  command: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'runts-engines-'));
  const cgroup = `/runts-engines-${process.pid}`;
  const before = new Set(foreignCgroups());
  const world = { [environmentNames.folder]: folder, [environmentNames.cgroup]: cgroup };
  const [program = '', ...args] = enter;
  try {
    return await show(program, [...args, prepare, 'sh', ...command], { ...world, ...env });
  } finally {
    rmdirSync(folder);
    await removeCgroups(cgroup);
    for (const path of foreignCgroups().filter((each) => !before.has(each))) removeTree(path);
  }
}

/** What Podman and containerd use where nobody can tell them another. */
const theirs = ['libpod_parent', 'k8s.io', 'conmon'];

const foreignCgroups = (): readonly string[] =>
  hierarchies()
    .flatMap(({ mountpoint }) => theirs.map((name) => join(mountpoint, name)))
    .filter((path) => existsSync(path));

/** Processes that were killed with their namespace may take a moment to leave. */
async function removeCgroups(name: string): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const left = hierarchies()
      .map(({ mountpoint }) => join(mountpoint, name))
      .filter((path) => existsSync(path));
    if (left.length === 0) return;
    for (const path of left) removeTree(path);
    await setTimeout(20);
  }
}

/** cgroups(7): a directory goes when it has neither processes nor directories; its files go with it. */
function removeTree(path: string): void {
  try {
    for (const entry of readdirSync(path, { withFileTypes: true }))
      if (entry.isDirectory()) removeTree(join(path, entry.name));
    rmdirSync(path);
  } catch {
    // Not empty yet; the caller looks again, or it belongs to somebody else.
  }
}
