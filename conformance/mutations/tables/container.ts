/** What the wrapper finds out about the container of a call, by the runtime itself. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { cgroupsOf, hierarchies } from '../../lib/machine.js';
import type { Call } from '../call.js';

export const idOf = ({ arguments: { operands } }: Call): string => operands[0] ?? '';

/** `created`; nothing if there is no such container. */
export async function statusOf(call: Call): Promise<string | undefined> {
  const { status, stdout } = await call.aside('state', idOf(call));
  return status === 0 ? JSON.parse(stdout).status : undefined;
}

/** Where the runtime keeps its state, if it was told. */
export const stateFolder = (call: Call): string =>
  join(call.arguments.option('root') ?? '/nowhere', idOf(call));

/** In the first hierarchy that takes it. */
export function makeCgroup(path: string): void {
  for (const { mountpoint } of hierarchies()) {
    const folder = join(mountpoint, path);
    if (cgroupsOf(path).length > 0) continue;
    try {
      mkdirSync(folder);
      return;
    } catch {
      // Not every hierarchy takes new ones.
    }
  }
}

export interface Known {
  readonly bundle: string;
  readonly pid: number;
}

export const known = async (call: Call): Promise<Known> =>
  JSON.parse((await call.aside('state', idOf(call))).stdout);
