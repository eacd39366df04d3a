import {
  ECHO,
  ICANON,
  ONLCR,
  POLLIN,
  POLLOUT,
  TCGETS,
  TCSETS,
  TIOCGPTN,
  TIOCGWINSZ,
  TIOCSWINSZ,
  VEOF,
} from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import type { Natives } from '../linux/natives.js';

/** What a read answers: bytes, or an errno; 0 is the end. */
export type Step = string | number;

/** One end of something that bytes pass. */
export interface FakeEnd {
  /** What reads answer, one after another. Then there is nothing to read for now. */
  readonly reads: Step[];
  /** What writes answer, one after another: an errno (negative) or how much is taken. Then all is. */
  readonly writes: number[];
  /** Whether nobody makes room for more. */
  stuck: boolean;
  /** What has been written to it. */
  written: string;
  /** How it behaves, for a terminal. */
  modes: Uint8Array | null;
  /** Rows and columns. */
  size: readonly [number, number] | null;
  /** Every change of its modes: whether a line is waited for and shown. */
  readonly history: ('cooked' | 'raw')[];
}

const [OUTPUT, LOCAL] = [1, 3] as const;

/** struct termios of a terminal as it is at first. */
export function cookedModes(): Uint8Array {
  const modes = new Uint8Array(64);
  const flags = new Uint32Array(modes.buffer, 0, 4);
  flags[OUTPUT] = ONLCR | 1;
  flags[LOCAL] = ICANON | ECHO;
  modes[17 + VEOF] = 4;
  return modes;
}

const flagsOf = (modes: Uint8Array) => new Uint32Array(modes.slice().buffer, 0, 4);

export const makesCarriageReturns = (modes: Uint8Array): boolean =>
  (flagsOf(modes)[OUTPUT]! & ONLCR) !== 0;

export const fakeEnd = (change: Partial<FakeEnd> = {}): FakeEnd => ({
  reads: [],
  writes: [],
  stuck: false,
  written: '',
  modes: null,
  size: null,
  history: [],
  ...change,
});

export const fakeTerminal = (change: Partial<FakeEnd> = {}): FakeEnd =>
  fakeEnd({ modes: cookedModes(), size: [24, 80], ...change });

type Ends = ReadonlyMap<number, FakeEnd>;

function read(ends: Ends): Natives['read'] {
  return (fd, buffer) => {
    const step = ends.get(fd)?.reads.shift() ?? errno.EAGAIN;
    if (typeof step === 'number') return -step;
    buffer!.set(Buffer.from(step));
    return step.length;
  };
}

function write(ends: Ends): Natives['write'] {
  return (fd, data) => {
    const end = ends.get(fd)!;
    if (end.stuck) return -errno.EAGAIN;
    const taken = end.writes.shift() ?? data!.length;
    if (taken > 0) end.written += Buffer.from(data!.subarray(0, taken)).toString();
    return Math.min(taken, data!.length);
  };
}

/** Whoever waits for what never comes has a bug. */
function ppoll(ends: Ends): Natives['ppoll'] {
  return (fds) => {
    const entries = new Int32Array(fds!.buffer);
    let ready = 0;
    for (let i = 0; i < entries.length; i += 2) {
      const end = ends.get(entries[i]!);
      if (end === undefined) continue;
      const readable = end.reads.length > 0 ? POLLIN : 0;
      const events = (readable | (end.stuck ? 0 : POLLOUT)) & entries[i + 1]!;
      if (events === 0) continue;
      entries[i + 1]! |= events << 16;
      ready++;
    }
    if (ready === 0) throw new Error('waits for ever');
    return ready;
  };
}

function control(end: FakeEnd, request: number, data: Uint8Array): number {
  if (end.modes === null) return -errno.ENOTTY;
  if (request === TCGETS) data.set(end.modes);
  if (request === TCSETS) {
    end.modes = data.slice();
    end.history.push(flagsOf(data)[LOCAL]! & ICANON ? 'cooked' : 'raw');
  }
  if (request === TIOCGWINSZ) data.set(new Uint8Array(new Uint16Array(end.size ?? []).buffer));
  if (request === TIOCSWINSZ) {
    const [rows = 0, columns = 0] = new Uint16Array(data.slice().buffer);
    end.size = [rows, columns];
  }
  if (request === TIOCGPTN) data[0] = 7;
  return 0;
}

/** Natives of a program with these descriptors, which are open for it otherwise. */
export const terminalNatives = (ends: Ends): Partial<Natives> => ({
  read: read(ends),
  write: write(ends),
  ppoll: ppoll(ends),
  ioctl: (fd, request, data) => {
    const end = ends.get(fd);
    return end === undefined ? -errno.ENOTTY : control(end, Number(request), data!);
  },
});
