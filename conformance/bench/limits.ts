import { type Bench, succeeds } from './context.js';
import type { ByLane } from './figures.js';
import type { Lane } from './lanes.js';
import { makeBundle } from './site.js';

/** In kilobytes. */
export const limitsTried = [512, 1024, 2048, 4096, 8192, 16384] as const;

/** A limit counts as enough when that many containers in a row have run with it. */
const repetitions = 3;

/** With each runtime, which of the memory limits a container can be run with. */
export async function sufficientLimits(bench: Bench): Promise<ByLane<readonly number[]>> {
  const found: [string, readonly number[]][] = [];
  for (const lane of bench.runtimes) found.push([lane.name, await sufficient(bench, lane)]);
  return Object.fromEntries(found);
}

async function sufficient(bench: Bench, lane: Lane): Promise<readonly number[]> {
  const enough: number[] = [];
  for (const limit of limitsTried) if (await runsWithin(bench, lane, limit)) enough.push(limit);
  return enough;
}

async function runsWithin(bench: Bench, lane: Lane, limit: number): Promise<boolean> {
  const name = `${lane.name}-${limit}k`;
  const id = makeBundle(bench.site, { name, program: 'true', memory: limit * 1024 });
  for (let count = 0; count < repetitions; count++) {
    if (await succeeds(bench, lane.command('run', id))) continue;
    await succeeds(bench, lane.command('delete-force', id));
    return false;
  }
  return true;
}
