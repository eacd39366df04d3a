import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import koffi, { type LibraryHandle } from 'koffi';
import {
  type ArgumentType,
  type NativeName,
  type NativeRow,
  type Natives,
  natives,
} from '../../linux/natives.js';
import { prototypeOf } from './prototypes.js';
import { encode } from './text.js';

/** Beside the bundle; for sources run by tsx, where the build puts it. */
function sharedObject(): string {
  const places = ['./natives.so', '../../../dist/node/natives.so'].map((place) =>
    fileURLToPath(new URL(place, import.meta.url)),
  );
  const found = places.find(existsSync);
  if (found === undefined) throw new Error(`${places.join(' or ')} is missing: run npm run build`);
  return found;
}

type Convert = (value: unknown) => unknown;

const terminated = (text: unknown) => Buffer.concat([encode(text as string), new Uint8Array(1)]);

const hasNul = (args: readonly unknown[]) =>
  args.some((value) => typeof value === 'string' && value.includes('\0'));

const conversions: Partial<Record<ArgumentType, Convert>> = {
  cstr: terminated,
  'cstr?': (value) => (value === null ? null : terminated(value)),
  u64: (value) => (typeof value === 'bigint' ? BigInt.asIntN(64, value) : value),
};

const EINVAL = 22;

function bind(lib: LibraryHandle, name: NativeName) {
  const row: NativeRow = natives[name];
  const native = lib.func(prototypeOf(name));
  const converts = row.args.map(([, type]) => conversions[type]);
  return (...args: unknown[]): number =>
    hasNul(args)
      ? -EINVAL
      : Number(native(...args.map((value, i) => converts[i]?.(value) ?? value)));
}

export interface NodeNatives {
  readonly natives: Natives;
  /** Runs a native on another thread, for what may block. */
  later(name: NativeName, ...args: readonly unknown[]): Promise<number>;
}

const bindLater =
  (lib: LibraryHandle): NodeNatives['later'] =>
  (name, ...args) =>
    new Promise((resolve, reject) => {
      const done = (error: unknown, result: number | bigint) =>
        error ? reject(error) : resolve(Number(result));
      lib.func(prototypeOf(name)).async(...args, done);
    });

/** The same C as in the static executable, from a shared object. */
export function loadNatives(): NodeNatives {
  const lib = koffi.load(sharedObject());
  const names = Object.keys(natives) as NativeName[];
  const bound = names.map((name) => [name, bind(lib, name)]);
  return { natives: Object.fromEntries(bound) as Natives, later: bindLater(lib) };
}
