import { deepEqual } from 'node:assert/strict';
import { manyIds } from '../runner/host.js';
import { subject } from '../runner/test.js';
import {
  type Capabilities,
  capabilityNames,
  capabilitySets as every,
  knownCount,
  maskOf,
  namesIn,
  ownBounding,
} from './support/capabilities.js';

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
});
