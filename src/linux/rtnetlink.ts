import {
  IFA_ADDRESS,
  IFA_BROADCAST,
  IFA_F_HOMEADDRESS,
  IFA_F_MANAGETEMPADDR,
  IFA_F_MCAUTOJOIN,
  IFA_F_NODAD,
  IFA_F_NOPREFIXROUTE,
  IFA_FLAGS,
  IFA_LOCAL,
  IFA_RT_PRIORITY,
  IFLA_IFNAME,
} from './constants.js';
import { type Attribute, decodeAttributes, encodeBody, word } from './netlink.js';

/** A network interface, as far as moving it needs to know. */
export interface Link {
  readonly index: number;
  /** IFF_… */
  readonly flags: number;
  /** Bytes without the NUL. */
  readonly name: Uint8Array;
}

/** An address of an interface. */
export interface Address {
  readonly family: number;
  readonly prefix: number;
  /** RT_SCOPE_… */
  readonly scope: number;
  /** IFA_F_…, all 32 bits. */
  readonly flags: number;
  /** Of its interface. */
  readonly index: number;
  readonly attributes: readonly Attribute[];
}

/** struct ifinfomsg and struct ifaddrmsg, rtnetlink(7). */
const LINK = 16;
const ADDRESS = 8;

/** `change` says which of the `flags` count. */
export function linkBody(
  index: number,
  attributes: readonly Attribute[],
  flags = 0,
  change = 0,
): Uint8Array {
  const view = new DataView(new ArrayBuffer(LINK));
  view.setInt32(4, index, true);
  view.setUint32(8, flags, true);
  view.setUint32(12, change, true);
  return encodeBody(new Uint8Array(view.buffer), attributes);
}

/** The attribute that names an interface. */
export const nameAttribute = (name: Uint8Array): Attribute => {
  const value = new Uint8Array(name.length + 1);
  value.set(name);
  return { type: IFLA_IFNAME, value };
};

export function decodeLink(body: Uint8Array): Link | null {
  const attributes = body.length < LINK ? null : decodeAttributes(body, LINK);
  if (attributes === null) return null;
  const view = new DataView(body.buffer, body.byteOffset);
  const name = attributes.find(({ type }) => type === IFLA_IFNAME)?.value ?? new Uint8Array(0);
  const end = name.indexOf(0);
  return {
    index: view.getInt32(4, true),
    flags: view.getUint32(8, true),
    name: end < 0 ? name : name.subarray(0, end),
  };
}

/** An address for any interface: to ask for all of them. */
export const anyAddress = (): Uint8Array => new Uint8Array(ADDRESS);

/** IFA_FLAGS has 32 bits, where the field of the structure has eight. */
const flagsOf = (attributes: readonly Attribute[], low: number): number => {
  const value = attributes.find(({ type }) => type === IFA_FLAGS)?.value;
  return value?.length === 4
    ? new DataView(value.buffer, value.byteOffset).getUint32(0, true)
    : low;
};

export function decodeAddress(body: Uint8Array): Address | null {
  const attributes = body.length < ADDRESS ? null : decodeAttributes(body, ADDRESS);
  if (attributes === null) return null;
  const view = new DataView(body.buffer, body.byteOffset);
  return {
    family: body[0]!,
    prefix: body[1]!,
    flags: flagsOf(attributes, body[2]!),
    scope: body[3]!,
    index: view.getUint32(4, true),
    attributes,
  };
}

/** What somebody has set; the other flags are what the kernel tells of the address. */
const SETTABLE =
  IFA_F_NODAD | IFA_F_HOMEADDRESS | IFA_F_MANAGETEMPADDR | IFA_F_NOPREFIXROUTE | IFA_F_MCAUTOJOIN;

const portable = [IFA_ADDRESS, IFA_LOCAL, IFA_BROADCAST, IFA_RT_PRIORITY];

/** The same address for another interface: without its label, which is the old interface's name. */
export function addressBody(address: Address, index: number): Uint8Array {
  const fixed = new Uint8Array(ADDRESS);
  fixed.set([address.family, address.prefix, 0, address.scope]);
  fixed.set(word(index), 4);
  const flags = { type: IFA_FLAGS, value: word(address.flags & SETTABLE) };
  return encodeBody(fixed, [
    ...address.attributes.filter(({ type }) => portable.includes(type)),
    flags,
  ]);
}
