import { runInit } from '../init/init.js';
import { PROC_SUPER_MAGIC, S_IFCHR, S_IFREG } from '../linux/constants.js';
import type { Plan } from '../plan/plan.js';
import { type FakeHost, type FakeHostSetup, fakeHost } from './fake-host.js';
import { Exited } from './fake-processes.js';
import { directoryNode, makeNode } from './fake-tree.js';
import { base, recordV1 } from './plans.js';

export const program = makeNode({ mode: S_IFREG | 0o755 });
export const nullDevice = makeNode({ mode: S_IFCHR | 0o666, major: 1, minor: 3 });

/** A host with the root file system that plans of tests speak of. */
export const hostFiles: NonNullable<FakeHostSetup['files']> = {
  '/proc': directoryNode({ magic: PROC_SUPER_MAGIC }),
  '/proc/kcore': '',
  '/dev/null': nullDevice,
  '/bundle/rootfs/bin/sh': program,
  '/bundle/rootfs/etc/passwd': 'root:x:0:0:root:/root:/bin/sh\nuser:x:1000:100::/home/user:\n',
  '/bundle/rootfs/proc': directoryNode(),
  '/bundle/rootfs/dev': directoryNode({ mode: 0o040755 }),
  '/bundle/rootfs/sys': directoryNode(),
  ...Object.fromEntries(recordV1(base).directories.map(({ path }) => [path, directoryNode()])),
};

export interface InitRun extends FakeHost {
  /** What was told to the parent. */
  readonly said: readonly unknown[];
  readonly status: number | null;
  /** Names of what was open when the batch took over, or init gave up. */
  readonly left: readonly string[];
}

/** Runs a Plan as the child would, up to the batch that ends in execve(2). */
export function runFakeInit(plan: Plan, setup: FakeHostSetup = {}): InitRun {
  const fake = fakeHost({ ...setup, files: { ...hostFiles, ...setup.files } });
  const { machine } = fake;
  const channel = machine.open(machine.anonymous('channel'));
  const listener = machine.open(machine.anonymous('listener'));
  let status: number | null = null;
  try {
    runInit({ ...fake.context, plan, channel, listener, mountNamespace: -1 });
  } catch (thrown) {
    if (!(thrown instanceof Exited)) throw thrown;
    status = thrown.status;
  }
  const said = machine.sent.map((text) => JSON.parse(text) as unknown);
  return { ...fake, said, status, left: fake.open() };
}
