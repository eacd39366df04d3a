import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { progress } from '../../native/setup/progress.js';

const DAY = 24 * 60 * 60 * 1000;

const namespace = (): string => /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '';

/** Pid namespace, pid and start of a process: nobody else ever has all three. */
function ownerName(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // Field 22 of proc_pid_stat(5); the second may hold spaces and parentheses.
    const start = stat.slice(stat.lastIndexOf(')')).split(' ')[20];
    return `${namespace()}-${pid}-${start}`;
  } catch {
    return undefined;
  }
}

/** A folder that says in its name whose it is: others know when nobody needs it any more. */
export const workFolder = (prefix: string): string =>
  mkdtempSync(`${prefix}.${ownerName(process.pid)}.`);

const pattern = /\.(?:(\d+)-(\d+)-\d+\.)?\w{6}$/;

/** Whether its maker is gone; one that may live elsewhere is given a day. */
function isStale(path: string): boolean {
  const [found, where, pid] = pattern.exec(path) ?? [];
  if (found === undefined) return false;
  if (where === namespace()) return !found.startsWith(`.${ownerName(Number(pid))}.`);
  return Date.now() - statSync(path).mtimeMs > DAY;
}

/** Removes what makers were killed with, whose prefixes begin with this one. */
export function removeStale(prefix: string): void {
  const folder = dirname(prefix);
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (!name.startsWith(basename(prefix)) || !isStale(path)) continue;
    progress(`Removing what a run that was killed has left: ${path}`);
    // Should something be mounted there, it is not ours to empty.
    spawnSync('rm', ['-rf', '--one-file-system', path]);
  }
}
