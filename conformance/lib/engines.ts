import { fileURLToPath } from 'node:url';
import { hierarchies } from './machine.js';

/** One way to run the program under test. */
export interface Engine {
  readonly name: string;
  /** The program and what stands before its own arguments. */
  readonly command: readonly string[];
  /** A call takes milliseconds: what has to be repeated often is repeated with this one. */
  readonly quick: boolean;
  /** False for another implementation, which keeps its state in another way. */
  readonly ours: boolean;
}

const inProject = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

export const staticEngine: Engine = {
  name: 'the static executable',
  command: [inProject('dist/runts')],
  quick: true,
  ours: true,
};

const nodeEngine: Engine = {
  name: 'Node',
  command: [process.execPath, inProject('dist/node/main.js')],
  quick: false,
  ours: true,
};

/** dist/runts, made so that each of its native calls can be told to fail (native/fault.c). */
const faultProgram = inProject('build/runts-fault');

/** The same command with that program. */
export const faultCommand = ({ command }: Engine): readonly string[] =>
  command.map((word) => (word === staticEngine.command[0] ? faultProgram : word));

/** RUNTS_RUNTIME aims the suites at another program, such as runc, to test the tests. */
const other = process.env.RUNTS_RUNTIME;
const otherEngine: Engine = {
  name: other ?? '',
  command: [other ?? ''],
  quick: true,
  ours: other?.includes('runts') ?? false,
};

/** RUNTS_ENGINE leaves one of ours: on a machine where everything is slow, Node is slower still. */
const ours: Readonly<Record<string, readonly Engine[]>> = {
  static: [staticEngine],
  node: [nodeEngine],
};

export const engines: readonly Engine[] = other
  ? [otherEngine]
  : (ours[process.env.RUNTS_ENGINE ?? ''] ?? [staticEngine, nodeEngine]);

/** The same program in a mount namespace of its own, after some shell commands. */
export const inMountNamespace = (engine: Engine, prepare: string): Engine => ({
  ...engine,
  command: [
    ...['unshare', '--mount', '--propagation', 'private'],
    ...['sh', '-ec', `${prepare}\nexec "$@"`, 'sh'],
    ...engine.command,
  ],
});

/** Where cgroup2 is mounted beside the hierarchies of v1. */
const besideV1 = hierarchies().find(
  ({ mountpoint, controllers }) => controllers.length === 0 && mountpoint !== '/sys/fs/cgroup',
)?.mountpoint;

export const unifiedMount = besideV1 ?? '/sys/fs/cgroup';

/** As on a host that has cgroup2 alone, with whatever controllers this one leaves to it. */
export const underV2 = (engine: Engine): Engine =>
  besideV1 === undefined
    ? engine
    : inMountNamespace(engine, `mount --bind ${besideV1} /sys/fs/cgroup`);
