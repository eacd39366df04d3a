import type { ByLane, Results } from './figures.js';
import { own } from './lanes.js';
import type { Waiting } from './memory.js';
import type { RowName } from './tasks.js';

/** Everything that one benchmark found. */
export interface Findings {
  readonly results: Results;
  readonly waiting: ByLane<Waiting>;
  readonly limits: ByLane<readonly number[]>;
}

export interface Goal {
  readonly text: string;
  /** The measured figure has to be at most this. */
  readonly limit: number;
  readonly measure: (findings: Findings) => number | undefined;
}

export interface Judgement {
  readonly text: string;
  readonly limit: number;
  readonly measured: number | undefined;
  readonly met: boolean | undefined;
}

const speed = (row: RowName, words: string, rival: string, limit: number): Goal => ({
  text: `${words}, in times of ${rival}`,
  limit,
  measure: ({ results }) => {
    const lanes = results[row];
    return ratio(lanes?.[own]?.milliseconds.median, lanes?.[rival]?.milliseconds.median);
  },
});

export const goals: readonly Goal[] = [
  speed('run', 'run', 'runc', 0.2),
  speed('run', 'run', 'crun', 0.6),
  speed('cycle', 'create + start + delete', 'runc', 0.2),
  speed('cycle', 'create + start + delete', 'crun', 0.6),
  speed('exec', 'exec', 'crun', 0.7),
  speed('delete-force', 'delete --force of a running container', 'crun', 0.5),
  {
    text: 'peak memory of create, in times of crun',
    limit: 1,
    measure: ({ results: { create } }) =>
      ratio(create?.[own]?.peakKilobytes.median, create?.crun?.peakKilobytes.median),
  },
  {
    text: 'waiting init, resident, KB',
    limit: 3072,
    measure: ({ waiting }) => waiting[own]?.resident,
  },
  {
    text: 'waiting init, private, KB',
    limit: 1024,
    measure: ({ waiting }) => waiting[own]?.private,
  },
  {
    text: 'smallest memory limit that starts, KB',
    limit: 2048,
    measure: ({ limits }) => limits[own]?.[0],
  },
];

/** What could not be measured, for want of a rival or because it was not asked for, is neither. */
export function judge(findings: Findings): readonly Judgement[] {
  return goals.map(({ text, limit, measure }) => {
    const measured = measure(findings);
    return { text, limit, measured, met: measured === undefined ? undefined : measured <= limit };
  });
}

function ratio(value: number | undefined, rival: number | undefined): number | undefined {
  return value === undefined || rival === undefined ? undefined : value / rival;
}
