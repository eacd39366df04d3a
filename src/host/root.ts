import { RuntimeError } from '../errors/error.js';
import {
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
import { attempt, type Context } from './host.js';
import { openAt, openIfThere } from './io.js';

const inRoot = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;

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
    return openAt(this.#context, this.fd.number, path, flags, { resolve: inRoot });
  }

  openIfThere(path: string, flags = O_PATH): Fd | null {
    return openIfThere(this.#context, this.fd.number, path, flags, inRoot);
  }

  /** The directory, made with all that is missing above it. `path` is clean and absolute. */
  makeDirectory(path: string, mode = 0o755): Fd {
    const there = this.openIfThere(path, O_PATH | O_DIRECTORY);
    if (there !== null) return there;
    using parent = this.makeDirectory(parentOf(path), mode);
    attempt(this.#context, [errno.EEXIST], 'mkdirat', parent.number, nameOf(path), mode);
    return this.open(path, O_PATH | O_DIRECTORY);
  }

  /** The file, made empty with all the directories above it if it is missing. */
  makeFile(path: string): Fd {
    const there = this.openIfThere(path);
    if (there !== null) return there;
    using parent = this.makeDirectory(parentOf(path));
    const flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;
    using _made = openAt(this.#context, parent.number, nameOf(path), flags, { mode: 0o644 });
    return this.open(path);
  }

  /** The directory that a new entry is made in, and the entry's name. */
  place(path: string): { parent: Fd; name: string } {
    if (path === '/') throw new RuntimeError('invalid-config', 'the root cannot be replaced');
    return { parent: this.makeDirectory(parentOf(path)), name: nameOf(path) };
  }
}
