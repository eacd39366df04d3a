import { constants } from 'node:os';

const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** That somebody wants the suite to end: the first signal says so, others change nothing. */
export class Interruption {
  readonly #controller = new AbortController();

  constructor() {
    for (const name of names) process.on(name, () => this.#controller.abort(name));
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** 128 and the number of the signal, as a shell counts; nothing if there was none. */
  get status(): number | undefined {
    const { aborted, reason } = this.signal;
    return aborted ? 128 + constants.signals[reason as NodeJS.Signals] : undefined;
  }
}
