import { describe, expect, test } from 'vitest';
import { isBrief } from './brief.js';
import type { Case, RuntimeName } from './case.js';
import { runtimes } from './case.js';
import { complaintsAbout } from './compare.js';
import { differencesOf } from './differences.js';
import { worldFolder } from './world.js';

/** In CI there is little time. */
const brief = process.env.RUNTS_ENGINES_BRIEF === 'true';

/** Runs each case with both runtimes at once and compares what they have shown. */
export function engineSuite<Site>(
  engine: string,
  cases: readonly Case<Site>[],
  visit: (runtime: RuntimeName, act: Case<Site>['act']) => ReturnType<Case<Site>['act']>,
): void {
  const differences = differencesOf(engine);
  describe.concurrent(engine, () => {
    for (const each of cases.filter(({ name }) => !brief || isBrief(name)))
      test(each.name, async () => {
        const both = await Promise.all(runtimes.map((name) => visit(name, each.act)));
        const [runts = {}, runc = {}] = both;
        expect(complaintsAbout(each, { runts, runc }, differences)).toEqual([]);
      });
  });
}

/** The daemons need a place that ends with all that is in it. */
export const canRun = worldFolder !== undefined;
