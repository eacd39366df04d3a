import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { Complaint } from '../../native/setup/complaint.js';
import { type Bench, complaintsOf } from './context.js';
import type { Measurement } from './figures.js';
import type { Lane } from './lanes.js';
import { rowNames, type TaskStep } from './tasks.js';

export interface TimerLane {
  readonly name: string;
  /** As the timing program reads them: when, how many words, the words. */
  readonly steps: readonly string[];
}

const measured = new Set<string>(rowNames);

/** The steps of one lane; what the lane cannot do is left out. */
export function timerSteps(lane: Lane, steps: readonly TaskStep[], id: string): readonly string[] {
  return steps.flatMap((step) => {
    if (step === 'settle') return ['settle', '0'];
    const [when, verb] = step;
    const command = lane.command(verb, id);
    if (command === undefined) return [];
    return [measured.has(when) ? `=${when}` : when, String(command.length), ...command];
  });
}

/** Runs the timing program, which an interruption ends. */
export async function time(
  { site, timer, runs, pause, signal }: Bench,
  lanes: readonly TimerLane[],
): Promise<readonly Measurement[]> {
  const words = lanes.flatMap(({ name, steps }) => ['lane', name, ...steps]);
  // A file, because a container that is left would keep a pipe open.
  const complaints = openSync(site.complaints, 'w');
  const child = spawn(timer, [String(runs), String(pause * 1000), ...words], {
    stdio: ['ignore', 'pipe', complaints],
    signal,
  });
  closeSync(complaints);
  const chunks: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
  const [status] = await once(child, 'close');
  if (status !== 0) throw new Complaint('The measurement failed:', ...complaintsOf(site));
  const lines = Buffer.concat(chunks).toString().trim().split('\n');
  return lines.filter((line) => line !== '').map((line): Measurement => JSON.parse(line));
}
