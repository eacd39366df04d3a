import { deepEqual } from 'node:assert/strict';
import { cgroupV2, type Host, root } from '../runner/host.js';
import { type Need, subject } from '../runner/test.js';

interface Rule {
  readonly allow: boolean;
  readonly type?: string;
  readonly major?: number;
  readonly minor?: number;
  readonly access: string;
}

const deviceCgroup: Need = ({ cgroups, controllers }: Host) =>
  cgroups === 'v2' || controllers.includes('devices')
    ? null
    : 'needs the cgroup controller devices';

/** Numbers for experiments: no driver has them, so that who may open such a device is told ENXIO. */
const [major, minor] = [60, 1];
const [allowed, denied] = [6, 1];

const nothing: Rule = { allow: false, access: 'rwm' };
const it = (allow: boolean, access: string): Rule => ({ allow, type: 'c', major, minor, access });

/** Rules, and what opening the device for reading, for writing and for both answers. */
const rows: readonly (readonly [
  slug: string,
  title: string,
  rules: readonly Rule[],
  answers: readonly number[],
  ...needs: Need[],
])[] = [
  [
    'allowed',
    'A device can be used that is allowed after all were denied',
    [nothing, it(true, 'rwm')],
    [allowed, allowed, allowed],
  ],
  ['denied', 'A device cannot be used when all are denied', [nothing], [denied, denied, denied]],
  [
    'denied-later',
    'Denying all takes back what was allowed before',
    [it(true, 'rwm'), nothing],
    [denied, denied, denied],
  ],
  [
    'denied-itself',
    'A device cannot be used that is denied after it was allowed',
    [nothing, it(true, 'rwm'), it(false, 'rwm')],
    [denied, denied, denied],
  ],
  [
    'allowed-again',
    'A device can be used that is allowed, denied and allowed again',
    [nothing, it(true, 'rw'), it(false, 'rw'), it(true, 'rw')],
    [allowed, allowed, allowed],
  ],
  [
    'read',
    'A device that may be read cannot be written',
    [nothing, it(true, 'r')],
    [allowed, denied, denied],
  ],
  [
    'write-denied',
    'A device can still be read of which only writing is denied later',
    [nothing, it(true, 'rw'), it(false, 'w')],
    [allowed, denied, denied],
  ],
  [
    'minors',
    'A rule without minor is about all of them',
    [nothing, { allow: true, type: 'c', major, access: 'rw' }],
    [allowed, allowed, allowed],
  ],
  [
    'type',
    'A rule about block devices is none about character devices',
    [nothing, { allow: true, type: 'b', major, minor, access: 'rwm' }],
    [denied, denied, denied],
  ],
  [
    'everything',
    'Everything can be allowed',
    [nothing, { allow: true, access: 'rwm' }],
    [allowed, allowed, allowed],
  ],
  [
    'exception',
    'A device is denied out of a range that was allowed before',
    [nothing, { allow: true, type: 'c', major, access: 'rw' }, it(false, 'rw')],
    [denied, denied, denied],
    cgroupV2,
  ],
];

export const deviceRuleTests = subject('device-rules', (test) => {
  for (const [slug, title, devices, answers, ...needs] of rows)
    test(
      slug,
      title,
      { proves: ['config-linux/allowed-device-list/1'], needs: [root, deviceCgroup, ...needs] },
      async (trial) => {
        const { results } = await trial.look(
          ({ linux }) => {
            linux.devices = [{ path: '/dev/thing', type: 'c', major, minor, fileMode: 0o666 }];
            linux.resources = { devices };
          },
          ...['r', 'w', 'rw'].flatMap((access) => ['open', '/dev/thing', access]),
        );
        deepEqual(
          results.map(({ errno }) => errno),
          answers,
        );
      },
    );
});
