import {
  CGROUP_SUPER_MAGIC,
  CGROUP2_SUPER_MAGIC,
  PROC_SUPER_MAGIC,
  STATX_ATTR_MOUNT_ROOT,
  SYSFS_MAGIC,
  TMPFS_MAGIC,
} from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import type { Natives } from '../linux/natives.js';
import type { FakeMachine } from './fake-machine.js';
import { directoryNode } from './fake-tree.js';

const magics: Readonly<Record<string, number>> = {
  proc: PROC_SUPER_MAGIC,
  sysfs: SYSFS_MAGIC,
  tmpfs: TMPFS_MAGIC,
  cgroup: CGROUP_SUPER_MAGIC,
  cgroup2: CGROUP2_SUPER_MAGIC,
};

const typeOf = (name: string) => name.replace(/^(fs|mount) /, '');

/** fsopen(2) and its family, open_tree(2), move_mount(2). */
function newMounts(machine: FakeMachine): Partial<Natives> {
  return {
    fsopen: (type) => machine.open(machine.anonymous(`fs ${type}`)),
    fsconfig: (fd) => (machine.table.has(fd) ? 0 : -errno.EBADF),
    fspick: (dir) => machine.open(machine.anonymous(`fs of ${machine.table.get(dir)!.name}`)),
    fsmount(fd) {
      const type = typeOf(machine.table.get(fd)!.name);
      const node = directoryNode({ magic: magics[type] ?? 0x1234 });
      // Every procfs shows the same files, attached or not.
      const path = type === 'proc' ? '/proc' : null;
      return machine.open(machine.anonymous(`mount ${type}`, { node, path }));
    },
    openTree(dir, path) {
      const node = machine.find(dir, path);
      if (typeof node === 'number') return node;
      const place = path === '' ? machine.table.get(dir)!.path : machine.locate(dir, path);
      const source = typeof place === 'string' ? { source: place } : {};
      const name = `mount of ${place ?? machine.table.get(dir)!.name}`;
      return machine.open(machine.anonymous(name, { node: { ...node }, ...source }));
    },
    moveMount(from, _, to, path) {
      const mount = machine.table.get(from);
      const place = path === '' ? machine.table.get(to)?.path : machine.locate(to, path);
      if (mount === undefined || typeof place !== 'string') return -errno.EBADF;
      mount.node.attributes |= STATX_ATTR_MOUNT_ROOT;
      machine.tree.cover(place, mount.node, mount.source ?? null);
      mount.path = place;
      return 0;
    },
    mountSetattr: (fd) => (machine.table.has(fd) ? 0 : -errno.EBADF),
  };
}

/** What changes where paths begin. */
function roots(machine: FakeMachine): Partial<Natives> {
  const enter = () => {
    machine.root = machine.cwd === '/' ? '' : machine.cwd;
    return 0;
  };
  return {
    pivotRoot: enter,
    chroot: enter,
    umount2: () => 0,
    chdir(path) {
      machine.cwd = path === '/' ? machine.root || '/' : `${machine.root}${path}`;
      return 0;
    },
    fchdir(fd) {
      const path = machine.table.get(fd)?.path;
      if (typeof path !== 'string') return -errno.EBADF;
      // The root that pivot_root(2) has put below the new one is about to go.
      if (path !== '/' || machine.root === '') machine.cwd = path;
      return 0;
    },
  };
}

export const mountNatives = (machine: FakeMachine): Partial<Natives> => ({
  ...newMounts(machine),
  ...roots(machine),
});
