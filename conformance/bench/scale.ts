import type { Bench } from './context.js';
import { type ByLane, type Figures, figuresByLane, type Measurement } from './figures.js';
import type { Lane } from './lanes.js';
import { makeBundle } from './site.js';
import type { TaskStep } from './tasks.js';
import { type TimerLane, time, timerSteps } from './timing.js';

/** What create and delete of one more container take, in milliseconds for both. */
export interface Scaling {
  readonly alone: ByLane<Figures>;
  readonly among: ByLane<Figures>;
}

/** Nothing settles as long as the neighbours live. */
const once: readonly TaskStep[] = [
  ['cycle', 'create'],
  ['cycle', 'delete'],
];

/** Measures alone, then while `others` containers that the same runtime created are present. */
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
  return { alone: figuresByLane(alone), among: figuresByLane(among) };
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
        ['last', 'delete-force'],
      ],
      id,
    );
  });
  return { name, steps: [...steps, ...neighbours.flat()] };
}
