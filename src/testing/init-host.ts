import { openAt } from '../host/io.js';
import { Root } from '../host/root.js';
import type { HandedMounts, InitContext } from '../init/context.js';
import { runInit } from '../init/init.js';
import {
  AT_FDCWD,
  O_DIRECTORY,
  O_PATH,
  PROC_SUPER_MAGIC,
  S_IFCHR,
  S_IFREG,
} from '../linux/constants.js';
import type { Plan } from '../plan/plan.js';
import { type FakeHost, type FakeHostSetup, fakeHost } from './fake-host.js';
import { Exited } from './fake-processes.js';
import { directoryNode, type FakeNode, makeNode } from './fake-tree.js';
import { base, planOf, recordV1 } from './plans.js';

export const program = (): FakeNode => makeNode({ mode: S_IFREG | 0o755 });
export const device = (major: number, minor: number): FakeNode =>
  makeNode({ mode: S_IFCHR | 0o666, major, minor });

/** A host with the root file system that plans of tests speak of. */
const hostFiles = (): NonNullable<FakeHostSetup['files']> => ({
  '/proc': directoryNode({ magic: PROC_SUPER_MAGIC }),
  '/proc/kcore': '',
  '/dev/null': device(1, 3),
  '/bundle/rootfs/bin/sh': program(),
  '/bundle/rootfs/etc/passwd': 'root:x:0:0:root:/root:/bin/sh\nuser:x:1000:100::/home/user:\n',
  '/bundle/rootfs/proc': directoryNode(),
  '/bundle/rootfs/dev': directoryNode(),
  '/bundle/rootfs/sys': directoryNode(),
  ...Object.fromEntries(recordV1(base).directories.map(({ path }) => [path, directoryNode()])),
});

export const nothingHanded: HandedMounts = { trees: {}, userNamespaces: {} };

const hostOf = (setup: FakeHostSetup): FakeHost =>
  fakeHost({ ...setup, files: { ...hostFiles(), ...setup.files } });

export interface InitRun extends FakeHost {
  /** What was told to the parent. */
  readonly said: readonly unknown[];
  readonly status: number | null;
}

/** Runs a Plan as the child would, up to the batch that ends in execve(2). */
export function runFakeInit(plan: Plan, setup: FakeHostSetup = {}): InitRun {
  const fake = hostOf(setup);
  const { machine } = fake;
  const channel = machine.open(machine.anonymous('channel'));
  const listener = machine.open(machine.anonymous('listener'));
  let status: number | null = null;
  try {
    runInit({
      ...fake.context,
      plan,
      channel,
      listener,
      mountNamespace: -1,
      root: -1,
      mounts: nothingHanded,
      hookOutput: {},
    });
  } catch (thrown) {
    if (!(thrown instanceof Exited)) throw thrown;
    status = thrown.status;
  }
  const said = machine.sent.map((text) => JSON.parse(text) as unknown);
  return { ...fake, said, status };
}

export interface Stage extends FakeHost {
  readonly init: InitContext;
  /** Of the container, open as init has it. */
  readonly root: Root;
  /** Lines of the calls since the stage was set. */
  lines(): string[];
}

/** What one step of init is given, with a Plan that differs from that of `spec`'s document. */
export function stage(
  change: Partial<Plan>,
  setup: FakeHostSetup = {},
  handed: Partial<HandedMounts> = {},
): Stage {
  const fake = hostOf(setup);
  const plan = { ...planOf(base), ...change };
  const init = {
    ...fake.context,
    plan,
    ...{ channel: -1, listener: -1, mountNamespace: -1 },
    root: -1,
    mounts: { ...nothingHanded, ...handed },
    hookOutput: {},
  };
  const root = new Root(init, openAt(init, AT_FDCWD, '/bundle/rootfs', O_PATH | O_DIRECTORY));
  const before = fake.calls.length;
  // Where the root is makes lines long.
  const shorter = (line: string) => line.replaceAll('/bundle/rootfs', '');
  return { ...fake, init, root, lines: () => fake.trace().slice(before).map(shorter) };
}
