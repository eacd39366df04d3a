import type { Fd } from '../host/fd.js';
import type { Context } from '../host/host.js';
import { modesOf, ownSize, plainNewlines, rawModes, setModes, setSize } from '../host/terminal.js';
import { TCSETS } from '../linux/constants.js';
import { Relay } from './relay.js';

const STDIN = 0;

/** The terminal of a container's process, as this program's user sees it. */
export class UserTerminal implements Disposable {
  readonly relay: Relay;
  readonly #context: Context;
  readonly #master: Fd;
  /** How our own terminal was, when its keys go to the container. */
  readonly #before: Uint8Array | null;

  constructor(context: Context, master: Fd) {
    this.#context = context;
    this.#master = master;
    this.relay = new Relay(context, master);
    const modes = modesOf(context, master.number);
    if (modes !== null) setModes(context, master.number, plainNewlines(modes));
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

  [Symbol.dispose](): void {
    const { raw } = this.#context.host;
    if (this.#before !== null) raw.ioctl(STDIN, TCSETS, this.#before);
    this.#master[Symbol.dispose]();
  }
}
