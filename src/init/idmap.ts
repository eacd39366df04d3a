import { asRuntimeError, RuntimeError } from '../errors/error.js';
import type { Context } from '../host/host.js';
import { openAt, readTextAt } from '../host/io.js';
import { mountIdOf } from '../host/stat.js';
import { AT_FDCWD, MOUNT_ATTR_IDMAP, O_PATH } from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import type { MountPlan } from '../plan/plan.js';
import { changeMount } from './attach.js';

/** Where a line of mountinfo has the mount's id and, behind a lone dash, its type: proc(5). */
const line = (id: number) => new RegExp(`^${id} .*? - (\\S+) `, 'm');

const unknown = 'unknown type';

/** For a message: whatever keeps it from being found out must not hide the error itself. */
function typeOf(context: Context, { kind, type, source }: MountPlan): string {
  if (kind !== 'bind') return `type ${type}`;
  try {
    using found = openAt(context, AT_FDCWD, source, O_PATH);
    const mounts = readTextAt(context, AT_FDCWD, '/proc/self/mountinfo');
    const type = line(mountIdOf(context, found.number)).exec(mounts)?.[1];
    return type === undefined ? unknown : `type ${type}`;
  } catch {
    return unknown;
  }
}

const reasons: Readonly<Record<number, readonly [message: string, hint: string]>> = {
  [errno.EINVAL]: [
    'cannot be ID-mapped',
    'this kernel cannot do it for that type of file system, or for one that is mounted below: see mount_setattr(2)',
  ],
  [errno.EPERM]: [
    'cannot be ID-mapped by this process',
    'it takes privileges over the file system, which a rootless runtime does not have, and can be done once only',
  ],
};

/** mount_setattr(2): gives a mount that nobody has seen yet the ids of a user namespace. */
export function idmapMount(
  context: Context,
  plan: MountPlan,
  mount: number,
  userNamespace: number,
): void {
  const recursive = plan.idmap?.recursive === true;
  try {
    changeMount(context, mount, { set: MOUNT_ATTR_IDMAP, userNamespace, recursive });
  } catch (thrown) {
    const { call } = asRuntimeError(thrown);
    const reason = reasons[call?.errno ?? 0];
    if (call === undefined || reason === undefined) throw thrown;
    const message = `a file system of ${typeOf(context, plan)} at ${plan.destination} ${reason[0]}`;
    throw new RuntimeError('not-supported', message, { hint: reason[1] });
  }
}
