import type { Bench } from './context.js';
import { figuresByRow, type Measurement, type Results } from './figures.js';
import { makeBundle } from './site.js';
import { type RowName, type Task, tasks } from './tasks.js';
import { time, timerSteps } from './timing.js';

/** Measures the rows that are wanted, in the order of the table. */
export async function measureRows(bench: Bench, only: readonly RowName[]): Promise<Results> {
  const measurements: Measurement[] = [];
  for (const task of tasks.filter(({ rows }) => rows.some((row) => only.includes(row)))) {
    measurements.push(...(await perform(bench, task)));
  }
  const results = figuresByRow(measurements);
  return Object.fromEntries(Object.entries(results).filter(([row]) => isOneOf(only, row)));
}

function perform(bench: Bench, task: Task): Promise<readonly Measurement[]> {
  const { program, steps, filtered = false } = task;
  const floor = task.floor && bench.floor !== undefined ? [bench.floor] : [];
  const lanes = [...bench.runtimes, ...floor];
  return time(
    bench,
    lanes.map((lane) => {
      const name = `${lane.name}-${program}`;
      const id = makeBundle(bench.site, { name, program, filtered });
      return { name: lane.name, steps: timerSteps(lane, steps, id) };
    }),
  );
}

function isOneOf(rows: readonly string[], row: string): boolean {
  return rows.includes(row);
}
