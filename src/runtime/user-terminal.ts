import { Fd } from '../host/fd.js';
import type { Context } from '../host/host.js';
import { openHow } from '../host/io.js';
import {
  modesOf,
  openPeer,
  ownSize,
  plainNewlines,
  rawModes,
  setModes,
  setSize,
} from '../host/terminal.js';
import { AT_FDCWD, O_CLOEXEC, O_NOCTTY, O_NONBLOCK, O_WRONLY, TCSETS } from '../linux/constants.js';
import { Relay } from './relay.js';

const [STDIN, STDOUT] = [0, 1] as const;

/**
 * Our own terminal, open a second time: a write to a terminal that is not read, or stopped, would
 * keep us from everything else, and O_NONBLOCK on what we have been given would be for others too.
 */
function patientOutput(context: Context): Fd | null {
  if (modesOf(context, STDOUT) === null) return null;
  const how = openHow(O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC, 0, 0);
  const opened = context.host.raw.openat2(AT_FDCWD, '/proc/self/fd/1', how, 24);
  return opened < 0 ? null : new Fd(context, opened);
}

/** The terminal of a container's process, as this program's user sees it. */
export class UserTerminal implements Disposable {
  readonly relay: Relay;
  readonly #context: Context;
  readonly #master: Fd;
  /**
   * The terminal as the container has it. Held open, so that a process that closes it, as systemd
   * does, may open /dev/console again: no end of it is to be seen until then.
   */
  #peer: Fd | null = null;
  #output: Fd | null = null;
  /** How our own terminal was, when its keys go to the container. */
  #before: Uint8Array | null = null;

  /** Takes the master over. */
  constructor(context: Context, master: Fd) {
    this.#context = context;
    this.#master = master;
    this.relay = new Relay(context, master);
  }

  /** From now on keys go to the container. What has been done when this fails, `dispose` undoes. */
  begin(): void {
    const context = this.#context;
    this.#peer = openPeer(context, this.#master);
    this.#output = patientOutput(context);
    this.relay.begin(this.#output?.number);
    const modes = modesOf(context, this.#master.number);
    if (modes !== null) setModes(context, this.#master.number, plainNewlines(modes));
    this.resize();
    // Without keys there is nothing to be raw for, and the user can still interrupt us.
    this.#before = modesOf(context, STDIN);
    if (this.#before !== null) setModes(context, STDIN, rawModes(this.#before));
  }

  /** As large as ours, wherever that is. */
  resize(): void {
    const size = ownSize(this.#context);
    if (size !== null && this.relay.isOn) setSize(this.#context, this.#master.number, size);
  }

  /** Once this program goes on after a stop: the shell has had the terminal meanwhile. */
  resume(): void {
    const { raw } = this.#context.host;
    if (this.#before !== null) raw.ioctl(STDIN, TCSETS, rawModes(this.#before));
    this.resize();
  }

  /** Keys are for us again. */
  release(): void {
    const { raw } = this.#context.host;
    if (this.#before !== null) raw.ioctl(STDIN, TCSETS, this.#before);
    this.#before = null;
  }

  [Symbol.dispose](): void {
    this.release();
    for (const fd of [this.#master, this.#peer, this.#output]) fd?.[Symbol.dispose]();
  }
}
