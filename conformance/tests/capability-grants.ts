/** Capabilities that nobody can give. */
import { deepEqual, match } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { root } from '../runner/host.js';
import { type DefineTest, NotTestable, subject } from '../runner/test.js';
import type { Trial } from '../runner/trial.js';
import {
  type Capabilities,
  capabilitySets,
  maskOf,
  namesIn,
  ownBounding,
  withheldNames,
} from './support/capabilities.js';
import { lookAndListen } from './support/process.js';

const few = ['CAP_KILL', 'CAP_NET_BIND_SERVICE'];
const unknown = 'CAP_OF_NO_KERNEL';

/** What is the least to have them as permitted. */
const plain: Capabilities = { bounding: few, effective: few, permitted: few };

const adding = (name: string): Capabilities =>
  Object.fromEntries(Object.entries(plain).map(([set, list]) => [set, [...list, name]]));

async function withSets(trial: Trial, sets: Capabilities) {
  const { report, said } = await lookAndListen(trial, ({ process }) => {
    process.capabilities = Object.fromEntries(
      Object.entries(sets).map(([set, list]) => [set, [...list]]),
    );
  });
  return { said, seen: (set: string) => namesIn(maskOf(report.status[set])) };
}

async function runsWithout(trial: Trial, name: string): Promise<void> {
  const { seen } = await withSets(trial, adding(name));
  deepEqual([seen('CapBnd'), seen('CapPrm')], [few, few]);
}

async function isTold(trial: Trial, sets: Capabilities, name: string): Promise<void> {
  const { said } = await withSets(trial, sets);
  match(said, new RegExp(name));
}

/** What nobody can grant: the runtime is started without it, unless that is so anyhow. */
async function withheld(trial: Trial, run: (inner: Trial, name: string) => Promise<void>) {
  const [lacking] = withheldNames();
  if (lacking !== undefined) return run(trial, lacking);
  const last = namesIn(ownBounding()).at(-1);
  if (last === undefined) throw new NotTestable('needs a capability that can be taken away');
  const without = `--bounding-set=-${last.replace('CAP_', '').toLowerCase()}`;
  if (spawnSync('setpriv', [without, 'true']).status !== 0)
    throw new NotTestable('needs setpriv(1) of util-linux, which takes a capability away');
  const command = ['setpriv', without, ...trial.engine.command];
  return trial.calling(command, (inner) => run(inner, last));
}

/** Sets of which the kernel takes one alone, and not both. */
const impossible: readonly (readonly [slug: string, title: string, sets: Capabilities])[] = [
  [
    'ambient-not-inheritable',
    'An ambient capability that is not inheritable',
    { ...plain, inheritable: few.slice(1), ambient: few },
  ],
  [
    'effective-not-permitted',
    'An effective capability that is not permitted',
    { ...plain, permitted: few.slice(1) },
  ],
];

function impossibleTests(test: DefineTest): void {
  for (const [slug, title, sets] of impossible) {
    test(
      slug,
      `${title} does not keep a container from running with the others`,
      { proves: ['config/linux-process/2'] },
      async (trial) => {
        const { seen } = await withSets(trial, sets);
        deepEqual(seen('CapBnd'), few);
        deepEqual(seen('CapAmb'), sets.ambient ? few.slice(1) : []);
      },
    );

    test(
      `${slug}-warning`,
      `${title} is told of in a warning`,
      { proves: ['config/linux-process/1'] },
      (trial) => isTold(trial, sets, few[0] ?? ''),
    );
  }
}

export const capabilityGrantTests = subject('capabilities', (test) => {
  test(
    'unknown',
    'A capability that does not exist does not keep a container from running with the others',
    { proves: ['config/linux-process/2'] },
    (trial) => runsWithout(trial, unknown),
  );

  test(
    'unknown-warning',
    'A capability that does not exist is told of in a warning',
    { proves: ['config/linux-process/1', 'runtime/warnings/1'] },
    (trial) => isTold(trial, adding(unknown), unknown),
  );

  for (const set of capabilitySets)
    test(
      `unknown-${set}`,
      `A capability that does not exist is told of, in the ${set} set alone too`,
      { proves: ['config/linux-process/1'] },
      (trial) => isTold(trial, { ...plain, [set]: [...(plain[set] ?? []), unknown] }, unknown),
    );

  test(
    'withheld',
    'A capability that the runtime does not have itself does not keep a container from running',
    { proves: ['config/linux-process/2'], needs: [root] },
    (trial) => withheld(trial, runsWithout),
  );

  test(
    'withheld-warning',
    'A capability that cannot be granted is told of in a warning',
    { proves: ['config/linux-process/1'], needs: [root] },
    (trial) => withheld(trial, (inner, name) => isTold(inner, adding(name), name)),
  );

  impossibleTests(test);
});
