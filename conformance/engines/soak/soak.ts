import { killAtRandom } from './killer.js';

const atOnce = 8;

export interface Soaked {
  /** Containers that have run to their end as if nothing had happened. */
  readonly whole: number;
  readonly killed: number;
}

/** Runs so many containers, some at once, while calls of their runtime are killed. */
export async function soak(
  count: number,
  program: string,
  runOne: () => Promise<boolean>,
): Promise<Soaked> {
  let started = 0;
  let whole = 0;
  let done = false;
  const work = async () => {
    while (started < count) {
      started++;
      if (await runOne()) whole++;
    }
  };
  const killing = killAtRandom(program, () => done);
  await Promise.all(Array.from({ length: atOnce }, work));
  done = true;
  return { whole, killed: await killing };
}
