import type { Context } from './host.js';

/** A descriptor that is closed when its scope ends. */
export class Fd implements Disposable {
  readonly number: number;
  readonly #context: Context;
  #open = true;

  constructor(context: Context, number: number) {
    this.#context = context;
    this.number = number;
  }

  [Symbol.dispose](): void {
    if (!this.#open) return;
    this.#open = false;
    this.#context.host.raw.close(this.number);
  }

  /** Gives the descriptor to somebody else; this object no longer closes it. */
  release(): number {
    this.#open = false;
    return this.number;
  }
}

/** A descriptor for its new owner, once `prepare` has done with it; closed when that fails. */
export function owned(fd: Fd, prepare: (fd: Fd) => void): Fd {
  try {
    prepare(fd);
    return fd;
  } catch (thrown) {
    fd[Symbol.dispose]();
    throw thrown;
  }
}
