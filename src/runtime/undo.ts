import { asRuntimeError } from '../errors/error.js';
import { renderError } from '../errors/render.js';
import type { Context } from '../host/host.js';

/** Reversals of what has been done so far, run last first unless all went well. */
export class Undo implements Disposable {
  readonly #context: Context;
  readonly #steps: (() => void)[] = [];

  constructor(context: Context) {
    this.#context = context;
  }

  add(step: () => void): void {
    this.#steps.push(step);
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
  }
}
