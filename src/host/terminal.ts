import {
  AT_FDCWD,
  BRKINT,
  CS8,
  CSIZE,
  ECHO,
  ECHONL,
  ICANON,
  ICRNL,
  IEXTEN,
  IGNBRK,
  IGNCR,
  INLCR,
  ISIG,
  ISTRIP,
  IXON,
  O_CLOEXEC,
  O_NOCTTY,
  O_RDONLY,
  O_RDWR,
  ONLCR,
  PARENB,
  PARMRK,
  TCGETS,
  TCSETS,
  TIOCGPTN,
  TIOCGPTPEER,
  TIOCGWINSZ,
  TIOCSWINSZ,
  VEOF,
  VMIN,
  VTIME,
} from '../linux/constants.js';
import { Fd } from './fd.js';
import type { Context } from './host.js';
import { openHow } from './io.js';

/** struct termios of the kernel: four words of flags, a line discipline, control characters. */
const SIZE = 36;
const CHARACTERS = 17;

const OPENING = O_RDWR | O_NOCTTY | O_CLOEXEC;

const [INPUT, OUTPUT, CONTROL, LOCAL] = [0, 1, 2, 3] as const;

/** How a terminal behaves; null for what is no terminal. */
export function modesOf(context: Context, fd: number): Uint8Array | null {
  // A kernel that knows more characters must find room.
  const modes = new Uint8Array(64);
  return context.host.raw.ioctl(fd, TCGETS, modes) < 0 ? null : modes;
}

export function setModes(context: Context, fd: number, modes: Uint8Array): void {
  context.host.sys.ioctl(fd, TCSETS, modes);
}

function changed(modes: Uint8Array, change: (flags: Uint32Array, chars: Uint8Array) => void) {
  const copy = modes.slice();
  change(new Uint32Array(copy.buffer, 0, 4), copy.subarray(CHARACTERS, SIZE));
  return copy;
}

const cooked = IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON;

/** cfmakeraw(3), but that output is still processed: what comes has plain ends of lines. */
export const rawModes = (modes: Uint8Array): Uint8Array =>
  changed(modes, (flags, chars) => {
    flags[INPUT]! &= ~cooked;
    flags[CONTROL] = (flags[CONTROL]! & ~(CSIZE | PARENB)) | CS8;
    flags[LOCAL]! &= ~(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
    chars[VMIN] = 1;
    chars[VTIME] = 0;
  });

/** Our own terminal, or a file, ends lines as it does. */
export const plainNewlines = (modes: Uint8Array): Uint8Array =>
  changed(modes, (flags) => {
    flags[OUTPUT]! &= ~ONLCR;
  });

/** What is typed to say that there is no more. */
export const endCharacter = (modes: Uint8Array): number => modes[CHARACTERS + VEOF]!;

/** struct winsize, as ioctl_tty(2) has it; null for what is no terminal, or does not know. */
export function sizeOf(context: Context, fd: number): Uint8Array | null {
  const size = new Uint8Array(8);
  if (context.host.raw.ioctl(fd, TIOCGWINSZ, size) < 0) return null;
  return size.some((byte) => byte !== 0) ? size : null;
}

export function setSize(context: Context, fd: number, size: Uint8Array): void {
  context.host.sys.ioctl(fd, TIOCSWINSZ, size);
}

/** The size of this program's terminal, as its first stream or its session knows it. */
export function ownSize(context: Context): Uint8Array | null {
  for (const fd of [2, 1, 0]) {
    const size = sizeOf(context, fd);
    if (size !== null) return size;
  }
  const how = openHow(O_RDONLY | O_NOCTTY | O_CLOEXEC, 0, 0);
  const opened = context.host.raw.openat2(AT_FDCWD, '/dev/tty', how, 24);
  if (opened < 0) return null;
  using tty = new Fd(context, opened);
  return sizeOf(context, tty.number);
}

export const sizeBytes = (rows: number, columns: number): Uint8Array =>
  new Uint8Array(new Uint16Array([rows, columns, 0, 0]).buffer);

/** As whoever is in the container knows it. */
export function terminalName(context: Context, master: Fd): string {
  const number = new Uint32Array(1);
  context.host.sys.ioctl(master.number, TIOCGPTN, new Uint8Array(number.buffer));
  return `/dev/pts/${number[0]}`;
}

/** ioctl_tty(2), TIOCGPTPEER: by no path, which may lead elsewhere (CVE-2025-52565). */
export const openPeer = (context: Context, master: Fd): Fd =>
  new Fd(context, context.host.sys.ioctlValue(master.number, TIOCGPTPEER, OPENING));
