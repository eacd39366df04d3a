import { during, RuntimeError } from '../errors/error.js';
import { type Fd, owned } from '../host/fd.js';
import { attempt } from '../host/host.js';
import type { Root } from '../host/root.js';
import { type Stat, stat, statIfThere } from '../host/stat.js';
import { AT_FDCWD, AT_SYMLINK_NOFOLLOW, S_IFBLK, S_IFCHR, S_IFMT } from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import { nameOf, parentOf } from '../plan/path.js';
import type { DevicePlan, LinkPlan } from '../plan/plan.js';
import { attach, cloneMount } from './attach.js';
import type { InitContext } from './context.js';

/** The encoding of device numbers that mknod(2) takes: makedev(3). */
export const deviceNumber = (major: number, minor: number): number =>
  ((minor & 0xff) | ((major & 0xfff) << 8) | ((minor & ~0xff) << 12)) >>> 0;

const isSpecial = (mode: number) => (mode & S_IFMT) === S_IFCHR || (mode & S_IFMT) === S_IFBLK;

const isTheSame = (found: Stat, plan: DevicePlan): boolean =>
  found.type === (plan.mode & S_IFMT) &&
  (!isSpecial(plan.mode) || (found.major === plan.major && found.minor === plan.minor));

function checkNode(found: Stat, plan: DevicePlan): void {
  if (isTheSame(found, plan)) return;
  throw new RuntimeError('invalid-config', `something else stands at ${plan.path} already`, {
    hint: 'remove it from the image, or mount a tmpfs at /dev',
  });
}

/** mknod(2) is forbidden here (a user namespace): the host's own node does as well. */
function bindNode(context: InitContext, root: Root, plan: DevicePlan): void {
  using target = root.makeFile(plan.path);
  using mount = cloneMount(context, AT_FDCWD, plan.path, false);
  attach(context, mount, target);
  checkNode(stat(context, mount.number), plan);
}

/** Nearly all nodes and links stand in one directory, which is looked up once. */
class Places implements Disposable {
  readonly #root: Root;
  #path = '';
  #parent: Fd | null = null;

  constructor(root: Root) {
    this.#root = root;
  }

  /** The directory that a new entry is made in, itself made if it is missing. */
  parentOf(path: string): Fd {
    const wanted = parentOf(path);
    if (this.#parent !== null && this.#path === wanted) return this.#parent;
    this[Symbol.dispose]();
    this.#path = wanted;
    this.#parent = this.#root.makeDirectory(wanted);
    return this.#parent;
  }

  [Symbol.dispose](): void {
    this.#parent?.[Symbol.dispose]();
    this.#parent = null;
  }
}

function makeNode(context: InitContext, root: Root, places: Places, plan: DevicePlan): void {
  const parent = places.parentOf(plan.path);
  const name = nameOf(plan.path);
  const special = isSpecial(plan.mode);
  const number = special ? deviceNumber(plan.major, plan.minor) : 0;
  const expected = special ? [errno.EEXIST, errno.EPERM] : [errno.EEXIST];
  const made = attempt(context, expected, 'mknodat', parent.number, name, plan.mode, number);
  if (made === -errno.EPERM) {
    bindNode(context, root, plan);
    return;
  }
  if (made < 0) checkNode(stat(context, parent.number, name), plan);
  if (plan.uid !== 0 || plan.gid !== 0)
    context.host.sys.fchownat(parent.number, name, plan.uid, plan.gid, AT_SYMLINK_NOFOLLOW);
}

/** An image may bring links of its own; /dev/ptmx must be ours, or the host's terminals show. */
function makeLink(context: InitContext, places: Places, link: LinkPlan): void {
  const { path, target, optional } = link;
  const { sys } = context.host;
  if (optional && statIfThere(context, AT_FDCWD, target) === null) return;
  const parent = places.parentOf(path);
  const name = nameOf(path);
  const made = attempt(context, [errno.EEXIST], 'symlinkat', target, parent.number, name);
  if (made === 0 || path !== '/dev/ptmx') return;
  sys.unlinkat(parent.number, name, 0);
  sys.symlinkat(target, parent.number, name);
}

export function makeDevices(context: InitContext, root: Root): void {
  const { nodes, links } = context.plan.devices;
  using places = new Places(root);
  for (const node of nodes)
    during(`make device ${node.path}`, () => makeNode(context, root, places, node), node.at);
  for (const link of links) during(`link ${link.path}`, () => makeLink(context, places, link));
}

/** The container's /dev/null, once it has been proven to be that (CVE-2025-31133). */
export function openNull(context: InitContext, root: Root, flags: number): Fd {
  return owned(root.open('/dev/null', flags), ({ number }) => {
    const { type, major, minor } = stat(context, number);
    if (type !== S_IFCHR || major !== 1 || minor !== 3)
      throw new RuntimeError('invalid-config', '/dev/null in the container is not the null device');
  });
}
