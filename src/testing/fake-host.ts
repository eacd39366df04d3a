import { decode, encode } from '../engine/node/text.js';
import type { Engine } from '../host/engine.js';
import { type Context, checkNatives, createHost } from '../host/host.js';
import { errno } from '../linux/errno.js';
import { type NativeName, type Natives, natives } from '../linux/natives.js';
import { silent } from '../log/logger.js';
import * as explain from '../spec/explain.js';
import type { FakeMount } from './fake-cgroups.js';
import { fileNatives } from './fake-files.js';
import { FakeMachine } from './fake-machine.js';
import { mountNatives } from './fake-mounts.js';
import { processNatives } from './fake-processes.js';
import { showCall } from './fake-trace.js';
import type { FakeNode } from './fake-tree.js';

export interface FakeHostSetup {
  /** Files by path, with a text or as a node. */
  readonly files?: Readonly<Record<string, string | FakeNode>>;
  readonly cgroups?: readonly FakeMount[];
  /** What the other end of a socket says. */
  readonly packets?: readonly string[];
  /** The call that fails, counted from zero without `close` and `exit`. */
  readonly failing?: { readonly call: number; readonly errno: number };
  /** Calls that this kernel does not have. */
  readonly missing?: readonly NativeName[];
  /** Answers in the place of the model's. */
  readonly natives?: Partial<Natives>;
  readonly environment?: readonly string[];
  readonly reexec?: readonly string[];
}

export interface RecordedCall {
  readonly name: NativeName;
  readonly args: readonly unknown[];
  readonly result: number;
  /** As a line of a trace. */
  readonly text: string;
}

export interface FakeHost {
  readonly context: Context;
  readonly machine: FakeMachine;
  /** Without `close` and `exit`, which cannot fail. */
  readonly calls: readonly RecordedCall[];
  /** The lines of all calls, in order. */
  trace(): string[];
  /** Names of the descriptors that are open now, besides standard input and output. */
  open(): string[];
}

type AnyNative = (...args: unknown[]) => number;

/** A host in memory that records every native call, and lets the n-th one fail. */
export function fakeHost(setup: FakeHostSetup = {}): FakeHost {
  const machine = new FakeMachine(setup.cgroups ?? []);
  for (const [path, what] of Object.entries(setup.files ?? {})) machine.tree.put(path, what);
  machine.packets.push(...(setup.packets ?? []));
  const calls: RecordedCall[] = [];
  const model = {
    ...fileNatives(machine),
    ...mountNatives(machine),
    ...processNatives(machine),
    ...setup.natives,
  };
  const perform = (name: NativeName, args: unknown[]): number => {
    if (setup.failing?.call === calls.length) return -setup.failing.errno;
    if (setup.missing?.includes(name)) return -errno.ENOSYS;
    const native = model[name] as AnyNative | undefined;
    if (native === undefined) throw new Error(`unexpected native call: ${name}`);
    return native(...args);
  };
  const recorded = (name: NativeName): AnyNative => {
    if (name === 'close' || name === 'exit') return model[name] as AnyNative;
    return (...args) => {
      const result = perform(name, args);
      calls.push({ name, args, result, text: showCall(machine, name, args, result) });
      return result;
    };
  };
  const names = Object.keys(natives) as NativeName[];
  const table = Object.fromEntries(names.map((name) => [name, recorded(name)]));
  return {
    context: { host: createHost(engineOf(table as Natives, setup)), log: silent },
    machine,
    calls,
    trace: () => calls.map(({ text }) => text),
    open: () => [...machine.table].filter(([fd]) => fd > 2).map(([, { name }]) => name),
  };
}

const engineOf = (table: Natives, setup: FakeHostSetup): Engine => ({
  name: 'node',
  natives: table,
  checked: checkNatives(table),
  argv: [],
  program: 'runts',
  environment: setup.environment ?? [],
  decode,
  encode,
  chunk: () => explain,
  reexec: setup.reexec ?? null,
});
