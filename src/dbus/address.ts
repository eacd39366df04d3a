import { RuntimeError } from '../errors/error.js';
import type { TextCodec } from './values.js';

/** How a bus is reached. */
export interface BusAddress {
  /** As in DBUS_SYSTEM_BUS_ADDRESS. */
  readonly address: string;
  /** At the other end is no bus, but a program that is talked to directly. */
  readonly peer?: true;
}

/** A socket at which a bus may listen. */
export interface BusSocket {
  readonly kind: 'path' | 'abstract';
  readonly name: string;
}

/** "Server Addresses": each byte that is not harmless is written as `%` and two digits. */
function unescaped(value: string, codec: TextCodec): string {
  const bytes: number[] = [];
  const text = codec.encode(value);
  for (let i = 0; i < text.length; i++) {
    const digits = /^%([0-9A-Fa-f]{2})$/.exec(String.fromCharCode(...text.subarray(i, i + 3)));
    if (digits !== null) i += 2;
    bytes.push(digits === null ? text[i]! : Number.parseInt(digits[1]!, 16));
  }
  return codec.decode(Uint8Array.from(bytes));
}

function socketOf(address: string, codec: TextCodec): BusSocket | null {
  if (!address.startsWith('unix:')) return null;
  const pairs = address.slice('unix:'.length).split(',');
  for (const kind of ['path', 'abstract'] as const) {
    const found = pairs.find((pair) => pair.startsWith(`${kind}=`));
    if (found !== undefined) return { kind, name: unescaped(found.slice(kind.length + 1), codec) };
  }
  return null;
}

/** The sockets of a list of addresses, in the order in which they are to be tried. */
export function parseAddresses(text: string, codec: TextCodec): BusSocket[] {
  const sockets = text.split(';').flatMap((address) => socketOf(address.trim(), codec) ?? []);
  if (sockets.length > 0) return sockets;
  throw new RuntimeError('host', `the D-Bus address ${JSON.stringify(text)} names no unix socket`, {
    hint: 'addresses look like unix:path=/run/dbus/system_bus_socket',
  });
}
