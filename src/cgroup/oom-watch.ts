import { Fd } from '../host/fd.js';
import { attempt, type Context } from '../host/host.js';
import { openIfThere, writeValueAt } from '../host/io.js';
import {
  AT_FDCWD,
  EFD_CLOEXEC,
  EFD_NONBLOCK,
  O_RDONLY,
  POLLIN,
  POLLPRI,
  SEEK_SET,
} from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import type { CgroupRecord } from './driver.js';

/** Tells when the memory of a container ran out. */
export interface OomWatch extends Disposable {
  readonly fd: number;
  /** What to poll the descriptor for. */
  readonly events: number;
  /** How often it has happened since the last question. */
  happened(): boolean;
}

const KILLS = /^oom_kill (\d+)$/m;

/** kernfs wakes whoever polls, once for each change since the last read from this descriptor. */
function watchV2(context: Context, directory: string): OomWatch | null {
  const file = openIfThere(context, AT_FDCWD, `${directory}/memory.events`, O_RDONLY);
  if (file === null) return null;
  const { number } = file;
  const count = (): number => {
    const buffer = new Uint8Array(4096);
    context.host.sys.lseek(number, 0, SEEK_SET);
    const length = attempt(context, [errno.ENODEV], 'read', number, buffer, buffer.length);
    const text = length < 0 ? '' : context.host.engine.decode(buffer.subarray(0, length));
    return Number(KILLS.exec(text)?.[1] ?? 0);
  };
  let seen = count();
  const happened = () => {
    const before = seen;
    seen = Math.max(seen, count());
    return seen > before;
  };
  return { fd: number, events: POLLPRI, happened, [Symbol.dispose]: () => file[Symbol.dispose]() };
}

/** memory.rst, "OOM Control": an eventfd(2) is told to cgroup.event_control. */
function watchV1(context: Context, directory: string): OomWatch | null {
  const { host } = context;
  const path = `${directory}/memory.oom_control`;
  const there = () => openIfThere(context, AT_FDCWD, path, O_RDONLY);
  const file = there();
  if (file === null) return null;
  using control = file;
  const event = new Fd(context, host.sys.eventfd2(0, EFD_CLOEXEC | EFD_NONBLOCK));
  try {
    const words = `${event.number} ${control.number}`;
    writeValueAt(context, AT_FDCWD, `${directory}/cgroup.event_control`, words);
  } catch (thrown) {
    event[Symbol.dispose]();
    throw thrown;
  }
  const counter = new Uint8Array(8);
  const happened = () => {
    const length = attempt(context, [errno.EAGAIN], 'read', event.number, counter, 8);
    // The end of the cgroup is signalled too.
    using still = length > 0 ? there() : null;
    return still !== null;
  };
  const close = () => event[Symbol.dispose]();
  return { fd: event.number, events: POLLIN, happened, [Symbol.dispose]: close };
}

/** Null where nobody counts the memory of the container. */
export function watchOom(context: Context, { mode, directories }: CgroupRecord): OomWatch | null {
  const holder = directories.find(
    ({ controllers }) => mode === 'v2' || controllers.includes('memory'),
  );
  if (holder === undefined) return null;
  return mode === 'v2' ? watchV2(context, holder.path) : watchV1(context, holder.path);
}
