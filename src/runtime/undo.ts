import { asRuntimeError } from '../errors/error.js';
import { renderError } from '../errors/render.js';
import type { Context } from '../host/host.js';

/** Reversals of what has been done so far, run last first unless all went well. */
export class Undo implements Disposable {
  readonly #context: Context;
  readonly #steps: (() => void)[] = [];
  readonly #kept: Disposable[] = [];

  constructor(context: Context) {
    this.#context = context;
  }

  add(step: () => void): void {
    this.#steps.push(step);
  }

  /** Disposed of at the end, however it ends: what reversals need open. */
  keep<T extends Disposable>(needed: T): T {
    this.#kept.push(needed);
    return needed;
  }

  /** All went well: nothing is to be undone. */
  forget(): void {
    this.#steps.length = 0;
  }

  /** A reversal that fails must not keep the others from running. */
  [Symbol.dispose](): void {
    for (const step of this.#steps.reverse()) {
      try {
        step();
      } catch (thrown) {
        this.#context.log.warn(`cannot undo: ${renderError(asRuntimeError(thrown))}`);
      }
    }
    for (const needed of this.#kept.reverse()) needed[Symbol.dispose]();
  }
}
