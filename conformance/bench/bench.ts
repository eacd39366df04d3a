/**
 * Compares dist/runts with the rivals that are installed: npm run bench -- OPTIONS
 *
 *   --runs N             measurements of each command, 40 by default; --quick: 8
 *   --pause MS           quiet before each of them, 30 by default
 *   --only ROWS          rows of the table, separated by commas (tasks.ts)
 *   --floor              also the same containers made by plain C (floor.c)
 *   --scale N            also create, list and delete while N other containers run
 *   --runtime NAME=PATH  another runtime, or another program for a name; may be repeated
 *   --json FILE          all figures, build/bench.json by default
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import { dirname } from 'node:path';
import { Complaint } from '../../native/setup/complaint.js';
import { progress } from '../../native/setup/progress.js';
import { cgroupMounts, hierarchies } from './cgroups.js';
import type { Bench } from './context.js';
import { judge } from './goals.js';
import { findRuntimes, floorLane, type Lane } from './lanes.js';
import { sufficientLimits } from './limits.js';
import { busyShare } from './load.js';
import { measureRows } from './measure.js';
import { waitingInits } from './memory.js';
import { type BenchOptions, readOptions } from './options.js';
import { compileProgram } from './programs.js';
import { goalTable, limitTable, peakTable, scaleTable, timeTable, waitingTable } from './report.js';
import { scaling } from './scale.js';
import { makeSite, type Site } from './site.js';
import { sweep } from './sweep.js';
import { enterView, isInView } from './view.js';

const tolerableLoad = 0.1;
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (process.getuid?.() !== 0) {
    throw new Complaint('Containers with limits take root: sudo npm run bench');
  }
  return isInView() ? benchmark(options) : enterView();
}

/** Whatever happens, nothing of it is left on the host. */
async function benchmark(options: BenchOptions): Promise<number> {
  const site = makeSite();
  const interruption = new AbortController();
  const interrupt = () => interruption.abort(new Complaint('Interrupted.'));
  for (const name of signals) process.on(name, interrupt);
  try {
    await compare(prepare(site, options, interruption.signal), options);
    return 0;
  } catch (error) {
    // Node's own waits reject with an AbortError instead of the reason that was given.
    interruption.signal.throwIfAborted();
    throw error;
  } finally {
    const left = await sweep(site);
    if (left.length > 0) process.stderr.write(`This could not be removed: ${left.join(', ')}\n`);
  }
}

function prepare(site: Site, options: BenchOptions, signal: AbortSignal): Bench {
  const { runs, pause, runtimes, floor } = options;
  return {
    site,
    runtimes: findRuntimes(site, runtimes),
    floor: floor ? findFloor(site) : undefined,
    timer: compileProgram('timer'),
    runs,
    pause,
    signal,
  };
}

function findFloor(site: Site): Lane {
  const names = hierarchies(cgroupMounts());
  if (names.length > 0) return floorLane(site, compileProgram('floor'), names);
  throw new Complaint('--floor knows cgroup version 1 only, and this host has no such hierarchy.');
}

/** Measures everything and prints each table as soon as it is known. */
async function compare(bench: Bench, options: BenchOptions): Promise<void> {
  const lanes = [...bench.runtimes, ...(bench.floor === undefined ? [] : [bench.floor])];
  const names = lanes.map(({ name }) => name);
  print(lanes.map(({ name, path, version }) => `${name}: ${path}, ${version}`).join('\n'));
  const load = await busyShare();
  if (load > tolerableLoad) progress(`Others use ${percent(load)} of this machine: ${consequence}`);
  progress(`Each command ${bench.runs} times, the runtimes taking turns`);
  const results = await measureRows(bench, options.only);
  print(timeTable(names, results), peakTable(names, results));
  progress('Memory of the init that waits for start');
  const waiting = await waitingInits(bench);
  print(waitingTable(names, waiting));
  progress('Memory limits that a container can be run with');
  const limits = await sufficientLimits(bench);
  print(limitTable(limits));
  const scaled = options.scale === 0 ? undefined : await crowd(bench, names, options.scale);
  const goals = judge({ results, waiting, limits });
  print(goalTable(goals));
  save(options, {
    machine: machine(),
    runs: bench.runs,
    pause: bench.pause,
    load,
    runtimes: lanes,
    results,
    waiting,
    limits,
    scaled,
    goals,
  });
}

const percent = (share: number) => `${Math.round(100 * share)} %`;
const consequence = 'times come out longer, and ratios nearer to 1';

async function crowd(bench: Bench, names: readonly string[], others: number) {
  progress(`Create and delete among ${others} containers`);
  const scaled = await scaling(bench, others);
  print(scaleTable(names, scaled, others));
  return { others, ...scaled };
}

function machine() {
  const [first] = cpus();
  return { kernel: release(), processors: cpus().length, model: first?.model };
}

function save({ json }: BenchOptions, findings: object): void {
  mkdirSync(dirname(json), { recursive: true });
  writeFileSync(json, `${JSON.stringify(findings, null, 2)}\n`);
  progress(`Written to ${json}`);
}

function print(...texts: readonly string[]): void {
  for (const text of texts) process.stdout.write(`\n${text}\n\n`);
}

/** A complaint is for whoever started it, anything else is a mistake of ours and keeps its stack. */
function complain(error: unknown): number {
  if (!(error instanceof Complaint)) throw error;
  process.stderr.write(`\n${error.message}\n`);
  return 1;
}

process.exitCode = await main(process.argv.slice(2)).catch(complain);
