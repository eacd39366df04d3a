/** What is mounted, and how. */
import type { Mount } from '../../lib/config.js';
import { manyIds } from '../../runner/host.js';
import { at, changed, configured, filtered, ignored } from '../how.js';
import type { Row } from '../mutation.js';

/** How many mounts every test has; what it adds comes after them. */
const own = (mounts: readonly Mount[]): number =>
  mounts.findIndex(
    ({ destination }) => destination === '/sys/fs/cgroup' || destination === '/sys',
  ) + 1;

const dropped = (...names: readonly string[]) =>
  filtered<string>('mounts[].options', (option) => !names.includes(option));

const options: readonly string[] = [
  ...['ro', 'nosuid', 'nodev', 'noexec', 'noatime', 'nodiratime', 'strictatime', 'sync', 'dirsync'],
  ...['private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave', 'unbindable', 'runbindable'],
  ...['nosymfollow', 'rro', 'rnosuid', 'rnoexec'],
];

const propagations: readonly string[] = ['private', 'slave', 'shared', 'unbindable'];

const asksForIds = /^r?idmap$/;

/** Without the option too: who knows it refuses a mount that has it alone. */
function unmapped(mount: Mount): Mount {
  const { uidMappings, gidMappings, ...rest } = mount;
  if (uidMappings === undefined || gidMappings === undefined) return mount;
  return { ...rest, options: (rest.options ?? []).filter((option) => !asksForIds.test(option)) };
}

const withoutOption = (name: string): Row => [
  `no-option-${name}`,
  `mounts without ${name}`,
  `/${name} mount`,
  dropped(name),
];

/** What has to be refused is left to other mutations. */
const isNoPath = (path: string): boolean => !path.startsWith('/');
const withoutLast = (paths: readonly string[]): readonly string[] =>
  paths.some(isNoPath) ? paths : paths.slice(0, -1);

export const mounts: readonly Row[] = [
  ...options.map(withoutOption),
  [
    'no-mount-data',
    'passes no options on to the file system',
    'mount',
    filtered<string>('mounts[].options', (option) => !/^(mode|size)=/.test(option)),
  ],
  [
    'flat-rbind',
    'binds without the mounts below',
    'rbind mount',
    changed<string[]>('mounts[].options', (all) =>
      all.map((option) => (option === 'rbind' ? 'bind' : option)),
    ),
  ],
  [
    'recursive-propagation',
    'changes the propagation of the mounts below as well',
    'mount-propagation mount',
    changed<string[]>('mounts[].options', (all) =>
      all.includes('rbind')
        ? all.map((option) => (propagations.includes(option) ? `r${option}` : option))
        : all,
    ),
  ],
  [
    'no-last-mount',
    'skips the last mount',
    'config/mounts mount',
    changed<Mount[]>('mounts', (all) => all.slice(0, -1)),
  ],
  [
    'no-default-mount',
    'leaves /dev/shm out',
    'default-filesystems mount',
    filtered<Mount>('mounts', ({ destination }) => destination !== '/dev/shm'),
  ],
  [
    'reversed-mounts',
    'mounts in the reverse order',
    'config/mounts/1 mount',
    changed<Mount[]>('mounts', (all) => {
      const count = own(all);
      return [...all.slice(0, count), ...all.slice(count).reverse()];
    }),
  ],
  [
    'writable-root',
    'ignores that the root is read-only',
    'config/root/5 root',
    ignored('root.readonly'),
  ],
  [
    'readonly-root',
    'makes every root read-only',
    'config/root/5 root',
    configured(({ root }) => {
      if (root) root.readonly = true;
    }),
  ],
  [
    'no-propagation',
    'ignores the propagation of the root',
    'propagation',
    ignored('linux.rootfsPropagation'),
  ],
  [
    'no-idmap',
    'ignores the id mappings of mounts',
    'idmap mount',
    changed<Mount[]>('mounts', (all) => all.map(unmapped)),
    manyIds,
  ],
  [
    'no-masked-paths',
    'masks nothing',
    'protected-paths/masked masked',
    filtered('linux.maskedPaths', isNoPath),
  ],
  [
    'no-readonly-paths',
    'makes no path read-only',
    'protected-paths/readonly readonly-paths',
    filtered('linux.readonlyPaths', isNoPath),
  ],
  [
    'no-last-masked-path',
    'masks all but the last path',
    'protected-paths/masked masked',
    changed('linux.maskedPaths', withoutLast),
  ],
  [
    'no-last-readonly-path',
    'makes all but the last path read-only',
    'protected-paths/readonly readonly-paths',
    changed('linux.readonlyPaths', withoutLast),
  ],
  [
    'masked-is-readonly',
    'makes paths read-only that it has to mask',
    'protected-paths/masked masked',
    configured(({ linux }) => {
      linux.readonlyPaths = [...(linux.readonlyPaths ?? []), ...(linux.maskedPaths ?? [])];
      at('linux.maskedPaths', () => [])({ linux } as never);
    }),
  ],
];
