/** Whether mount options are known: one that is not ends up with the file system, which refuses it. */
import type { Config, Mount } from '../../lib/config.js';
import { kernel, root } from '../../runner/host.js';
import type { Trial } from '../../runner/trial.js';

type Adapt = (mount: Mount, trial: Trial, config: Config) => void;

const bound: Adapt = (mount, trial) => {
  mount.source = trial.folderFor('source');
  delete mount.type;
  mount.options = [...new Set(['bind', ...(mount.options ?? [])])];
};

const mapped: Adapt = (mount, trial, config) => {
  bound(mount, trial, config);
  const ids = [{ containerID: 0, hostID: 0, size: 1 }];
  Object.assign(mount, { uidMappings: ids, gidMappings: ids });
};

/** Those that mean nothing to a new file system. */
const special: Readonly<Record<string, Adapt>> = {
  bind: bound,
  rbind: (mount, trial, config) => {
    bound(mount, trial, config);
    mount.options = ['rbind'];
  },
  idmap: mapped,
  ridmap: mapped,
  'src-nofollow': bound,
  'dest-nofollow': bound,
  'copy-symlink': bound,
  remount: (mount, _, { mounts }) => {
    mounts.push({ ...mount, options: [] });
  },
};

/** The kernel may decline them, to users without privileges and on file systems of old. */
const mayBeTried = (option: string, { host }: Trial): boolean =>
  !option.endsWith('idmap') || (root(host) === null && kernel(6, 3)(host) === null);

const mounting = async (trial: Trial, options: readonly string[]): Promise<boolean> => {
  const container = trial.container((config) => {
    for (const [number, option] of options.entries()) {
      const mount: Mount = {
        destination: `/tmp/${number}`,
        type: 'tmpfs',
        source: 'tmpfs',
        options: [option],
      };
      special[option]?.(mount, trial, config);
      config.mounts.push(mount);
    }
  });
  const { status } = await container.create();
  if (status === 0) await container.delete('--force');
  return status === 0;
};

/** All at once, since that is quick; halves of them only to tell which it is that fails. */
async function refused(trial: Trial, options: readonly string[]): Promise<string[]> {
  if (await mounting(trial, options)) return [];
  if (options.length < 2) return [...options];
  const half = Math.ceil(options.length / 2);
  const first = await refused(trial, options.slice(0, half));
  return [...first, ...(await refused(trial, options.slice(half)))];
}

export const refusedOptions = (trial: Trial, options: readonly string[]): Promise<string[]> =>
  refused(
    trial,
    options.filter((option) => mayBeTried(option, trial)),
  );
