import { sendFd } from '../channel/channel.js';
import { during, RuntimeError } from '../errors/error.js';
import { Fd, owned } from '../host/fd.js';
import { attempt } from '../host/host.js';
import { openHow } from '../host/io.js';
import type { Root } from '../host/root.js';
import { fileSystemOf, type Stat, stat } from '../host/stat.js';
import { openPeer, setSize, sizeBytes } from '../host/terminal.js';
import {
  DEVPTS_SUPER_MAGIC,
  O_CLOEXEC,
  O_CREAT,
  O_EXCL,
  O_NOCTTY,
  O_NOFOLLOW,
  O_PATH,
  O_RDWR,
  O_WRONLY,
  RESOLVE_BENEATH,
  RESOLVE_NO_SYMLINKS,
  S_IFCHR,
  S_IFREG,
  TIOCSPTLCK,
} from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import { attach, cloneMount } from './attach.js';
import type { InitContext } from './context.js';
import { giveAway } from './process.js';

const isCharacter = ({ type, major, minor }: Stat, device: readonly [number, number]): boolean =>
  type === S_IFCHR && major === device[0] && minor === device[1];

/** Devices 5:2 elsewhere lead to whatever devpts the kernel finds beside them. */
const isMultiplexer = (context: InitContext, fd: Fd): boolean =>
  fileSystemOf(context, fd.number) === DEVPTS_SUPER_MAGIC &&
  isCharacter(stat(context, fd.number), [5, 2]);

/** Looked at before it is opened, since opening a device may do things, and again afterwards. */
function openMultiplexer(context: InitContext, root: Root): Fd {
  for (const path of ['/dev/pts/ptmx', '/dev/ptmx']) {
    using found = root.openIfThere(path);
    if (found === null || !isMultiplexer(context, found)) continue;
    return owned(root.open(path, O_RDWR | O_NOCTTY), (master) => {
      if (!isMultiplexer(context, master)) throw noDevpts();
    });
  }
  throw noDevpts();
}

const noDevpts = (): RuntimeError =>
  new RuntimeError('invalid-config', 'no devpts is mounted in the container', {
    at: '/process/terminal',
    hint: 'a terminal needs a mount of type devpts at /dev/pts',
  });

function openSlave(context: InitContext, master: Fd): Fd {
  context.host.sys.ioctl(master.number, TIOCSPTLCK, new Uint8Array(4));
  return openPeer(context, master);
}

/** What the terminal is mounted on: never what a link names (CVE-2025-52565). */
function openConsole(context: InitContext, root: Root, make: boolean): Fd | null {
  using parent = root.makeDirectory('/dev');
  if (make) {
    const how = openHow(O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600, 0);
    const made = attempt(context, [errno.EEXIST], 'openat2', parent.number, 'console', how, 24);
    if (made >= 0) context.host.raw.close(made);
  }
  const how = openHow(O_PATH | O_NOFOLLOW | O_CLOEXEC, 0, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
  const args = [parent.number, 'console', how, 24] as const;
  const found = attempt(context, [errno.ENOENT, errno.ELOOP], 'openat2', ...args);
  if (found === -errno.ENOENT) return null;
  if (found < 0) throw somethingElse();
  return owned(new Fd(context, found), ({ number }) => {
    const { type } = stat(context, number);
    if (type !== S_IFREG && type !== S_IFCHR) throw somethingElse();
  });
}

const somethingElse = (): RuntimeError =>
  new RuntimeError('invalid-config', 'something else stands at /dev/console already', {
    hint: 'remove it from the image, or mount a tmpfs at /dev',
  });

/** config-linux.md#default-devices. */
function bindConsole(context: InitContext, root: Root, slave: Fd, make: boolean): void {
  using target = openConsole(context, root, make);
  if (target === null) return;
  using mount = cloneMount(context, slave.number, '', false);
  attach(context, mount, target);
}

function prepare(context: InitContext, root: Root, master: Fd, slave: Fd): void {
  const { console, size } = context.plan.terminal!;
  if (size !== null) setSize(context, master.number, sizeBytes(size.rows, size.columns));
  giveAway(context, slave.number);
  if (console !== null)
    during('bind the terminal at /dev/console', () =>
      bindConsole(context, root, slave, console === 'made'),
    );
  sendFd(context, context.channel, { type: 'terminal' }, master);
}

/**
 * The pseudoterminal of the process, made in the container's own devpts: the parent is given the
 * master, the other end is answered. Null when none is asked for.
 */
export function makeTerminal(context: InitContext, root: Root): Fd | null {
  if (context.plan.terminal === null) return null;
  return during('make the terminal', () => {
    using master = openMultiplexer(context, root);
    return owned(openSlave(context, master), (slave) => prepare(context, root, master, slave));
  });
}
