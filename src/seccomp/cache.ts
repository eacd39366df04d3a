import { asRuntimeError } from '../errors/error.js';
import { renderError } from '../errors/render.js';
import type { Fd } from '../host/fd.js';
import type { Context } from '../host/host.js';
import { listDirectory, openAt, openIfThere, readAll, writeAtomically } from '../host/io.js';
import { openPrivateFolder, statPrivate } from '../host/private.js';
import { statFile } from '../host/stat.js';
import {
  AT_FDCWD,
  LOCK_EX,
  LOCK_NB,
  O_DIRECTORY,
  O_NOFOLLOW,
  O_NONBLOCK,
  O_RDONLY,
} from '../linux/constants.js';
import { CACHE } from '../state/names.js';
import { type Compiled, type Digest, hex, LARGEST_ENTRY, readEntry, writeEntry } from './entry.js';

const FOLDER = 'seccomp';
/** With LARGEST_ENTRY this bounds the whole. */
const MOST_ENTRIES = 32;

const digestOf =
  ({ host }: Context): Digest =>
  (bytes) => {
    const digest = new Uint8Array(32);
    host.sys.sha256(bytes, bytes.length, digest, digest.length);
    return digest;
  };

/** What filters were compiled to, in files of the state root that nobody else can have written. */
export class FilterCache {
  readonly #context: Context;
  readonly #root: string;
  readonly #key: Uint8Array;
  readonly #name: string;
  readonly #digest: Digest;

  constructor(context: Context, root: string, key: string) {
    this.#context = context;
    this.#root = root;
    this.#digest = digestOf(context);
    this.#key = this.#digest(context.host.engine.encode(key));
    this.#name = hex(this.#key);
  }

  /** Null when there is none, or none that can be trusted. */
  read(): Compiled | null {
    return this.#attempt('read', () => {
      const path = `${this.#root}/${CACHE}/${FOLDER}/${this.#name}`;
      const flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK;
      using file = openIfThere(this.#context, AT_FDCWD, path, flags);
      return file === null ? null : this.#readFrom(file);
    });
  }

  #readFrom({ number }: Fd): Compiled | null {
    const { engine } = this.#context.host;
    const own = statPrivate(this.#context, number);
    const entry =
      own !== null && own.size <= LARGEST_ENTRY
        ? readEntry(readAll(this.#context, number), this.#key, this.#digest)
        : null;
    if (entry !== null) return { ...entry, remarks: engine.decode(entry.remarks) };
    this.#context.log.debug(`seccomp: cached filter ${this.#name} is not as it was written`);
    return null;
  }

  /** The state root must be there. Whoever comes while another one writes goes without. */
  write({ program, remarks }: Compiled): void {
    this.#attempt('write', () => {
      const encoded = this.#context.host.engine.encode(remarks);
      const bytes = writeEntry({ program, remarks: encoded }, this.#key, this.#digest);
      if (bytes.length > LARGEST_ENTRY) return null;
      using folder = this.#openFolder();
      if (this.#context.host.raw.flock(folder.number, LOCK_EX | LOCK_NB) < 0) return null;
      writeAtomically(this.#context, folder.number, this.#name, bytes, 0o600);
      this.#removeOldest(folder);
      return null;
    });
  }

  #openFolder(): Fd {
    using root = openAt(this.#context, AT_FDCWD, this.#root, O_RDONLY | O_DIRECTORY);
    using _cache = this.#makeFolder(root, CACHE);
    return this.#makeFolder(root, `${CACHE}/${FOLDER}`);
  }

  #makeFolder(root: Fd, path: string): Fd {
    return openPrivateFolder(this.#context, root, path, `${this.#root}/${path}`);
  }

  #removeOldest(folder: Fd): void {
    const names = listDirectory(this.#context, folder.number).map(({ name }) => name);
    if (names.length <= MOST_ENTRIES) return;
    const ages = names.map((name) => ({
      name,
      modified: statFile(this.#context, folder.number, name).modified,
    }));
    const oldest = ages.sort((a, b) => a.modified - b.modified).slice(0, -MOST_ENTRIES);
    for (const { name } of oldest) this.#context.host.sys.unlinkat(folder.number, name, 0);
  }

  /** A container does not depend on the cache. */
  #attempt<T>(what: string, act: () => T | null): T | null {
    try {
      return act();
    } catch (thrown) {
      const error = asRuntimeError(thrown);
      if (error.code === 'bug') throw thrown;
      this.#context.log.debug(`seccomp: cannot ${what} the cache: ${renderError(error)}`);
      return null;
    }
  }
}
