import { join } from 'node:path';
import type { Bench } from './context.js';
import { figuresByRow, type Measurement, type Results } from './figures.js';
import type { Lane } from './lanes.js';
import { makeBundle } from './site.js';
import type { TaskStep } from './tasks.js';
import { type TimerLane, time, timerSteps } from './timing.js';

/** What create and delete of one more container take, and a list while it is there. */
export interface Scaling {
  readonly alone: Results;
  readonly among: Results;
}

/** Nothing settles as long as the neighbours live. */
const once: readonly TaskStep[] = [
  ['cycle', 'create'],
  ['list', 'list'],
  ['cycle', 'delete'],
];

/** Measures alone, then while `others` running containers of the same runtime are present. */
export async function scaling(bench: Bench, others: number): Promise<Scaling> {
  const alone = await time(
    bench,
    bench.runtimes.map((lane) => plain(bench, lane)),
  );
  const among: Measurement[] = [];
  // One runtime after the other: what the others keep in the kernel would be charged to each.
  for (const lane of bench.runtimes) {
    among.push(...(await time(bench, [withOthers(bench, lane, others)])));
  }
  return { alone: figuresByRow(alone), among: figuresByRow(among) };
}

function plain({ site }: Bench, lane: Lane): TimerLane {
  const id = makeBundle(site, { name: `${lane.name}-sleep`, program: 'sleep' });
  return { name: lane.name, steps: timerSteps(lane, once, id) };
}

function withOthers(bench: Bench, lane: Lane, others: number): TimerLane {
  const { steps, name } = plain(bench, lane);
  const neighbours = Array.from({ length: others }, (_, index) => {
    const id = makeBundle(bench.site, { name: `${lane.name}-${index}`, program: 'sleep' });
    return timerSteps(
      lane,
      [
        ['first', 'create'],
        ['first', 'start'],
        ['last', 'delete-force'],
      ],
      id,
    );
  });
  return { name, steps: [...steps, ...neighbours.flat(), ...rest(bench)] };
}

/**
 * What making so many has left the kernel to do (cgroups of those before, network namespaces, RCU)
 * would be charged to the first that are measured, and more of it the faster they were made.
 */
const rest = ({ site }: Bench): readonly string[] => [
  ...['first', '2', join(site.rootfs, 'bin/sleep'), '8'],
];
