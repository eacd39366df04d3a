import * as helpChunk from '../cli/help.js';
import type { ChunkName, Engine } from '../host/engine.js';
import { checkNatives } from '../host/host.js';
import { errno } from '../linux/errno.js';
import { type NativeName, type Natives, natives } from '../linux/natives.js';
import * as logChunk from '../log/pino-chunk.js';

export interface Caller {
  readonly argv: readonly string[];
  readonly environment?: readonly string[];
  readonly euid?: number;
  /** Files that can be read, by path. */
  readonly files?: Readonly<Record<string, string>>;
  /** Descriptors that are closed at the start. */
  readonly closed?: readonly number[];
  /** Answers in the place of the usual ones. */
  readonly natives?: Partial<Natives>;
}

export interface FakeEngine {
  readonly engine: Engine;
  /** What was written to a descriptor. */
  written(fd: number): string;
  /** What was written to the file that was opened under this path. */
  file(path: string): string;
  /** Names of the natives that were called, with the paths they were given. */
  readonly calls: readonly string[];
  readonly chunksLoaded: readonly string[];
}

interface OpenFile {
  readonly path: string;
  text: string;
  read: boolean;
}

/** An engine whose natives work on memory and are recorded. */
export function fakeEngine(caller: Caller): FakeEngine {
  const calls: string[] = [];
  const chunksLoaded: string[] = [];
  const table = new Map<number, OpenFile>();
  for (const fd of [0, 1, 2]) table.set(fd, { path: `fd ${fd}`, text: '', read: true });
  for (const fd of caller.closed ?? []) table.delete(fd);
  const everOpened: OpenFile[] = [...table.values()];
  const known = { ...memoryNatives(caller, table, everOpened), ...caller.natives };
  const all = Object.keys(natives).map((name) => [
    name,
    recorded(name as NativeName, known, calls),
  ]);
  const chunks: Partial<Record<ChunkName, unknown>> = { help: helpChunk, log: logChunk };
  const recording = Object.fromEntries(all) as Natives;
  const engine: Engine = {
    name: 'node',
    natives: recording,
    checked: checkNatives(recording),
    argv: caller.argv,
    program: 'runts',
    environment: caller.environment ?? [],
    decode: (bytes) => Buffer.from(bytes).toString(),
    encode: (text) => new Uint8Array(Buffer.from(text)),
    chunk: (name) => {
      chunksLoaded.push(name);
      return chunks[name];
    },
    reexec: null,
  };
  const textOf = (path: string): string =>
    everOpened
      .filter((file) => file.path === path)
      .map(({ text }) => text)
      .join('');
  return {
    engine,
    written: (fd) => textOf(`fd ${fd}`),
    file: textOf,
    calls,
    chunksLoaded,
  };
}

type AnyNative = (...args: never[]) => number;

function recorded(name: NativeName, known: Partial<Natives>, calls: string[]): AnyNative {
  return (...args: unknown[]) => {
    const texts = args.filter((value) => typeof value === 'string');
    calls.push([name, ...texts].join(' '));
    const native = known[name] as ((...args: unknown[]) => number) | undefined;
    if (native === undefined) throw new Error(`unexpected native call: ${name}`);
    return native(...args);
  };
}

function memoryNatives(
  { euid = 0, files = {} }: Caller,
  table: Map<number, OpenFile>,
  everOpened: OpenFile[],
): Partial<Natives> {
  const lowestFree = (): number => {
    let fd = 0;
    while (table.has(fd)) fd++;
    return fd;
  };
  return {
    fcntl: (fd) => (table.has(fd) ? 0 : -errno.EBADF),
    openat2: (_dir, path) => {
      const fd = lowestFree();
      const file = { path, text: '', read: false };
      table.set(fd, file);
      everOpened.push(file);
      return fd;
    },
    read: (fd, buffer) => {
      const file = table.get(fd)!;
      const bytes = Buffer.from(file.read ? '' : (files[file.path] ?? ''));
      file.read = true;
      buffer?.set(bytes);
      return bytes.length;
    },
    write: (fd, data) => {
      const file = table.get(fd);
      if (file === undefined) return -errno.EBADF;
      file.text += Buffer.from(data ?? []).toString();
      return data?.length ?? 0;
    },
    close: (fd) => (table.delete(fd) ? 0 : -errno.EBADF),
    getcwd: (buffer) => {
      buffer?.set(Buffer.from('/home/me\0'));
      return '/home/me\0'.length;
    },
    geteuid: () => euid,
    getegid: () => euid,
    mkdirat: () => 0,
    fchmod: () => 0,
    fstatfs: () => 0,
    unlinkat: () => 0,
    seccompVersion: () => (2 << 16) | (5 << 8) | 4,
  };
}
