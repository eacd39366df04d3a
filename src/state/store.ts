import { alreadyExists, deletedWhileCreated } from '../errors/catalog.js';
import { asRuntimeError, during } from '../errors/error.js';
import { type Fd, owned } from '../host/fd.js';
import { attempt, type Context } from '../host/host.js';
import {
  folderNames,
  listDirectory,
  openAt,
  openIfThere,
  removeDirectory,
  stagedName,
  stageFile,
  writeAtomically,
} from '../host/io.js';
import { identify } from '../host/stat.js';
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

/** A directory that is locked for as long as it is open. */
interface Locked {
  readonly fd: Fd;
  /** Of the directory: one that is made after it in the same place has another. */
  readonly identity: string;
}

/** One container's directory in the state root, locked for as long as this object lives. */
export class Store implements Disposable {
  readonly #context: Context;
  readonly #root: Fd;
  readonly #directory: Fd;
  readonly id: string;
  /** By which the directory is known when it has been let go of: see `reopenStore`. */
  readonly identity: string;

  constructor(context: Context, root: Fd, { fd, identity }: Locked, id: string) {
    this.#context = context;
    this.#root = root;
    this.#directory = fd;
    this.id = id;
    this.identity = identity;
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

  #stage(record: ContainerRecord): () => void {
    const bytes = this.#context.host.engine.encode(encodeRecord(record));
    return stageFile(this.#context, this.directory, STATE, bytes, 0o600);
  }

  write(record: ContainerRecord): void {
    this.#stage(record)();
  }

  /** Does all of a write but its last step, which is the function that is answered: see `withdraw`. */
  prepare(record: ContainerRecord): () => void {
    const commit = this.#stage(record);
    return () => {
      try {
        commit();
      } catch (thrown) {
        const { call } = asRuntimeError(thrown);
        throw call?.errno === errno.ENOENT ? deletedWhileCreated(this.id) : thrown;
      }
    };
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

function makeLocked(context: Context, root: Fd, id: string): Locked {
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

function lockEmpty(context: Context, root: Fd, id: string): Locked | null {
  const locked = lockIfThere(context, root, id, wait);
  if (locked === null) return null;
  owned(locked.fd, ({ number }) => {
    using file = openIfThere(context, number, STATE, O_PATH | O_NOFOLLOW);
    if (file !== null) throw alreadyExists(id);
  });
  return locked;
}

/**
 * Asked before a lock that somebody holds is waited for, with the open directory: whether it is worth
 * it. It never is for whom the holder waits.
 */
export type WhenBusy = (directory: number) => boolean;

const wait: WhenBusy = () => true;

function lock(context: Context, { number }: Fd, whenBusy: WhenBusy): boolean {
  const { raw, sys } = context.host;
  if (raw.flock(number, LOCK_EX | LOCK_NB) === 0) return true;
  if (!whenBusy(number)) return false;
  sys.flock(number, LOCK_EX);
  return true;
}

/** Whoever held the lock before us may have removed the directory: then we look again. */
function lockIfThere(context: Context, root: Fd, id: string, whenBusy: WhenBusy): Locked | null {
  const fd = openIfThere(context, root.number, id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (fd === null) return null;
  let gone = false;
  try {
    if (lock(context, fd, whenBusy)) {
      const { identity, links } = identify(context, fd.number);
      if (links > 0) return { fd, identity };
      gone = true;
    }
  } catch (thrown) {
    fd[Symbol.dispose]();
    throw thrown;
  }
  fd[Symbol.dispose]();
  return gone ? lockIfThere(context, root, id, whenBusy) : null;
}

/** The locked directory of a container, or null when there is none, or none to wait for. */
export function openStore(
  context: Context,
  root: string,
  id: string,
  whenBusy: WhenBusy = wait,
): Store | null {
  const rootFd = openIfThere(context, AT_FDCWD, root, O_RDONLY | O_DIRECTORY);
  if (rootFd === null) return null;
  try {
    const locked = lockIfThere(context, rootFd, id, whenBusy);
    if (locked !== null) return new Store(context, rootFd, locked, id);
  } catch (thrown) {
    rootFd[Symbol.dispose]();
    throw thrown;
  }
  rootFd[Symbol.dispose]();
  return null;
}

/** The same of one that `create` has finished: what it has not is not waited for. */
export const openCreated = (context: Context, root: string, id: string): Store | null =>
  openStore(
    context,
    root,
    id,
    (directory) => readRecord(context, directory, STATE, id)?.phase === 'created',
  );

/** A directory that was let go of; null when it is gone, also if another has its name now. */
export function reopenStore(
  context: Context,
  root: string,
  id: string,
  identity: string,
): Store | null {
  const isSame: WhenBusy = (directory) => identify(context, directory).identity === identity;
  const store = openStore(context, root, id, isSame);
  if (store === null || store.identity === identity) return store;
  store[Symbol.dispose]();
  return null;
}

/** Keeps the `create` that holds the lock from coming to its end: there is nothing to commit any more. */
export function withdraw(context: Context, directory: number): void {
  attempt(context, [errno.ENOENT], 'unlinkat', directory, stagedName(STATE), 0);
}

/** Ids in an open state root, in no order. */
export function idsIn(context: Context, root: number): Set<string> {
  const ids = folderNames(context, root);
  ids.delete(CACHE);
  return ids;
}
