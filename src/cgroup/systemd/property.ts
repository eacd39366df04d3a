import type { Variant } from '../../dbus/values.js';
import type { Int64, UInt64 } from '../../generated/spec-types.js';

/** A property of a unit: its name and its value. */
export type Property = readonly [name: string, value: Variant];

export const flag = (name: string, value: boolean): Property => [name, { signature: 'b', value }];
export const text = (name: string, value: string): Property => [name, { signature: 's', value }];
export const number = (name: string, value: bigint): Property => [name, { signature: 't', value }];

/** What systemd calls infinity: no limit. */
export const infinity = (): bigint => 2n ** 64n - 1n;

/** A limit, where anything negative is none. */
export const limit = (name: string, value: Int64 | UInt64): Property =>
  number(name, value < 0 ? infinity() : BigInt(value));
