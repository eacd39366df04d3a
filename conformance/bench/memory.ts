import { readFileSync } from 'node:fs';
import { type Bench, insist } from './context.js';
import type { ByLane } from './figures.js';
import { type Lane, pidFile } from './lanes.js';
import { makeBundle } from './site.js';
import { median } from './statistics.js';

/** Of the process that waits for `start`, in kilobytes. */
export interface Waiting {
  readonly resident: number;
  readonly proportional: number;
  readonly private: number;
}

const repetitions = 3;

/** Creates a container with each runtime and looks at its init. */
export async function waitingInits(bench: Bench): Promise<ByLane<Waiting>> {
  const found: [string, Waiting][] = [];
  for (const lane of bench.runtimes) found.push([lane.name, await waitingInit(bench, lane)]);
  return Object.fromEntries(found);
}

async function waitingInit(bench: Bench, lane: Lane): Promise<Waiting> {
  const id = makeBundle(bench.site, { name: `${lane.name}-sleep`, program: 'sleep' });
  const samples: Waiting[] = [];
  for (let count = 0; count < repetitions; count++) samples.push(await sample(bench, lane, id));
  const middle = (figure: keyof Waiting) => median(samples.map((each) => each[figure]));
  return {
    resident: middle('resident'),
    proportional: middle('proportional'),
    private: middle('private'),
  };
}

async function sample(bench: Bench, lane: Lane, id: string): Promise<Waiting> {
  await insist(bench, lane.command('create', id));
  const pid = readFileSync(pidFile(bench.site.bundleOf(id)), 'utf8');
  const waiting = parseRollup(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'));
  await insist(bench, lane.command('delete-force', id));
  return waiting;
}

/** proc_pid_smaps(5): a header line, then names and kilobytes. */
export function parseRollup(text: string): Waiting {
  const lines = [...text.matchAll(/^(\w+):\s+(\d+) kB$/gm)];
  const figures = Object.fromEntries(lines.map(([, name = '', size]) => [name, Number(size)]));
  const { Rss = 0, Pss = 0, Private_Clean: clean = 0, Private_Dirty: dirty = 0 } = figures;
  return { resident: Rss, proportional: Pss, private: clean + dirty };
}
