import { asRuntimeError } from '../errors/error.js';
import { renderError } from '../errors/render.js';
import type { Context } from '../host/host.js';
import { writeValueAt } from '../host/io.js';
import { AT_FDCWD } from '../linux/constants.js';
import { parentOf, readRecord } from './files.js';
import { previousValue } from './previous.js';

/** A file, and what it said. */
interface Entry {
  readonly file: string;
  readonly value: string;
}

const nameOf = (file: string): string => file.slice(parentOf(file).length + 1);

/** What files of a cgroup said before they were written, so that all of it can be taken back. */
export class Journal {
  readonly #context: Context;
  readonly #entries: Entry[] = [];

  constructor(context: Context) {
    this.#context = context;
  }

  /** What is to be kept once `value` has been written; what cannot be read cannot be taken back. */
  look(file: string, value: string): readonly Entry[] {
    const text = this.#read(file);
    const previous = text === null ? null : previousValue(nameOf(file), text, value);
    return previous === null ? [] : [{ file, value: previous }];
  }

  /** The same for a file that the kernel is going to change along with another one. */
  lookAt(file: string): readonly Entry[] {
    const text = this.#read(file)?.trim() ?? '';
    return text === '' ? [] : [{ file, value: text }];
  }

  keep(entries: readonly Entry[]): void {
    this.#entries.push(...entries);
  }

  /** Last first: that way the files pass through nothing but what they have said before. */
  restore(): void {
    for (const entry of this.#entries.toReversed()) this.#write(entry);
  }

  #read(file: string): string | null {
    try {
      return readRecord(this.#context, file);
    } catch {
      return null;
    }
  }

  #write({ file, value }: Entry): void {
    try {
      writeValueAt(this.#context, AT_FDCWD, file, value);
    } catch (thrown) {
      const reason = renderError(asRuntimeError(thrown));
      this.#context.log.warn(`${file} does not say ${value} again: ${reason}`);
    }
  }
}
