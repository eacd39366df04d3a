import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as help from '../../cli/help.js';
import type { ChunkName, Engine } from '../../host/engine.js';
import { checkNatives } from '../../host/host.js';
import * as inspect from '../../host/inspect.js';
import { POLLIN } from '../../linux/constants.js';
import { errno } from '../../linux/errno.js';
import * as log from '../../log/pino-chunk.js';
import * as explain from '../../spec/explain.js';
import { loadNatives, type NodeNatives } from './natives.js';
import { decode, encode } from './text.js';

const chunks: Readonly<Record<ChunkName, unknown>> = { explain, help, inspect, log };

/** NUL-separated texts of procfs: Node's own argv and env have lost what is not UTF-8. */
const texts = (path: string): string[] => decode(readFileSync(path)).split('\0').slice(0, -1);

function linkOf(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    // The descriptor of the listing itself.
    return '';
  }
}

/**
 * Node's own epoll(7) descriptors: the first thing that it opens. A thread of it that waits there is
 * woken when the container is frozen and thawed or gets SIGCONT, and calls abort(3) if the
 * descriptor is gone.
 */
export const epollFds = (): number[] =>
  readdirSync('/proc/self/fd')
    .filter((fd) => linkOf(fd) === 'anon_inode:[eventpoll]')
    .map(Number);

/** What Node can do besides: wait without standing still. */
export interface NodeEngine extends Engine {
  /** The wait status of a child of this process, or null when it is none. */
  waitForChild(pid: number): Promise<number | null>;
  waitReadable(fd: number): Promise<void>;
}

/**
 * The command that becomes init, whoever loaded this file: the bundle beside this one, or, from
 * sources, what runs them.
 */
function initCommand(): string[] {
  const here = fileURLToPath(import.meta.url);
  if (!here.endsWith('.ts')) return [process.execPath, join(dirname(here), 'main.js')];
  const main = join(dirname(here), '../../main.node.ts');
  return [process.execPath, '--import', import.meta.resolve('tsx'), main];
}

/** Any thread may be the one that a signal of the process interrupts. */
async function uninterrupted(call: () => Promise<number>): Promise<number> {
  for (;;) {
    const result = await call();
    if (result !== -errno.EINTR) return result;
  }
}

function waiting(later: NodeNatives['later']): Pick<NodeEngine, 'waitForChild' | 'waitReadable'> {
  return {
    async waitForChild(pid) {
      const status = new Int32Array(1);
      const bytes = new Uint8Array(status.buffer);
      const result = await uninterrupted(() => later('wait4', pid, bytes, 0, null));
      return result < 0 ? null : status[0]!;
    },
    async waitReadable(fd) {
      const entry = new Int32Array([fd, POLLIN]);
      const bytes = new Uint8Array(entry.buffer);
      await uninterrupted(() => later('ppoll', bytes, 1, null, null, 8));
    },
  };
}

export function nodeEngine(): NodeEngine {
  const own = texts('/proc/self/cmdline');
  const argv = own.slice(own.length - (process.argv.length - 2));
  const script = process.argv[1] ?? '';
  const { natives, later } = loadNatives();
  return {
    ...waiting(later),
    name: 'node',
    natives,
    checked: checkNatives(natives),
    argv,
    program: script,
    environment: texts('/proc/self/environ'),
    decode,
    encode,
    ownFds: epollFds,
    chunk: (name) => chunks[name],
    reexec: initCommand(),
  };
}
