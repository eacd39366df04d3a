import { chmodSync, mkdirSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { distRunts, findProgram } from '../../../native/setup/paths.js';
import type { RuntimeName } from './case.js';

/** What conformance/engines/namespace.ts says of the place that it has made. */
export const environmentNames = { folder: 'RUNTS_ENGINES_FOLDER', cgroup: 'RUNTS_ENGINES_CGROUP' };

/** A tmpfs, which ends with the mount namespace; undefined where nobody has made it. */
export const worldFolder = process.env[environmentNames.folder];

/** All containers are below it, in every hierarchy. */
export const worldCgroup = process.env[environmentNames.cgroup] ?? '/runts-engines';

export const programs: Readonly<Record<RuntimeName, string>> = {
  runts: distRunts,
  runc: findProgram('runc') ?? 'runc',
};

/** A folder for one engine's roots and sockets; short, for the sake of sun_path. */
export function placeFor(name: string): string {
  const folder = worldFolder ?? '/nowhere';
  mkdirSync(folder, { recursive: true });
  const place = mkdtempSync(join(folder, `${name}-`));
  // Ordinary users have to find what is theirs in it.
  chmodSync(place, 0o755);
  return place;
}
