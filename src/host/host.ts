import { RuntimeError } from '../errors/error.js';
import { showArgument } from '../linux/batch.js';
import { errnoName } from '../linux/errno.js';
import { type NativeName, type NativeRow, type Natives, natives } from '../linux/natives.js';
import type { Logger } from '../log/logger.js';
import type { Engine } from './engine.js';

/** The means to act: the native functions, checked. Nothing else talks to the kernel. */
export interface Host {
  readonly engine: Engine;
  /** Each throws a RuntimeError `syscall` that holds the call, its arguments and the errno. */
  readonly sys: Natives;
  /** Each answers the negated errno on failure. */
  readonly raw: Natives;
}

/** What whatever acts is given first. */
export interface Context {
  readonly host: Host;
  readonly log: Logger;
}

export function callFailed(
  name: NativeName,
  args: readonly unknown[],
  errno: number,
): RuntimeError {
  const row: NativeRow = natives[name];
  const shown = args.map((value, i) => showArgument(row.args[i]?.[1], value));
  return new RuntimeError('syscall', '', { call: { name: row.call ?? name, args: shown, errno } });
}

type AnyNative = (...args: unknown[]) => number;

function failed(name: NativeName, args: readonly unknown[], result: number): never {
  throw callFailed(name, args, -result);
}

/** By the number of arguments: on the start path no array of them is made for nothing. */
const checkedByArity: readonly ((name: NativeName, native: AnyNative) => AnyNative)[] = [
  (name, native) => () => {
    const result = native();
    return result < 0 ? failed(name, [], result) : result;
  },
  (name, native) => (a) => {
    const result = native(a);
    return result < 0 ? failed(name, [a], result) : result;
  },
  (name, native) => (a, b) => {
    const result = native(a, b);
    return result < 0 ? failed(name, [a, b], result) : result;
  },
  (name, native) => (a, b, c) => {
    const result = native(a, b, c);
    return result < 0 ? failed(name, [a, b, c], result) : result;
  },
  (name, native) => (a, b, c, d) => {
    const result = native(a, b, c, d);
    return result < 0 ? failed(name, [a, b, c, d], result) : result;
  },
  (name, native) => (a, b, c, d, e) => {
    const result = native(a, b, c, d, e);
    return result < 0 ? failed(name, [a, b, c, d, e], result) : result;
  },
  (name, native) => (a, b, c, d, e, f) => {
    const result = native(a, b, c, d, e, f);
    return result < 0 ? failed(name, [a, b, c, d, e, f], result) : result;
  },
];

const checked = (name: NativeName, native: AnyNative): AnyNative =>
  checkedByArity[natives[name].args.length]!(name, native);

/** A call that may also fail with one of `expected`: answers its result, negative then. */
export function attempt<N extends NativeName>(
  { host }: Context,
  expected: readonly number[],
  name: N,
  ...args: Parameters<Natives[N]>
): number {
  const result = (host.raw[name] as AnyNative)(...args);
  if (result < 0 && !expected.includes(-result)) throw callFailed(name, args, -result);
  return result;
}

const traced =
  (name: NativeName, native: AnyNative, write: (line: string) => void): AnyNative =>
  (...args) => {
    const row: NativeRow = natives[name];
    const shown = args.map((value, i) => showArgument(row.args[i]?.[1], value)).join(', ');
    const result = native(...args);
    write(`${row.call ?? name}(${shown}) = ${result < 0 ? errnoName(-result) : result}`);
    return result;
  };

function mapNatives(
  from: Natives,
  change: (name: NativeName, native: AnyNative) => AnyNative,
): Natives {
  const changed: Partial<Record<NativeName, AnyNative>> = {};
  for (const name of Object.keys(natives) as NativeName[])
    changed[name] = change(name, from[name] as AnyNative);
  return changed as Natives;
}

/** Natives that throw a RuntimeError when they fail. */
export const checkNatives = (raw: Natives): Natives => mapNatives(raw, checked);

export const createHost = (engine: Engine): Host => ({
  engine,
  raw: engine.natives,
  sys: engine.checked,
});

/** A host that tells of each native call, strace-style, before its result is looked at. */
export function tracedHost(engine: Engine, write: (line: string) => void): Host {
  const raw = mapNatives(engine.natives, (name, native) =>
    name === 'write' ? native : traced(name, native, write),
  );
  return { engine, raw, sys: checkNatives(raw) };
}
