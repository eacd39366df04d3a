import { readdirSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { processesWith } from '../lib/machine.js';
import { sendSignal } from '../lib/send-signal.js';
import { cgroupMounts } from './cgroups.js';
import type { Site } from './site.js';

const cleaningDeadline = 10_000;
const pollingInterval = 10;

/** Takes away whatever a benchmark left, also one that was interrupted; returns what resists. */
export async function sweep(site: Site): Promise<readonly string[]> {
  const deadline = Date.now() + cleaningDeadline;
  while (removeOnce(site).length > 0 && Date.now() < deadline) await pause(pollingInterval);
  rmSync(site.folder, { recursive: true, force: true });
  return removeOnce(site);
}

function removeOnce(site: Site): readonly string[] {
  const processes = processesOf(site);
  for (const pid of processes) attempt(() => sendSignal(pid, 'SIGKILL'));
  for (const path of cgroupsOf(site)) attempt(() => rmdirSync(path));
  const left = cgroupsOf(site).map((path) => `cgroup ${path}`);
  return [...processes.map((pid) => `process ${pid}`), ...left];
}

function attempt(act: () => void): void {
  try {
    act();
  } catch {
    // Gone by itself, or not yet empty: the caller looks again.
  }
}

/** In one of its cgroups, or started with a path of its folder. */
const processesOf = ({ folder, prefix }: Site): readonly number[] =>
  processesWith(`/${prefix}`, `${folder}/`).filter((pid) => pid > 1 && pid !== process.pid);

function cgroupsOf({ prefix }: Site): readonly string[] {
  return cgroupMounts().flatMap(({ path }) =>
    readdirSync(path)
      .filter((name) => name.startsWith(prefix))
      .map((name) => join(path, name)),
  );
}
