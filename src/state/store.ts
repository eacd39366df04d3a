import { alreadyExists } from '../errors/catalog.js';
import { during } from '../errors/error.js';
import { type Fd, owned } from '../host/fd.js';
import { attempt, type Context } from '../host/host.js';
import {
  folderNames,
  listDirectory,
  openAt,
  openIfThere,
  removeDirectory,
  stageFile,
  writeAtomically,
} from '../host/io.js';
import { stat } from '../host/stat.js';
import {
  AT_FDCWD,
  AT_REMOVEDIR,
  DT_DIR,
  LOCK_EX,
  LOCK_NB,
  O_DIRECTORY,
  O_NOFOLLOW,
  O_PATH,
  O_RDONLY,
} from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import { parentOf } from '../plan/path.js';
import { encodeRecord } from './encoding.js';
import { CACHE } from './names.js';
import { readRecord, STATE } from './peek.js';
import type { ContainerRecord } from './record.js';

export const START_SOCKET = 'start.sock';

/** The state root and what is above it are made as needed: 0700, as only its owner may look in. */
function makeRoot(context: Context, path: string): void {
  const expected = [errno.ENOENT, errno.EEXIST];
  const made = attempt(context, expected, 'mkdirat', AT_FDCWD, path, 0o700);
  if (made !== -errno.ENOENT) return;
  makeRoot(context, parentOf(path));
  // Another `create` may have been faster.
  attempt(context, [errno.EEXIST], 'mkdirat', AT_FDCWD, path, 0o700);
}

function openRoot(context: Context, root: string): Fd {
  const there = openIfThere(context, AT_FDCWD, root, O_RDONLY | O_DIRECTORY);
  if (there !== null) return there;
  return during(`state root ${root}`, () => {
    makeRoot(context, root);
    return openAt(context, AT_FDCWD, root, O_RDONLY | O_DIRECTORY);
  });
}

/** One container's directory in the state root, locked for as long as this object lives. */
export class Store implements Disposable {
  readonly #context: Context;
  readonly #root: Fd;
  readonly #directory: Fd;
  readonly id: string;

  constructor(context: Context, root: Fd, directory: Fd, id: string) {
    this.#context = context;
    this.#root = root;
    this.#directory = directory;
    this.id = id;
  }

  /** Descriptor of the directory: base of the start socket's path, holder of the lock. */
  get directory(): number {
    return this.#directory.number;
  }

  read(): ContainerRecord | null {
    return readRecord(this.#context, this.directory, STATE, this.id);
  }

  /** The record, unless `create` has not finished it. */
  readCreated(): ContainerRecord | null {
    const record = this.read();
    return record?.phase === 'created' ? record : null;
  }

  write(record: ContainerRecord): void {
    this.prepare(record)();
  }

  /** Does all of a write but its last step, which is the function that is answered. */
  prepare(record: ContainerRecord): () => void {
    const bytes = this.#context.host.engine.encode(encodeRecord(record));
    return stageFile(this.#context, this.directory, STATE, bytes, 0o600);
  }

  /** Another file beside state.json, whole or not at all. */
  keep(name: string, text: string): void {
    const bytes = this.#context.host.engine.encode(text);
    writeAtomically(this.#context, this.directory, name, bytes, 0o600);
  }

  /** Removes the directory with all that is in it: files, and at most a directory of files. */
  remove(): void {
    for (const { name, type } of listDirectory(this.#context, this.directory))
      if (type === DT_DIR) this.#removeFolder(name);
      else this.#context.host.sys.unlinkat(this.directory, name, 0);
    const gone = [errno.ENOENT];
    attempt(this.#context, gone, 'unlinkat', this.#root.number, this.id, AT_REMOVEDIR);
  }

  #removeFolder(name: string): void {
    const { sys } = this.#context.host;
    const flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;
    using folder = openAt(this.#context, this.directory, name, flags);
    for (const each of listDirectory(this.#context, folder.number))
      sys.unlinkat(folder.number, each.name, 0);
    sys.unlinkat(this.directory, name, AT_REMOVEDIR);
  }

  [Symbol.dispose](): void {
    this.#directory[Symbol.dispose]();
    this.#root[Symbol.dispose]();
  }
}

/** Makes the directory of a new container; its existence is what takes the id. */
export function createStore(context: Context, root: string, id: string): Store {
  const rootFd = openRoot(context, root);
  try {
    return new Store(context, rootFd, makeLocked(context, rootFd, id), id);
  } catch (thrown) {
    rootFd[Symbol.dispose]();
    throw thrown;
  }
}

function makeLocked(context: Context, root: Fd, id: string): Fd {
  const made = attempt(context, [errno.EEXIST], 'mkdirat', root.number, id, 0o711);
  if (made < 0) throw alreadyExists(id);
  try {
    // Until it is locked, a `delete` may take the directory for a leftover and remove it.
    return lockEmpty(context, root, id) ?? makeLocked(context, root, id);
  } catch (thrown) {
    removeDirectory(context, root.number, id);
    throw thrown;
  }
}

function lockEmpty(context: Context, root: Fd, id: string): Fd | null {
  const directory = lockIfThere(context, root, id, wait);
  if (directory === null) return null;
  return owned(directory, ({ number }) => {
    using file = openIfThere(context, number, STATE, O_PATH | O_NOFOLLOW);
    if (file !== null) throw alreadyExists(id);
  });
}

/** What is done before a lock that somebody holds is waited for. */
type WhenBusy = () => void;

const wait: WhenBusy = () => {};

function lock(context: Context, directory: Fd, whenBusy: WhenBusy): void {
  const { raw, sys } = context.host;
  if (raw.flock(directory.number, LOCK_EX | LOCK_NB) === 0) return;
  whenBusy();
  sys.flock(directory.number, LOCK_EX);
}

/** Whoever held the lock before us may have removed the directory: then we look again. */
function lockIfThere(context: Context, root: Fd, id: string, whenBusy: WhenBusy): Fd | null {
  const directory = openIfThere(context, root.number, id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (directory === null) return null;
  try {
    lock(context, directory, whenBusy);
    if (stat(context, directory.number).links > 0) return directory;
  } catch (thrown) {
    directory[Symbol.dispose]();
    throw thrown;
  }
  directory[Symbol.dispose]();
  return lockIfThere(context, root, id, whenBusy);
}

/** The locked directory of a container, or null when there is none. */
export function openStore(
  context: Context,
  root: string,
  id: string,
  whenBusy: WhenBusy = wait,
): Store | null {
  const rootFd = openIfThere(context, AT_FDCWD, root, O_RDONLY | O_DIRECTORY);
  if (rootFd === null) return null;
  try {
    const directory = lockIfThere(context, rootFd, id, whenBusy);
    if (directory !== null) return new Store(context, rootFd, directory, id);
  } catch (thrown) {
    rootFd[Symbol.dispose]();
    throw thrown;
  }
  rootFd[Symbol.dispose]();
  return null;
}

/** Ids in an open state root, in no order. */
export function idsIn(context: Context, root: number): Set<string> {
  const ids = folderNames(context, root);
  ids.delete(CACHE);
  return ids;
}
