import { during, RuntimeError } from '../errors/error.js';
import { Fd, owned } from '../host/fd.js';
import { attempt, type Context } from '../host/host.js';
import { openAt } from '../host/io.js';
import { namespaceKindOf } from '../host/namespace.js';
import { stat } from '../host/stat.js';
import { AT_FDCWD, NS_GET_USERNS, O_RDONLY } from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import type { NamespaceKind } from '../linux/namespaces.js';
import type { NamespacesPlan } from '../plan/plan.js';

type Join = NamespacesPlan['joins'][number];

/** A namespace to join. */
export interface Namespace {
  readonly kind: NamespaceKind;
  readonly fd: Fd;
}

/** config-linux.md#namespaces: a path of another type is an error, not something to enter. */
const openNamespace = (context: Context, join: Join): Fd =>
  owned(openAt(context, AT_FDCWD, join.path, O_RDONLY), ({ number }) => {
    if (namespaceKindOf(context, number) !== join.kind)
      throw new RuntimeError('invalid-config', `${join.path} is no ${join.kind} namespace`);
  });

/** The namespaces to join, open until init is in them. */
export class Namespaces implements Disposable {
  readonly all: Namespace[] = [];

  constructor(context: Context, { joins }: NamespacesPlan) {
    try {
      for (const join of joins)
        during(`open the ${join.kind} namespace`, () => this.#open(context, join), join.at);
    } catch (thrown) {
      this[Symbol.dispose]();
      throw thrown;
    }
  }

  #open(context: Context, join: Join): void {
    this.all.push({ kind: join.kind, fd: openNamespace(context, join) });
  }

  find(kind: NamespaceKind): Fd | undefined {
    return this.all.find((namespace) => namespace.kind === kind)?.fd;
  }

  [Symbol.dispose](): void {
    for (const { fd } of this.all) fd[Symbol.dispose]();
  }
}

/** ioctl_nsfs(2): whether a namespace belongs to that user namespace. Those of others stay untold. */
export function isOwnedBy(context: Context, namespace: Fd, user: Fd): boolean {
  const untold = [errno.EPERM];
  const found = attempt(context, untold, 'ioctl', namespace.number, NS_GET_USERNS, null);
  if (found < 0) return false;
  using owner = new Fd(context, found);
  return stat(context, owner.number).inode === stat(context, user.number).inode;
}
