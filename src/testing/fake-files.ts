import {
  AT_REMOVEDIR,
  DT_DIR,
  DT_REG,
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_NOFOLLOW,
  O_PATH,
  O_TRUNC,
  S_IFLNK,
  S_IFMT,
  X_OK,
} from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import type { Natives } from '../linux/natives.js';
import type { FakeMachine } from './fake-machine.js';
import { directoryNode, type FakeNode, isDirectory, linkNode, makeNode } from './fake-tree.js';

const isLink = ({ mode }: FakeNode) => (mode & S_IFMT) === S_IFLNK;

/** Why a node cannot be opened with these flags, or undefined. */
function refusal(node: FakeNode, flags: number): number | undefined {
  if (flags & O_CREAT && flags & O_EXCL) return errno.EEXIST;
  if (flags & O_DIRECTORY && !isDirectory(node)) return errno.ENOTDIR;
  return isLink(node) && !(flags & O_PATH && flags & O_NOFOLLOW) ? errno.ELOOP : undefined;
}

function openat2(machine: FakeMachine): Natives['openat2'] {
  return (dir, path, how) => {
    const [flags = 0, , mode = 0] = new Uint32Array(how!.slice().buffer);
    const place = machine.locate(dir, path);
    if (typeof place === 'number') return place;
    const there = machine.tree.nodes.get(place);
    if (there !== undefined) {
      const refused = refusal(there, flags);
      if (refused !== undefined) return -refused;
      if (flags & O_TRUNC) there.bytes = new Uint8Array();
      return machine.open({ name: place, path: place, node: there, offset: 0 });
    }
    if (!(flags & O_CREAT)) return -errno.ENOENT;
    const made = machine.make(dir, path, makeNode({ mode: 0o100000 | mode }));
    if (made < 0) return made;
    const node = machine.tree.nodes.get(place)!;
    return machine.open({ name: place, path: place, node, offset: 0 });
  };
}

/** struct linux_dirent64. */
function entry(name: string, directory: boolean): Buffer {
  const text = Buffer.from(name);
  const bytes = Buffer.alloc((19 + text.length + 1 + 7) & ~7);
  bytes.writeUInt16LE(bytes.length, 16);
  bytes[18] = directory ? DT_DIR : DT_REG;
  text.copy(bytes, 19);
  return bytes;
}

function listing(machine: FakeMachine, path: string): Buffer {
  const paths = machine.tree.entries(path);
  return Buffer.concat([
    ...['.', '..'].map((name) => entry(name, true)),
    ...paths.map((each) =>
      entry(each.slice(each.lastIndexOf('/') + 1), isDirectory(machine.tree.nodes.get(each)!)),
    ),
  ]);
}

const inodes = new WeakMap<FakeNode, number>();
let nextInode = 2;

function inodeOf(node: FakeNode): number {
  const known = inodes.get(node) ?? nextInode++;
  inodes.set(node, known);
  return known;
}

/** A directory has one link more for each that is in it. */
function folders(machine: FakeMachine, dir: number, path: string): number {
  const place = path === '' ? machine.table.get(dir)?.path : machine.locate(dir, path);
  if (typeof place !== 'string') return 0;
  const { tree } = machine;
  return tree.entries(place).filter((each) => isDirectory(tree.nodes.get(each)!)).length;
}

function reading(machine: FakeMachine): Partial<Natives> {
  return {
    openat2: openat2(machine),
    close: (fd) => (machine.table.delete(fd) ? 0 : -errno.EBADF),
    read(fd, buffer) {
      const file = machine.table.get(fd);
      if (file === undefined) return -errno.EBADF;
      const part = file.node.bytes.subarray(file.offset, file.offset + buffer!.length);
      buffer!.set(part);
      file.offset += part.length;
      return part.length;
    },
    getdents64(fd, buffer) {
      const directory = machine.table.get(fd)!;
      if (directory.offset > 0 || directory.path === null) return 0;
      directory.offset = 1;
      const bytes = listing(machine, directory.path);
      buffer!.set(bytes);
      return bytes.length;
    },
    statx(dir, path, _flags, _mask, buffer) {
      const node = machine.find(dir, path);
      if (typeof node === 'number') return node;
      const view = new DataView(buffer!.buffer);
      view.setUint32(8, node.attributes, true);
      view.setUint32(16, node.linked ? 2 + folders(machine, dir, path) : 0, true);
      view.setUint32(20, node.uid, true);
      view.setUint32(24, node.gid, true);
      view.setUint16(28, node.mode, true);
      view.setUint32(32, inodeOf(node), true);
      view.setBigUint64(40, BigInt(node.bytes.length), true);
      view.setUint32(0x80, node.major, true);
      view.setUint32(0x84, node.minor, true);
      return 0;
    },
    fstatfs(fd, buffer) {
      const file = machine.table.get(fd);
      if (file === undefined) return -errno.EBADF;
      new DataView(buffer!.buffer).setUint32(0, file.node.magic, true);
      return 0;
    },
    faccessat2(dir, path, mode) {
      const node = machine.find(dir, path);
      if (typeof node === 'number') return node;
      return mode & X_OK && !isDirectory(node) && !(node.mode & 0o111) ? -errno.EACCES : 0;
    },
    readlinkat(dir, path, buffer) {
      const node = machine.find(dir, path);
      if (typeof node === 'number') return node;
      if (!isLink(node)) return -errno.EINVAL;
      buffer!.set(node.bytes);
      return node.bytes.length;
    },
    getcwd(buffer) {
      const path = Buffer.from(`${machine.cwd.slice(machine.root.length) || '/'}\0`);
      buffer!.set(path);
      return path.length;
    },
  };
}

function remove(machine: FakeMachine, place: string, directory: boolean): number {
  const node = machine.tree.nodes.get(place);
  if (node === undefined) return -errno.ENOENT;
  if (isDirectory(node) !== directory) return directory ? -errno.ENOTDIR : -errno.EISDIR;
  const inside = machine.tree.entries(place);
  // Interface files go with their cgroup.
  const files = machine.isCgroup(place) ? inside.filter((path) => !isCgroup(machine, path)) : [];
  if (inside.length > files.length)
    return machine.isCgroup(place) ? -errno.EBUSY : -errno.ENOTEMPTY;
  for (const path of [...files, place]) machine.tree.remove(path);
  return 0;
}

const isCgroup = (machine: FakeMachine, path: string) => isDirectory(machine.tree.nodes.get(path)!);

function changing(machine: FakeMachine): Partial<Natives> {
  return {
    write(fd, data) {
      const file = machine.table.get(fd);
      if (file === undefined) return -errno.EBADF;
      const kept = file.node.bytes.subarray(0, file.offset);
      file.node.bytes = Buffer.concat([kept, data!]);
      file.offset += data!.length;
      return data!.length;
    },
    mkdirat: (dir, path, mode) => machine.make(dir, path, directoryNode({ mode: 0o040000 | mode })),
    mknodat: (dir, path, mode, device) =>
      machine.make(
        dir,
        path,
        makeNode({ mode, major: (Number(device) >> 8) & 0xfff, minor: Number(device) & 0xff }),
      ),
    symlinkat: (target, dir, path) => machine.make(dir, path, linkNode(target)),
    unlinkat(dir, path, flags) {
      const place = machine.locate(dir, path);
      if (typeof place === 'number') return place;
      return remove(machine, place, (flags & AT_REMOVEDIR) !== 0);
    },
    renameat2(oldDir, oldPath, newDir, newPath) {
      const [from, to] = [machine.locate(oldDir, oldPath), machine.locate(newDir, newPath)];
      if (typeof from === 'number' || typeof to === 'number') return -errno.EBADF;
      const node = machine.tree.nodes.get(from);
      if (node === undefined) return -errno.ENOENT;
      machine.tree.nodes.delete(from);
      machine.tree.nodes.set(to, node);
      return 0;
    },
    fchownat(dir, path, uid, gid) {
      const node = machine.find(dir, path);
      if (typeof node === 'number') return node;
      node.uid = Number(uid);
      if (Number(gid) !== 0xffffffff) node.gid = Number(gid);
      return 0;
    },
    lseek(fd, offset) {
      machine.table.get(fd)!.offset = Number(offset);
      return Number(offset);
    },
    flock: (fd) => (machine.table.has(fd) ? 0 : -errno.EBADF),
    fcntl: (fd) => (machine.table.has(fd) ? 0 : -errno.EBADF),
    dup3(old, fd) {
      const from = machine.table.get(old);
      if (from === undefined) return -errno.EBADF;
      machine.table.set(fd, { ...from });
      return fd;
    },
    memfdCreate: (name) => machine.open(machine.anonymous(`memfd ${name}`)),
    umask: () => 0o022,
  };
}

export const fileNatives = (machine: FakeMachine): Partial<Natives> => ({
  ...reading(machine),
  ...changing(machine),
});
