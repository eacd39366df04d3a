import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readlinkSync } from 'node:fs';
import { unifiedPath } from './cgroups.js';

const outside = 'RUNTS_BENCH_OUTSIDE';
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * crun 1.8 refuses hosts whose unified hierarchy holds a controller beside those of version 1. So
 * that all are measured alike, none of them sees it. The host's own mounts stay untouched.
 */
const script = `if mountpoint -q ${unifiedPath}; then umount ${unifiedPath}; fi; exec "$@"`;
const namespace = ['--mount', '--propagation', 'private', '--', 'sh', '-c', script, 'sh'];

/** Whether this process is the one that enterView() started. */
export function isInView(): boolean {
  const host = process.env[outside];
  return host !== undefined && host !== mountNamespace();
}

/** Runs this very program once more in a mount namespace of its own. */
export async function enterView(): Promise<number> {
  const command = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const env = { ...process.env, [outside]: mountNamespace() };
  const child = spawn('unshare', [...namespace, ...command], { stdio: 'inherit', env });
  // The child cleans up, and this process has to be there until it has.
  for (const name of signals) process.on(name, () => child.kill(name));
  const [status] = await once(child, 'exit');
  return status ?? 1;
}

function mountNamespace(): string {
  return readlinkSync('/proc/self/ns/mnt');
}
