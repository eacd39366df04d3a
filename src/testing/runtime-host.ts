import type { Spec } from '../generated/spec-types.js';
import { PROC_SUPER_MAGIC } from '../linux/constants.js';
import { namespaceKinds } from '../linux/namespaces.js';
import type { RuntimeContext } from '../runtime/context.js';
import { createContainer } from '../runtime/create.js';
import { factsV1, mountsOf } from './cgroup-hosts.js';
import { type FakeHost, type FakeHostSetup, fakeHost } from './fake-host.js';
import { directoryNode } from './fake-tree.js';
import { withProcess } from './plans.js';

/** The document that `spec` prints, as a bundle can be run without a terminal. */
export const runnable: Spec = withProcess({ terminal: false });

const facts = factsV1();

const membership = facts.hierarchies
  .map(({ controllers, own }, i) => `${i + 1}:${controllers.join(',')}:${own}\n`)
  .join('');

const hostFiles = (spec: Spec): NonNullable<FakeHostSetup['files']> => ({
  '/proc': directoryNode({ magic: PROC_SUPER_MAGIC }),
  '/proc/self/cgroup': membership,
  ...Object.fromEntries(
    Object.values(namespaceKinds).map(({ file }) => [`/proc/self/ns/${file}`, '']),
  ),
  '/run': directoryNode(),
  '/etc/passwd': 'root:x:0:0:root:/root:/bin/sh\n',
  '/bundle/config.json': JSON.stringify(spec),
  '/bundle/rootfs': directoryNode(),
});

export interface RuntimeHost extends FakeHost {
  readonly runtime: RuntimeContext;
  /** What was logged as a warning. */
  readonly warnings: readonly string[];
}

const READY = '{"type":"ready"}';

/** A v1 host with a bundle at /bundle, whose init says that it is ready. */
export function runtimeHost(setup: FakeHostSetup = {}, spec: Spec = runnable): RuntimeHost {
  const fake = fakeHost({
    packets: [READY],
    cgroups: mountsOf(facts),
    ...setup,
    files: { ...hostFiles(spec), ...setup.files },
  });
  const warnings: string[] = [];
  const log = { ...fake.context.log, warn: (text: string) => void warnings.push(text) };
  const runtime: RuntimeContext = {
    ...fake.context,
    log,
    root: '/run/runts',
    rootGiven: false,
    cgroupManager: 'cgroupfs',
    rootless: 'false',
  };
  return { ...fake, runtime, warnings };
}

export const request = { id: 'c1', bundle: '/bundle', pidFile: '/run/pid' } as const;

/** A host with a container in status `created`, whose init is process 4242. */
export function createdHost(setup: FakeHostSetup = {}, spec: Spec = runnable): RuntimeHost {
  const host = runtimeHost(setup, spec);
  createContainer(host.runtime, request);
  host.machine.packets.push(...(setup.packets ?? []));
  return host;
}
