import { deepEqual, equal } from 'node:assert/strict';
import type { Config } from '../lib/config.js';
import type { Result } from '../probe/report.js';
import { calledAfter, holding, onHost } from '../runner/holder.js';
import { root } from '../runner/host.js';
import { subject } from '../runner/test.js';
import type { Trial } from '../runner/trial.js';

/** A file about a network device. */
const fileOf = (device: string, name: string): string => `/sys/class/net/${device}/${name}`;

const [MTU, QUEUE, ALIAS] = ['1432', '77', 'the one'];

/** A device with attributes and addresses, in a network namespace of its own. */
const device = (name: string): string[] => [
  ...['device', name],
  ...['write', fileOf(name, 'mtu'), MTU],
  ...['write', fileOf(name, 'tx_queue_len'), QUEUE],
  ...['write', fileOf(name, 'ifalias'), ALIAS],
  ...['address', name, '10.9.0.2', '24'],
  ...['address', `${name}:1`, '10.9.1.2', '28'],
];

const sysfs = ['mount', 'none', '/sys', 'sysfs', ''];
const apart = ['unshare', 'network', 'unshare', 'mount', ...sysfs];
const netOf = (pid: number): string => `/proc/${pid}/ns/net`;

/** What a probe sees that enters a network namespace. */
const seenIn = (pid: number, ...operations: readonly string[]): readonly Result[] =>
  onHost('enter', netOf(pid), 'unshare', 'mount', ...sysfs, ...operations).results.slice(3);

/** Devices there, without the other ends, which the kernel has named. */
const namesIn = (result: Result | undefined): string[] =>
  (result?.names ?? []).filter((name) => !name.startsWith('veth'));

const devicesOf = (pid: number): string[] => namesIn(seenIn(pid, 'list', '/sys/class/net')[0]);

interface Place {
  /** Calls the runtime where the devices are. */
  readonly inner: Trial;
  /** Of who keeps that network namespace. */
  readonly pid: number;
}

/** A network namespace with devices: the runtime is called in it, so that none of the host is touched. */
const withDevices = (
  trial: Trial,
  names: readonly string[],
  act: (place: Place) => Promise<void>,
): Promise<void> =>
  holding(trial, [...apart, ...names.flatMap(device)], ({ pid }) =>
    calledAfter(trial, ['enter', netOf(pid)], (inner) => act({ inner, pid })),
  );

const wanting =
  (netDevices: object, path?: string) =>
  ({ linux }: Config): void => {
    linux.netDevices = netDevices;
    const network = linux.namespaces.find(({ type }) => type === 'network');
    if (network && path !== undefined) network.path = path;
  };

const place = 'config-linux/network-devices';
const lifecycle = 'config-linux/namespace-lifecycle-and-container-termination';
const needs = [root];
const IFF_UP = 1;

export const netDeviceTests = subject('net-devices', (test) => {
  for (const [slug, netDevices, inside] of [
    ['moved', { ext0: {} }, 'ext0'],
    ['renamed', { ext0: { name: 'inner' } }, 'inner'],
  ] as const)
    test(
      slug,
      `A device goes into the container, where it is called ${inside}`,
      { proves: [`${place}/1`], needs },
      (trial) =>
        withDevices(trial, ['ext0', 'other'], async ({ inner, pid }) => {
          const container = await inner.probing(
            ['list', '/sys/class/net', 'wait'],
            wanting(netDevices),
          );
          const { results } = await inner.firstReport(container);
          deepEqual(namesIn(results[0]), [inside, 'lo'].sort());
          deepEqual(devicesOf(pid), ['lo', 'other']);
        }),
    );

  test(
    'several',
    'Several devices go into the container',
    { proves: [`${place}/1`], needs },
    (trial) =>
      withDevices(trial, ['ext0', 'ext1', 'ext2'], async ({ inner }) => {
        const { results } = await inner.look(
          wanting({ ext0: {}, ext2: { name: 'last' } }),
          'list',
          '/sys/class/net',
        );
        deepEqual(namesIn(results[0]), ['ext0', 'last', 'lo']);
      }),
  );

  test(
    'attributes',
    'A device keeps its hardware address, packet size, queue length and alias',
    { proves: [`${place}/5`], needs },
    (trial) =>
      withDevices(trial, ['ext0'], async ({ inner, pid }) => {
        const read = (name: string) =>
          ['address', 'mtu', 'tx_queue_len', 'ifalias'].flatMap((each) => [
            'read',
            fileOf(name, each),
          ]);
        const before = seenIn(pid, ...read('ext0'));
        const { results } = await inner.look(
          wanting({ ext0: { name: 'inner' } }),
          ...read('inner'),
        );
        deepEqual(results, before);
        deepEqual(
          before.slice(1).map(({ text }) => text),
          [`${MTU}\n`, `${QUEUE}\n`, `${ALIAS}\n`],
        );
      }),
  );

  test(
    'addresses',
    'A device keeps its permanent global addresses of both families',
    { proves: [`${place}/5`], needs },
    (trial) =>
      withDevices(trial, ['ext0'], async ({ inner, pid }) => {
        const six = seenIn(pid, 'address', 'ext0', 'fd00::2', '64')[0]?.errno === undefined;
        const { results } = await inner.look(wanting({ ext0: { name: 'inner' } }), 'addresses');
        // The name of an address of IPv4 may be kept or follow the device’s.
        const found = (results[0]?.names ?? [])
          .map((line) => line.split(' '))
          .filter(([name = '', address = '']) => name !== 'lo' && !address.startsWith('fe80'))
          .map(([, address, mask]) => `${address} ${mask}`)
          .sort();
        const expected = ['10.9.0.2 255.255.255.0', '10.9.1.2 255.255.255.240'];
        if (six) expected.push('fd00::2 ffff:ffff:ffff:ffff::');
        deepEqual(found, expected);
      }),
  );

  test('up', 'A device is up in the container', { proves: [`${place}/6`], needs }, (trial) =>
    withDevices(trial, ['ext0'], async ({ inner, pid }) => {
      // A device that has got an address by ioctl(2) is up: it is taken down first.
      seenIn(pid, 'write', fileOf('ext0', 'flags'), '0x1002');
      const { results } = await inner.look(wanting({ ext0: {} }), 'read', fileOf('ext0', 'flags'));
      equal(Number(results[0]?.text) & IFF_UP, IFF_UP);
    }),
  );

  for (const [slug, what, netDevices] of [
    ['missing', 'does not exist', { nowhere: {} }],
    ['loopback', 'cannot leave its namespace', { lo: { name: 'other' } }],
    ['taken', 'would have the name of another', { ext0: { name: 'lo' } }],
  ] as const)
    test(
      slug,
      `A device that ${what} is refused`,
      { proves: [`${place}/${slug === 'taken' ? 3 : 2}`], needs },
      (trial) =>
        withDevices(trial, ['ext0'], async ({ inner, pid }) => {
          await inner.refused(wanting(netDevices));
          deepEqual(devicesOf(pid), ['ext0', 'lo']);
        }),
    );
});

/** A network namespace that a container joins, and that goes on when it has ended. */
const withTarget = (
  trial: Trial,
  act: (place: Place & { readonly target: number }) => Promise<void>,
): Promise<void> =>
  withDevices(trial, ['ext0'], (place) =>
    holding(trial, [...apart, 'device', 'net0'], ({ pid }) => act({ ...place, target: pid })),
  );

export const netDeviceLifecycleTests = subject('net-devices', (test) => {
  test(
    'template',
    'A name that ends in %d becomes one that is free',
    { proves: [`${place}/4`], needs },
    (trial) =>
      withTarget(trial, async ({ inner, target }) => {
        const { results } = await inner.look(
          wanting({ ext0: { name: 'net%d' } }, netOf(target)),
          'addresses',
        );
        equal(results[0]?.errno, undefined);
        deepEqual(devicesOf(target), ['lo', 'net0', 'net1']);
      }),
  );

  test(
    'taken-by-another',
    'A device is refused whose name one of a joined namespace has',
    { proves: [`${place}/3`], needs },
    (trial) =>
      withTarget(trial, async ({ inner, pid, target }) => {
        await inner.refused(wanting({ ext0: { name: 'net0' } }, netOf(target)));
        deepEqual(
          [devicesOf(pid), devicesOf(target)],
          [
            ['ext0', 'lo'],
            ['lo', 'net0'],
          ],
        );
      }),
  );

  test(
    'stays',
    'A device stays in a namespace that goes on when the container is deleted',
    { proves: [`${lifecycle}/2`], needs },
    (trial) =>
      withTarget(trial, async ({ inner, pid, target }) => {
        await inner.look(wanting({ ext0: { name: 'moved' } }, netOf(target)));
        deepEqual([devicesOf(pid), devicesOf(target)], [['lo'], ['lo', 'moved', 'net0']]);
      }),
  );

  test(
    'left-alone',
    'What others change of a device is not changed back, nor when the container is deleted',
    { proves: [`${lifecycle}/1`], needs },
    (trial) =>
      withTarget(trial, async ({ inner, target }) => {
        const container = await inner.probing(
          ['wait'],
          wanting({ ext0: { name: 'moved' } }, netOf(target)),
        );
        const changes = [
          ...['write', fileOf('moved', 'mtu'), '1300'],
          ...['write', fileOf('moved', 'flags'), '0x1002'],
        ];
        seenIn(target, ...changes);
        await container.delete('--force');
        const [mtu, flags] = seenIn(
          target,
          ...['read', fileOf('moved', 'mtu'), 'read', fileOf('moved', 'flags')],
        );
        equal(mtu?.text, '1300\n');
        equal(Number(flags?.text) & IFF_UP, 0);
      }),
  );
});
