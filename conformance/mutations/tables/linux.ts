/** Namespaces, devices, kernel parameters, cgroups' places. */
import type { Config, Device, Namespace } from '../../lib/config.js';
import { kernel, manyIds, resctrl, root } from '../../runner/host.js';
import { at, changed, configured, filtered, ignored } from '../how.js';
import type { Change, Row } from '../mutation.js';

/** What cannot be without a namespace of its own goes with it. */
const companions: Readonly<Record<string, readonly string[]>> = {
  uts: ['hostname', 'domainname'],
  user: ['linux.uidMappings', 'linux.gidMappings'],
  time: ['linux.timeOffsets'],
  network: ['linux.netDevices'],
};

/** Not of those that the process joins: that is another mutation. */
const withoutNamespace =
  (type: string): Change =>
  (config) => {
    const isMeant = (each: Namespace) => each.type === type && each.path === undefined;
    if (!config.linux.namespaces.some(isMeant)) return;
    config.linux.namespaces = config.linux.namespaces.filter((each) => !isMeant(each));
    for (const path of companions[type] ?? []) at(path, () => undefined)(config);
  };

const namespaceRow = (type: string, ...needs: Row[4][]): Row =>
  [
    `no-${type}-namespace`,
    `makes no ${type} namespace`,
    `${type} config-linux/namespaces/5`,
    configured(withoutNamespace(type)),
    ...needs.filter((need) => need !== undefined),
  ] as Row;

const shrunk = ({ linux }: Config): void => {
  for (const list of ['linux.uidMappings', 'linux.gidMappings'])
    at<{ size: number }[]>(list, (maps) => maps.map((map) => ({ ...map, size: map.size - 1 })))({
      linux,
    } as Config);
};

const device = (change: (device: Device) => Partial<Device>) =>
  changed<Device[]>('linux.devices', (devices) =>
    devices.map((each) => ({ ...each, ...change(each) })),
  );

export const linux: readonly Row[] = [
  namespaceRow('pid'),
  namespaceRow('network'),
  namespaceRow('ipc'),
  namespaceRow('uts'),
  namespaceRow('cgroup'),
  namespaceRow('user', root),
  namespaceRow('time', kernel(5, 6)),
  [
    'no-joined-namespace',
    'makes a new namespace instead of the one to join',
    'config-linux/namespaces/3 namespace',
    ignored('linux.namespaces[].path'),
  ],
  ['fewer-ids', 'maps one id less than it is told', 'id-mappings', configured(shrunk), manyIds],
  [
    'no-time-offsets',
    'ignores the offsets of clocks',
    'time',
    ignored('linux.timeOffsets'),
    kernel(5, 6),
  ],
  ['no-devices', 'makes no device', 'config-linux/devices device', ignored('linux.devices'), root],
  [
    'no-device-mode',
    'ignores the mode of devices',
    'config-linux/devices device',
    ignored('linux.devices[].fileMode'),
    root,
  ],
  [
    'wrong-device-mode',
    'makes devices that everybody may execute',
    'config-linux/devices device',
    device(({ fileMode = 0o666 }) => ({ fileMode: fileMode | 0o111 })),
    root,
  ],
  [
    'wrong-device-number',
    'makes devices with the next minor number',
    'config-linux/devices device',
    device(({ minor = 0 }) => ({ minor: minor + 1 })),
    root,
  ],
  [
    'no-device-owner',
    'ignores the owner of devices',
    'config-linux/devices device',
    ignored('linux.devices[].uid', 'linux.devices[].gid'),
    root,
  ],
  ['no-sysctl', 'ignores kernel parameters', 'sysctl', ignored('linux.sysctl')],
  [
    'no-last-sysctl',
    'sets all but the last kernel parameter',
    'sysctl',
    changed<Record<string, string>>('linux.sysctl', (all) =>
      Object.fromEntries(Object.entries(all).slice(0, -1)),
    ),
  ],
  [
    'no-network-devices',
    'moves no network device',
    'network-devices net-devices',
    ignored('linux.netDevices'),
    root,
  ],
  [
    'no-network-device-name',
    'ignores the new name of a network device',
    'network-devices net-devices',
    ignored('linux.netDevices[].name'),
    root,
  ],
  [
    'other-cgroup',
    'makes the cgroup at another path',
    'cgroups-path cgroup',
    changed<string>('linux.cgroupsPath', (path) => `${path}-other`),
    root,
  ],
  ['no-resctrl', 'ignores intelRdt', 'intelrdt', ignored('linux.intelRdt'), resctrl],
  [
    'no-memory-policy',
    'ignores the memory policy',
    'memory-policy linux/',
    ignored('linux.memoryPolicy'),
  ],
  [
    'first-namespace-lost',
    'ignores the namespace that is named last',
    'config-linux/namespaces',
    configured(({ linux: { namespaces } }) => {
      if (namespaces.at(-1)?.path !== undefined) namespaces.pop();
    }),
  ],
  [
    'no-console-devices',
    'makes no fifo',
    'config-linux/devices device',
    filtered<Device>('linux.devices', ({ type }) => type !== 'p'),
    root,
  ],
];
