import { NLA_F_NESTED, NLA_F_NET_BYTEORDER } from './constants.js';

/** netlink(7): one message, whose body depends on its type. */
export interface NetlinkMessage {
  readonly type: number;
  /** NLM_F_… */
  readonly flags: number;
  readonly sequence: number;
  readonly body: Uint8Array;
}

/** rtnetlink(7): a value with its number. */
export interface Attribute {
  readonly type: number;
  readonly value: Uint8Array;
}

/** struct nlmsghdr and struct rtattr. */
const HEADER = 16;
const ATTRIBUTE = 4;

/** Messages and attributes begin at multiples of four. */
const aligned = (length: number): number => (length + 3) & ~3;

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

export function encodeMessage({ type, flags, sequence, body }: NetlinkMessage): Uint8Array {
  const bytes = new Uint8Array(HEADER + body.length);
  const view = viewOf(bytes);
  view.setUint32(0, bytes.length, true);
  view.setUint16(4, type, true);
  view.setUint16(6, flags, true);
  view.setUint32(8, sequence, true);
  bytes.set(body, HEADER);
  return bytes;
}

/** What one read of the socket has brought; null when that is no list of messages. */
export function decodeMessages(bytes: Uint8Array): readonly NetlinkMessage[] | null {
  const view = viewOf(bytes);
  const messages: NetlinkMessage[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (bytes.length - at < HEADER) return null;
    const length = view.getUint32(at, true);
    if (length < HEADER || length > bytes.length - at) return null;
    messages.push({
      type: view.getUint16(at + 4, true),
      flags: view.getUint16(at + 6, true),
      sequence: view.getUint32(at + 8, true),
      body: bytes.slice(at + HEADER, at + length),
    });
    at += aligned(length);
  }
  return messages;
}

/** The fixed part of a body, then its attributes. */
export function encodeBody(fixed: Uint8Array, attributes: readonly Attribute[]): Uint8Array {
  const lengths = attributes.map(({ value }) => aligned(ATTRIBUTE + value.length));
  const start = aligned(fixed.length);
  const bytes = new Uint8Array(lengths.reduce((sum, length) => sum + length, start));
  const view = viewOf(bytes);
  bytes.set(fixed);
  let at = start;
  attributes.forEach(({ type, value }, i) => {
    view.setUint16(at, ATTRIBUTE + value.length, true);
    view.setUint16(at + 2, type, true);
    bytes.set(value, at + ATTRIBUTE);
    at += lengths[i]!;
  });
  return bytes;
}

/** The attributes behind a fixed part of `start` bytes; null when they are malformed. */
export function decodeAttributes(body: Uint8Array, start: number): readonly Attribute[] | null {
  const view = viewOf(body);
  const attributes: Attribute[] = [];
  for (let at = aligned(start); at < body.length; ) {
    if (body.length - at < ATTRIBUTE) return null;
    const length = view.getUint16(at, true);
    if (length < ATTRIBUTE || length > body.length - at) return null;
    const type = view.getUint16(at + 2, true) & ~(NLA_F_NESTED | NLA_F_NET_BYTEORDER);
    attributes.push({ type, value: body.slice(at + ATTRIBUTE, at + length) });
    at += aligned(length);
  }
  return attributes;
}

/** A 32-bit value, as most numbers in attributes are. */
export const word = (value: number): Uint8Array => new Uint8Array(new Uint32Array([value]).buffer);
