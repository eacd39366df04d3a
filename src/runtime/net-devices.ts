import { during, RuntimeError } from '../errors/error.js';
import { type Fd, owned } from '../host/fd.js';
import type { Context } from '../host/host.js';
import { openAt } from '../host/io.js';
import {
  addAddress,
  addressesOf,
  freeIndex,
  linkByIndex,
  linkByName,
  moveLink,
  raiseLink,
} from '../host/links.js';
import { namespaceKindOf } from '../host/namespace.js';
import { Netlink, netlinkIn } from '../host/netlink.js';
import { openProcDirectory } from '../host/proc.js';
import {
  AF_INET6,
  AT_FDCWD,
  IFA_F_PERMANENT,
  IFF_UP,
  O_RDONLY,
  RT_SCOPE_LINK,
  RT_SCOPE_UNIVERSE,
} from '../linux/constants.js';
import type { Address, Link } from '../linux/rtnetlink.js';
import type { NetDevicePlan } from '../plan/net-devices.js';
import { isRootless } from './cgroup-permission.js';
import type { RuntimeContext } from './context.js';
import type { Undo } from './undo.js';

/** Both ends of a move. */
interface Ends {
  readonly context: Context;
  readonly own: Fd;
  readonly theirs: Fd;
  readonly here: Netlink;
  readonly there: Netlink;
}

/** A device that may be moved, as it is before. */
interface Found {
  readonly plan: NetDevicePlan;
  readonly link: Link;
  readonly addresses: readonly Address[];
}

function openNetNamespace(context: Context, proc: Fd, pid: number): Fd {
  using directory = openProcDirectory(context, proc, `${pid}/ns`);
  return owned(openAt(context, directory.number, 'net', O_RDONLY), ({ number }) => {
    if (namespaceKindOf(context, number) !== 'network')
      throw new RuntimeError('host', `/proc/${pid}/ns/net is no network namespace`);
  });
}

/** What is kept outlives the move: `undo` needs it, and it keeps the namespace alive until then. */
function openEnds(context: Context, proc: Fd, pid: number, undo: Undo): Ends {
  const keep = <T extends Disposable>(value: T): T => undo.keep(value);
  const own = keep(openAt(context, AT_FDCWD, '/proc/self/ns/net', O_RDONLY));
  const theirs = keep(openNetNamespace(context, proc, pid));
  const here = keep(new Netlink(context));
  return { context, own, theirs, here, there: keep(netlinkIn(context, own, theirs)) };
}

/** The kernel makes a name of a template, so that it cannot be taken. */
const isTemplate = (name: string): boolean => name.includes('%');

function find({ context, here, there }: Ends, plan: NetDevicePlan): Found {
  const { encode } = context.host.engine;
  const link = linkByName(here, encode(plan.host), plan.host);
  if (link === null)
    throw new RuntimeError('host', `there is no network device ${JSON.stringify(plan.host)}`, {
      at: plan.at,
      hint: 'it must be in the network namespace that the runtime is started in',
    });
  if (!isTemplate(plan.name) && linkByName(there, encode(plan.name), plan.name) !== null)
    throw new RuntimeError(
      'host',
      `the container has a network device ${JSON.stringify(plan.name)} already`,
      { at: plan.at, hint: 'choose another name, or a template such as eth%d' },
    );
  return { plan, link, addresses: addressesOf(here, link.index) };
}

const isPermanent = ({ flags }: Address): boolean => (flags & IFA_F_PERMANENT) !== 0;

/** config-linux.md#network-devices: permanent addresses of global scope come along. */
const isKept = (address: Address): boolean =>
  isPermanent(address) && address.scope === RT_SCOPE_UNIVERSE;

/** The kernel itself makes addresses of the link for IPv6. */
const isOwn = (address: Address): boolean =>
  isPermanent(address) && !(address.family === AF_INET6 && address.scope === RT_SCOPE_LINK);

/** Back under its old name, with what it had; nothing when it never left, or is gone. */
function bringBack({ context, own, here, there }: Ends, found: Found, index: number): void {
  const { plan, link, addresses } = found;
  const name = context.host.engine.encode(plan.host);
  if (linkByIndex(there, index, plan.host) === null) return;
  const back = freeIndex(here, link.index);
  moveLink(there, { from: index, namespace: own, index: back, name, about: plan.host });
  for (const address of addresses.filter(isOwn)) addAddress(here, back, address, plan.host);
  if (link.flags & IFF_UP) raiseLink(here, back, plan.host);
}

function move(ends: Ends, found: Found, undo: Undo): void {
  const { context, theirs, here, there } = ends;
  const { plan, link, addresses } = found;
  const name = plan.name === plan.host ? null : context.host.engine.encode(plan.name);
  const index = freeIndex(there, link.index);
  undo.add(() => bringBack(ends, found, index));
  moveLink(here, { from: link.index, namespace: theirs, index, name, about: plan.host });
  for (const address of addresses.filter(isKept)) addAddress(there, index, address, plan.host);
  raiseLink(there, index, plan.host);
}

/**
 * Moves devices into the network namespace of a process. A device that a failed `create` left in a
 * namespace that ends would be destroyed by the kernel, unless it is a physical one.
 */
export function moveNetDevices(
  context: RuntimeContext,
  plans: readonly NetDevicePlan[],
  proc: Fd,
  pid: number,
  undo: Undo,
): void {
  const [first] = plans;
  if (first === undefined) return;
  if (isRootless(context))
    throw new RuntimeError('host', 'network devices can be moved by root alone', { at: first.at });
  const ends = openEnds(context, proc, pid, undo);
  const found = plans.map((plan) =>
    during(`look at network device ${plan.host}`, () => find(ends, plan), plan.at),
  );
  for (const device of found) {
    const { at, host } = device.plan;
    during(`move network device ${host}`, () => move(ends, device, undo), at);
  }
}
