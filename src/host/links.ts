import {
  IFF_UP,
  IFLA_NET_NS_FD,
  IFLA_NEW_IFINDEX,
  NLM_F_CREATE,
  NLM_F_REPLACE,
  RTM_GETADDR,
  RTM_GETLINK,
  RTM_NEWADDR,
  RTM_NEWLINK,
  RTM_SETLINK,
} from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import { word } from '../linux/netlink.js';
import {
  type Address,
  addressBody,
  anyAddress,
  decodeAddress,
  decodeLink,
  type Link,
  linkBody,
  nameAttribute,
} from '../linux/rtnetlink.js';
import type { Fd } from './fd.js';
import { decoded, type Netlink } from './netlink.js';

const getLink = [RTM_GETLINK, 'RTM_GETLINK'] as const;

/** The interface of that name, or null. */
export function linkByName(netlink: Netlink, name: Uint8Array, about: string): Link | null {
  const body = linkBody(0, [nameAttribute(name)]);
  const [answer] = netlink.askIfThere({ type: getLink, body, about }, errno.ENODEV) ?? [];
  return answer === undefined ? null : decoded(decodeLink(answer.body));
}

/** The interface of that index, or null. */
export function linkByIndex(netlink: Netlink, index: number, about: string): Link | null {
  const body = linkBody(index, []);
  const [answer] = netlink.askIfThere({ type: getLink, body, about }, errno.ENODEV) ?? [];
  return answer === undefined ? null : decoded(decodeLink(answer.body));
}

/** An index that no interface has. */
export function freeIndex(netlink: Netlink, wanted: number): number {
  const links = netlink.list({ type: getLink, body: linkBody(0, []), about: '' });
  const taken = links.map(({ body }) => decoded(decodeLink(body)).index);
  return taken.includes(wanted) ? Math.max(...taken) + 1 : wanted;
}

export function addressesOf(netlink: Netlink, index: number): Address[] {
  const type = [RTM_GETADDR, 'RTM_GETADDR'] as const;
  return netlink
    .list({ type, body: anyAddress(), about: '' })
    .map(({ body }) => decoded(decodeAddress(body)))
    .filter((address) => address.index === index);
}

export interface Move {
  readonly from: number;
  readonly namespace: Fd;
  /** The index that it will have there. */
  readonly index: number;
  /** Null: it keeps its name. */
  readonly name: Uint8Array | null;
  readonly about: string;
}

/** Moves and renames in one message, so that no name of the old namespace is ever in the way. */
export function moveLink(netlink: Netlink, move: Move): void {
  const attributes = [
    { type: IFLA_NET_NS_FD, value: word(move.namespace.number) },
    ...(move.index === move.from ? [] : [{ type: IFLA_NEW_IFINDEX, value: word(move.index) }]),
    ...(move.name === null ? [] : [nameAttribute(move.name)]),
  ];
  const type = [RTM_SETLINK, 'RTM_SETLINK'] as const;
  netlink.ask({ type, body: linkBody(move.from, attributes), about: move.about });
}

/** An address that is there already will do. */
export function addAddress(netlink: Netlink, index: number, address: Address, about: string): void {
  const type = [RTM_NEWADDR, 'RTM_NEWADDR'] as const;
  const flags = NLM_F_CREATE | NLM_F_REPLACE;
  netlink.ask({ type, body: addressBody(address, index), flags, about });
}

export function raiseLink(netlink: Netlink, index: number, about: string): void {
  const type = [RTM_NEWLINK, 'RTM_NEWLINK'] as const;
  netlink.ask({ type, body: linkBody(index, [], IFF_UP, IFF_UP), about });
}
