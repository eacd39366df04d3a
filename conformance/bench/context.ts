import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { Complaint } from '../../native/setup/complaint.js';
import type { Lane } from './lanes.js';
import type { Site } from './site.js';

/** What every part of a benchmark is given. */
export interface Bench {
  readonly site: Site;
  readonly runtimes: readonly Lane[];
  readonly floor: Lane | undefined;
  /** The program that measures. */
  readonly timer: string;
  readonly runs: number;
  /** Milliseconds of quiet before each turn. */
  readonly pause: number;
  readonly signal: AbortSignal;
}

const patience = 20_000;
const shownComplaints = 10;

/** Runs a command that is not measured; whether it succeeded. */
export async function succeeds({ site, signal }: Bench, command: readonly string[] = []) {
  signal.throwIfAborted();
  const [program = '', ...args] = command;
  const complaints = openSync(site.complaints, 'w');
  const child = spawn(program, args, {
    stdio: ['ignore', 'ignore', complaints],
    timeout: patience,
    killSignal: 'SIGKILL',
  });
  closeSync(complaints);
  const [status] = await once(child, 'exit');
  return status === 0;
}

export async function insist(bench: Bench, command: readonly string[] = []): Promise<void> {
  if (await succeeds(bench, command)) return;
  throw new Complaint(`${command.join(' ')} failed:`, ...complaintsOf(bench.site));
}

/** The last words of the commands that were run last. */
export function complaintsOf(site: Site): readonly string[] {
  return readFileSync(site.complaints, 'utf8').trim().split('\n').slice(-shownComplaints);
}
