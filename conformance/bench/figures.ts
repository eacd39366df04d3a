import { type Summary, summarize } from './statistics.js';
import type { RowName } from './tasks.js';

/** One line of the timing program. */
export interface Measurement {
  readonly lane: string;
  readonly label: string;
  readonly round: number;
  readonly nanoseconds: number;
  /** In user space and in the kernel. */
  readonly processorMicroseconds: number;
  readonly peakKilobytes: number;
  readonly pageFaults: number;
}

export interface Figures {
  readonly milliseconds: Summary;
  /** Milliseconds of processors, its own and the kernel's. */
  readonly processor: Summary;
  readonly peakKilobytes: Summary;
  readonly pageFaults: Summary;
}

export type ByLane<T> = Readonly<Record<string, T>>;

/** Figures by row, then by lane. */
export type Results = Partial<Readonly<Record<RowName, ByLane<Figures>>>>;

function figuresByLane(measurements: readonly Measurement[]): ByLane<Figures> {
  const groups = groupBy(measurements, ({ lane }) => lane);
  return Object.fromEntries(groups.map(([lane, ofLane]) => [lane, figuresOf(ofLane)]));
}

export function figuresByRow(measurements: readonly Measurement[]): Results {
  const groups = groupBy(measurements, ({ label }) => label);
  return Object.fromEntries(groups.map(([label, ofRow]) => [label, figuresByLane(ofRow)]));
}

/** Steps of one round with one label are one figure: their times add up, their peaks do not. */
function figuresOf(measurements: readonly Measurement[]): Figures {
  const rounds = groupBy(measurements, ({ round }) => round).map(([, steps]) => steps);
  return {
    milliseconds: summarize(rounds.map((steps) => total(steps, 'nanoseconds') / 1e6)),
    processor: summarize(rounds.map((steps) => total(steps, 'processorMicroseconds') / 1e3)),
    peakKilobytes: summarize(
      rounds.map((steps) => Math.max(...steps.map(({ peakKilobytes }) => peakKilobytes))),
    ),
    pageFaults: summarize(rounds.map((steps) => total(steps, 'pageFaults'))),
  };
}

function total(
  steps: readonly Measurement[],
  name: 'nanoseconds' | 'processorMicroseconds' | 'pageFaults',
): number {
  return steps.reduce((sum, step) => sum + step[name], 0);
}

function groupBy<T, K>(values: readonly T[], keyOf: (value: T) => K): readonly [K, T[]][] {
  const groups = new Map<K, T[]>();
  for (const value of values) {
    const group = groups.get(keyOf(value));
    if (group === undefined) groups.set(keyOf(value), [value]);
    else group.push(value);
  }
  return [...groups];
}
