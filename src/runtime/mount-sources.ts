import { during } from '../errors/error.js';
import { type Fd, owned } from '../host/fd.js';
import type { Context } from '../host/host.js';
import { openHostProc } from '../host/proc.js';
import { changeMount } from '../init/attach.js';
import type { HandedMounts } from '../init/context.js';
import { idmapMount } from '../init/idmap.js';
import { cloneSource } from '../init/mounts.js';
import { MS_PRIVATE, MS_UNBINDABLE } from '../linux/constants.js';
import type { IdmapPlan, MountPlan, Plan } from '../plan/plan.js';
import { joinedUserNamespace, makeUserNamespace } from './user-namespace.js';

/**
 * What only the parent may open for the container's mounts: sources of bind mounts that a child in
 * a user namespace cannot reach or has no power over, and user namespaces with the ids of ID-mapped
 * mounts. Open until the child is born with them.
 */
export class MountSources implements Disposable {
  readonly #context: Context;
  readonly #plan: Plan;
  readonly #open: Fd[] = [];
  readonly #namespaces = new Map<string, Fd>();
  readonly #numbers = {
    trees: {} as Record<number, number>,
    userNamespaces: {} as Record<number, number>,
  };
  #proc: Fd | null = null;

  constructor(context: Context, plan: Plan) {
    this.#context = context;
    this.#plan = plan;
    try {
      plan.mounts.forEach((mount, index) => {
        if (mount.handed || mount.idmap)
          during(`prepare mount ${mount.destination}`, () => this.#prepare(mount, index), mount.at);
      });
    } catch (thrown) {
      this[Symbol.dispose]();
      throw thrown;
    }
  }

  /** The descriptors as the child knows them. */
  get numbers(): HandedMounts {
    return this.#numbers;
  }

  #keep(fd: Fd): Fd {
    this.#open.push(fd);
    return fd;
  }

  #prepare(mount: MountPlan, index: number): void {
    const users = mount.idmap ? this.#userNamespace(mount.idmap) : null;
    if (mount.handed) this.#numbers.trees[index] = this.#keep(this.#tree(mount, users)).number;
    else if (users !== null) this.#numbers.userNamespaces[index] = users.number;
  }

  /** One for all mounts with the same ids. */
  #userNamespace({ path, uids, gids }: IdmapPlan): Fd {
    const key = `${path}\n${uids}\n${gids}`;
    const known = this.#namespaces.get(key);
    if (known !== undefined) return known;
    const context = this.#context;
    this.#proc ??= this.#keep(openHostProc(context));
    const made =
      path === ''
        ? makeUserNamespace(context, this.#proc, uids, gids)
        : joinedUserNamespace(context, path);
    this.#namespaces.set(key, this.#keep(made));
    return made;
  }

  #tree(mount: MountPlan, users: Fd | null): Fd {
    const context = this.#context;
    return owned(cloneSource(context, mount), ({ number }) => {
      // As the child does with all that it sees, before it clones: the host's peers are left.
      const { type } = this.#plan.root.propagation;
      const propagation = type === MS_UNBINDABLE ? MS_PRIVATE : type;
      changeMount(context, number, { propagation, recursive: true });
      if (users !== null) idmapMount(context, mount, number, users.number);
    });
  }

  [Symbol.dispose](): void {
    for (const fd of this.#open) fd[Symbol.dispose]();
  }
}
