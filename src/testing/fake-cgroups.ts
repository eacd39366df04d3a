import { decode, encode } from '../engine/node/text.js';
import type { Engine } from '../host/engine.js';
import { type Context, checkNatives, createHost } from '../host/host.js';
import { AT_REMOVEDIR, BPF_PROG_GET_FD_BY_ID, DT_DIR, DT_REG } from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import { type NativeName, type Natives, natives } from '../linux/natives.js';
import { silent } from '../log/logger.js';

export interface FakeMount {
  readonly mountpoint: string;
  /** Interface files of each new cgroup. */
  readonly files: Readonly<Record<string, string>>;
  /** Files of the root cgroup, in the place of or besides those. */
  readonly root?: Readonly<Record<string, string>>;
}

export interface FakeSetup {
  readonly mounts?: readonly FakeMount[];
  /** Any other files. */
  readonly files?: Readonly<Record<string, string>>;
  /** The kernel's answer to a write: an errno, or undefined to take it. */
  readonly onWrite?: (path: string, value: string) => number | undefined;
  /** What a file says once a value was written to it, where that is another text. */
  readonly afterWrite?: (path: string, value: string) => string | undefined;
  /** What happens while the program waits for the n-th time. */
  readonly onWait?: (fake: FakeCgroups, count: number) => void;
  /** Ids of the device filters that a cgroup has, by its path. */
  readonly filters?: Readonly<Record<string, readonly number[]>>;
  /** The native call that fails with EIO, counted from zero. */
  readonly failing?: number;
}

export interface FakeCgroups {
  readonly context: Context;
  /** Names of native calls in order. */
  readonly calls: readonly string[];
  readonly writes: readonly (readonly [path: string, value: string])[];
  readonly signals: readonly (readonly [pid: number, signal: number])[];
  /** Commands of bpf(2) with their attributes. */
  readonly bpf: readonly (readonly number[])[];
  /** What the user is told. */
  readonly warnings: readonly string[];
  /** Paths of open descriptors. */
  open(): string[];
  /** Every directory below the mount points. */
  cgroups(): string[];
  read(path: string): string | undefined;
  put(path: string, text: string): void;
  make(path: string): void;
}

const DIRECTORY = null;

const parentOf = (path: string) => path.slice(0, path.lastIndexOf('/')) || '/';

/** A cgroup file system in memory: directories fill themselves, and go only when they are unused. */
export function fakeCgroups(setup: FakeSetup): FakeCgroups {
  const { mounts = [], onWrite } = setup;
  const nodes = new Map<string, string | typeof DIRECTORY>();
  const table = new Map<number, { path: string; at: number }>();
  const calls: string[] = [];
  const writes: [string, string][] = [];
  const signals: [number, number][] = [];
  const bpf: number[][] = [];
  const warnings: string[] = [];
  let waits = 0;

  const fill = (path: string, files: Readonly<Record<string, string>>) => {
    nodes.set(path, DIRECTORY);
    for (const [name, text] of Object.entries(files)) nodes.set(`${path}/${name}`, text);
  };
  for (const { mountpoint, files, root } of mounts) fill(mountpoint, { ...files, ...root });
  for (const [path, text] of Object.entries(setup.files ?? {})) nodes.set(path, text);

  const mountOf = (path: string) => mounts.find((mount) => path.startsWith(`${mount.mountpoint}/`));
  const entries = (path: string) =>
    [...nodes.keys()].filter((name) => name !== path && parentOf(name) === path);
  const below = (path: string) => entries(path).filter((name) => nodes.get(name) === DIRECTORY);

  const make = (path: string): number => {
    const mount = mountOf(path);
    if (nodes.has(path)) return -errno.EEXIST;
    if (mount === undefined || !nodes.has(parentOf(path))) return -errno.ENOENT;
    fill(path, mount.files);
    return 0;
  };

  const remove = (path: string): number => {
    if (!nodes.has(path)) return -errno.ENOENT;
    if (below(path).length > 0 || nodes.get(`${path}/cgroup.procs`)) return -errno.EBUSY;
    for (const name of [...entries(path), path]) nodes.delete(name);
    return 0;
  };

  const known: Partial<Natives> = {
    openat2: (_, path) => {
      if (!nodes.has(path)) return -errno.ENOENT;
      let fd = 3;
      while (table.has(fd)) fd++;
      table.set(fd, { path, at: 0 });
      return fd;
    },
    lseek: (fd, offset) => {
      table.get(fd)!.at = Number(offset);
      return Number(offset);
    },
    close: (fd) => (table.delete(fd) ? 0 : -errno.EBADF),
    read: (fd, buffer) => {
      const file = table.get(fd)!;
      const bytes = Buffer.from(nodes.get(file.path) ?? '').subarray(file.at);
      const part = bytes.subarray(0, buffer?.length);
      buffer?.set(part);
      file.at += part.length;
      return part.length;
    },
    write: (fd, data) => {
      const { path } = table.get(fd)!;
      const value = Buffer.from(data ?? []).toString();
      const refused = onWrite?.(path, value);
      if (refused !== undefined) return -refused;
      writes.push([path, value]);
      nodes.set(path, setup.afterWrite?.(path, value) ?? value);
      return value.length;
    },
    mkdirat: (_, path) => make(path),
    unlinkat: (_, path, flags) => (flags === AT_REMOVEDIR ? remove(path) : -errno.EPERM),
    faccessat2: (_, path) => (nodes.has(path) ? 0 : -errno.ENOENT),
    statx: (_, path, _flags, _mask, buffer) => {
      if (!nodes.has(path)) return -errno.ENOENT;
      new DataView(buffer!.buffer).setUint32(16, 2 + below(path).length, true);
      return 0;
    },
    getdents64: (fd, buffer) => {
      const file = table.get(fd)!;
      if (file.at > 0) return 0;
      file.at = 1;
      const records = entries(file.path).map((path) => record(path, nodes.get(path) === DIRECTORY));
      const bytes = Buffer.concat(records);
      buffer?.set(bytes);
      return bytes.length;
    },
    ppoll: () => {
      setup.onWait?.(fake, ++waits);
      return 0;
    },
    kill: (pid, signal) => {
      signals.push([pid, signal]);
      return 0;
    },
    loadDeviceFilter: () => {
      table.set(900, { path: 'bpf program', at: 0 });
      return 900;
    },
    deviceFilters: (fd, buffer) => {
      const ids = setup.filters?.[table.get(fd)!.path] ?? [];
      buffer?.set(new Uint8Array(new Uint32Array(ids).buffer));
      return ids.length;
    },
    bpf: (command, attributes) => {
      const { buffer, byteOffset = 0, byteLength = 0 } = attributes ?? new Uint8Array();
      const fields = [...new Uint32Array(buffer, byteOffset, byteLength / 4)];
      bpf.push([command, ...fields]);
      if (command !== BPF_PROG_GET_FD_BY_ID) return 0;
      table.set(1000 + fields[0]!, { path: 'old bpf program', at: 0 });
      return 1000 + fields[0]!;
    },
  };

  const counted = (name: NativeName) => {
    const native = known[name] as ((...args: unknown[]) => number) | undefined;
    return (...args: unknown[]): number => {
      calls.push(name);
      if (native === undefined) throw new Error(`unexpected native call: ${name}`);
      if (setup.failing === calls.length - 1 && name !== 'close') return -errno.EIO;
      return native(...args);
    };
  };
  const all = Object.fromEntries(
    (Object.keys(natives) as NativeName[]).map((name) => [name, counted(name)]),
  ) as unknown as Natives;

  const fake: FakeCgroups = {
    context: contextOf(all, (text) => void warnings.push(text)),
    calls,
    writes,
    signals,
    bpf,
    warnings,
    open: () => [...table.values()].map(({ path }) => path),
    cgroups: () =>
      [...nodes.keys()].filter((path) => nodes.get(path) === DIRECTORY && mountOf(path)),
    read: (path) => nodes.get(path) ?? undefined,
    put: (path, text) => void nodes.set(path, text),
    make: (path) => void make(path),
  };
  return fake;
}

/** struct linux_dirent64. */
function record(path: string, directory: boolean): Buffer {
  const name = Buffer.from(path.slice(path.lastIndexOf('/') + 1));
  const bytes = Buffer.alloc((19 + name.length + 1 + 7) & ~7);
  bytes.writeUInt16LE(bytes.length, 16);
  bytes[18] = directory ? DT_DIR : DT_REG;
  name.copy(bytes, 19);
  return bytes;
}

function contextOf(table: Natives, warn: (text: string) => void): Context {
  const engine: Engine = {
    name: 'node',
    natives: table,
    checked: checkNatives(table),
    argv: [],
    program: 'runts',
    environment: [],
    decode,
    encode,
    chunk: () => ({}),
    reexec: null,
  };
  return { host: createHost(engine), log: { ...silent, warn } };
}
