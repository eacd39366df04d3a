import { asRuntimeError, RuntimeError } from '../errors/error.js';
import {
  O_CLOEXEC,
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_NOFOLLOW,
  O_PATH,
  O_WRONLY,
  RESOLVE_IN_ROOT,
  RESOLVE_NO_MAGICLINKS,
} from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import { nameOf, parentOf } from '../plan/path.js';
import type { Fd } from './fd.js';
import { attempt, type Context, callFailed } from './host.js';
import { openAt, openHow, openIfThere } from './io.js';

const inRoot = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;

/** As many as the kernel follows, path_resolution(7). */
const MOST_LINKS = 40;

/** How often an attacker may rename what we look at before we give up. */
const MOST_TRIES = 100;

/** openat2(2), EAGAIN: a rename or mount elsewhere kept the kernel from being sure of a `..`. */
function untilSure<T>(open: () => T): T {
  for (let tries = 1; ; tries++) {
    try {
      return open();
    } catch (thrown) {
      if (tries === MOST_TRIES || asRuntimeError(thrown).call?.errno !== errno.EAGAIN) throw thrown;
    }
  }
}

/**
 * Every path under a root file system. The kernel resolves it as if the root were `/`, so no
 * symbolic link and no `..` leads out (CVE-2021-30465, CVE-2023-27561, CVE-2024-45310); what is
 * found is kept as a descriptor and never named by a path again.
 */
export class Root implements Disposable {
  readonly #context: Context;
  readonly fd: Fd;

  constructor(context: Context, fd: Fd) {
    this.#context = context;
    this.fd = fd;
  }

  [Symbol.dispose](): void {
    this.fd[Symbol.dispose]();
  }

  open(path: string, flags = O_PATH): Fd {
    const how = { resolve: inRoot };
    return untilSure(() => openAt(this.#context, this.fd.number, path, flags, how));
  }

  openIfThere(path: string, flags = O_PATH): Fd | null {
    return untilSure(() => openIfThere(this.#context, this.fd.number, path, flags, inRoot));
  }

  /** The directory, made with all that is missing above it. `path` is absolute. */
  makeDirectory(path: string, links = 0): Fd {
    const there = this.openIfThere(path, O_PATH | O_DIRECTORY);
    if (there !== null) return there;
    using parent = this.makeDirectory(parentOf(path), links);
    const args = [parent.number, nameOf(path), 0o755] as const;
    const made = attempt(this.#context, [errno.EEXIST], 'mkdirat', ...args);
    const target = made < 0 ? this.#linkTarget(parent, path, links) : null;
    if (target !== null) return this.makeDirectory(target, links + 1);
    return this.open(path, O_PATH | O_DIRECTORY);
  }

  /** The file, made empty with all the directories above it if it is missing. */
  makeFile(path: string, links = 0): Fd {
    const there = this.openIfThere(path);
    if (there !== null) return there;
    using parent = this.makeDirectory(parentOf(path), links);
    const how = openHow(O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o644, 0);
    const args = [parent.number, nameOf(path), how, how.length] as const;
    const made = attempt(this.#context, [errno.EEXIST], 'openat2', ...args);
    const target = made < 0 ? this.#linkTarget(parent, path, links) : null;
    if (target !== null) return this.makeFile(target, links + 1);
    if (made >= 0) this.#context.host.raw.close(made);
    return this.open(path);
  }

  /**
   * Images bring links to what only a running system has, such as /etc/resolv.conf: what such a link
   * names is made, in the root like everything else. Null when it is no link that is there.
   */
  #linkTarget(parent: Fd, path: string, links: number): string | null {
    const buffer = new Uint8Array(4096);
    const args = [parent.number, nameOf(path), buffer, buffer.length] as const;
    const length = attempt(this.#context, [errno.EINVAL], 'readlinkat', ...args);
    if (length < 0) return null;
    if (links === MOST_LINKS) throw callFailed('readlinkat', args, errno.ELOOP);
    const text = this.#context.host.engine.decode(buffer.subarray(0, length));
    const target = text.replace(/\/+$/, '') || '/';
    // Left as it is: only the kernel knows what `..` means behind another link.
    return target.startsWith('/') ? target : `${parentOf(path)}/${target}`;
  }

  /** The directory that a new entry is made in, and the entry's name. */
  place(path: string): { parent: Fd; name: string } {
    if (path === '/') throw new RuntimeError('invalid-config', 'the root cannot be replaced');
    return { parent: this.makeDirectory(parentOf(path)), name: nameOf(path) };
  }
}
