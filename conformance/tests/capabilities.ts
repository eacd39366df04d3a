import { deepEqual, match } from 'node:assert/strict';
import type { CapabilitySet } from '../lib/config.js';
import { manyIds } from '../runner/host.js';
import { NotTestable, subject } from '../runner/test.js';
import type { Trial } from '../runner/trial.js';
import {
  type Capabilities,
  capabilityNames,
  knownCount,
  maskOf,
  namesIn,
  ownBounding,
  withheldNames,
} from './support/capabilities.js';
import { lookAndListen } from './support/process.js';

const proves = ['runtime/lifecycle/13', 'runtime/start/3'];

/** Nothing that looking around needs. */
const some = ['CAP_CHOWN', 'CAP_KILL', 'CAP_NET_BIND_SERVICE', 'CAP_SETUID', 'CAP_AUDIT_WRITE'];
const few = some.slice(1, 3);

const rows: readonly (readonly [
  name: string,
  title: string,
  uid: number,
  sets: Capabilities,
  seen: Capabilities,
])[] = [
  ['none', 'Empty sets leave nothing', 0, {}, {}],
  [
    'same',
    'Root has what is in all of bounding, effective and permitted',
    0,
    { bounding: some, effective: some, permitted: some },
    { bounding: some, effective: some, permitted: some },
  ],
  [
    'one',
    'A single capability is kept',
    0,
    { bounding: ['CAP_SETPCAP'], effective: ['CAP_SETPCAP'], permitted: ['CAP_SETPCAP'] },
    { bounding: ['CAP_SETPCAP'], effective: ['CAP_SETPCAP'], permitted: ['CAP_SETPCAP'] },
  ],
  [
    'inheritable',
    'The inheritable set is that of the configuration',
    0,
    { bounding: some, effective: some, permitted: some, inheritable: few },
    { bounding: some, effective: some, permitted: some, inheritable: few },
  ],
  [
    'ambient',
    'The ambient set is that of the configuration',
    0,
    { bounding: some, effective: some, permitted: some, inheritable: some, ambient: few },
    { bounding: some, effective: some, permitted: some, inheritable: some, ambient: few },
  ],
  [
    'bounding-alone',
    'A user without privileges has a bounding set, and nothing else',
    1000,
    { bounding: some, effective: some, permitted: some },
    { bounding: some },
  ],
  [
    'ambient-of-user',
    'A user without privileges has the ambient set as effective and permitted, too',
    1000,
    { bounding: some, effective: some, permitted: some, inheritable: few, ambient: few },
    { bounding: some, effective: few, permitted: few, inheritable: few, ambient: few },
  ],
  [
    'all-different',
    'Each set is its own',
    1000,
    {
      bounding: some,
      permitted: some.slice(0, 4),
      effective: some.slice(0, 3),
      inheritable: some.slice(1, 4),
      ambient: some.slice(2, 4),
    },
    {
      bounding: some,
      permitted: some.slice(2, 4),
      effective: some.slice(2, 4),
      inheritable: some.slice(1, 4),
      ambient: some.slice(2, 4),
    },
  ],
];

const every: readonly CapabilitySet[] = [
  'bounding',
  'effective',
  'permitted',
  'inheritable',
  'ambient',
];

/** All five, and with names that a runtime has to warn of. */
async function withBounding(trial: Trial, ...more: readonly string[]) {
  return lookAndListen(trial, ({ process }) => {
    const list = [...few, ...more];
    process.capabilities = { bounding: list, effective: list, permitted: list };
  });
}

/** What nobody can grant: not in the bounding set of who starts the runtime. */
function withheld(trial: Trial): string {
  const [lacking] = withheldNames();
  if (lacking === undefined || !trial.host.isRoot)
    throw new NotTestable('needs a capability that the runtime cannot have');
  return lacking;
}

export const capabilityTests = subject('capabilities', (test) => {
  for (const [name, title, uid, sets, seen] of rows)
    test(name, title, { proves, ...(uid ? { needs: [manyIds] } : {}) }, async (trial) => {
      const { status } = await trial.look(({ process }) => {
        process.user = { uid, gid: uid };
        process.capabilities = Object.fromEntries(
          every.map((set) => [set, [...(sets[set] ?? [])]]),
        );
      });
      const masks = [status.CapBnd, status.CapEff, status.CapPrm, status.CapInh, status.CapAmb];
      deepEqual(
        Object.fromEntries(every.map((set, index) => [set, namesIn(maskOf(masks[index]))])),
        Object.fromEntries(
          every.map((set) => [set, capabilityNames.filter((each) => seen[set]?.includes(each))]),
        ),
      );
    });

  test('every-name', 'Every capability of the kernel has its name', { proves }, async (trial) => {
    // Only what this process has can be given away, unless a user namespace has all.
    const all = trial.host.isRoot ? namesIn(ownBounding()) : capabilityNames.slice(0, knownCount());
    const { status } = await trial.look(({ process }) => {
      process.capabilities = { bounding: [...all], effective: [...all], permitted: [...all] };
    });
    deepEqual(namesIn(maskOf(status.CapBnd)), all);
    deepEqual(namesIn(maskOf(status.CapPrm)), all);
  });

  const unknown = 'CAP_OF_NO_KERNEL';

  test(
    'unknown',
    'A capability that does not exist does not keep a container from running with the others',
    { proves: ['config/linux-process/2'] },
    async (trial) => {
      const { report } = await withBounding(trial, unknown);
      deepEqual(namesIn(maskOf(report.status.CapBnd)), few);
    },
  );

  test(
    'unknown-warning',
    'A capability that does not exist is told of in a warning',
    { proves: ['config/linux-process/1', 'runtime/warnings/1'] },
    async (trial) => {
      const { said } = await withBounding(trial, unknown);
      match(said, new RegExp(unknown));
    },
  );

  test(
    'withheld',
    'A capability that the runtime does not have itself does not keep a container from running',
    { proves: ['config/linux-process/2'] },
    async (trial) => {
      const { report } = await withBounding(trial, withheld(trial));
      deepEqual(namesIn(maskOf(report.status.CapBnd)), few);
    },
  );

  test(
    'withheld-warning',
    'A capability that cannot be granted is told of in a warning',
    { proves: ['config/linux-process/1'] },
    async (trial) => {
      const lacking = withheld(trial);
      const { said } = await withBounding(trial, lacking);
      match(said, new RegExp(lacking));
    },
  );
});
