import type { Entrances } from '../cgroup/entrances.js';
import { socketPair } from '../channel/channel.js';
import { during, RuntimeError } from '../errors/error.js';
import { Fd, owned } from '../host/fd.js';
import type { Context } from '../host/host.js';
import { openAt, writeText } from '../host/io.js';
import { namespaceKindOf } from '../host/namespace.js';
import type { HandedMounts } from '../init/context.js';
import { runInit } from '../init/init.js';
import { type BatchStep, call, encodeBatch, tolerated } from '../linux/batch.js';
import {
  AT_FDCWD,
  F_SETFD,
  MFD_CLOEXEC,
  O_RDONLY,
  PR_SET_PDEATHSIG,
  SEEK_SET,
  SIGKILL,
} from '../linux/constants.js';
import { type NamespaceKind, namespaceKinds } from '../linux/namespaces.js';
import type { NamespacesPlan, Plan } from '../plan/plan.js';
import { useAllCpus } from './limits.js';
import { MountSources } from './mount-sources.js';

/** What the child is born with. */
export interface Birth {
  readonly plan: Plan;
  readonly entrances: Entrances;
  /** Null when the container starts without waiting for `start`. */
  readonly listener: Fd | null;
  /** The container's directory: its lock must not live on in the child. */
  readonly lock: number;
  /** What init does to itself before it enters anything. */
  readonly first: readonly BatchStep[];
}

export interface Launched {
  readonly pid: number;
  readonly channel: Fd;
}

interface Namespace {
  readonly kind: NamespaceKind;
  readonly fd: Fd;
}

/** config-linux.md#namespaces: a path of another type is an error, not something to enter. */
const openNamespace = (context: Context, join: NamespacesPlan['joins'][number]): Fd =>
  owned(openAt(context, AT_FDCWD, join.path, O_RDONLY), ({ number }) => {
    if (namespaceKindOf(context, number) !== join.kind)
      throw new RuntimeError('invalid-config', `${join.path} is no ${join.kind} namespace`);
  });

/** The namespaces to join, open until init is in them. */
class Namespaces implements Disposable {
  readonly all: Namespace[] = [];

  constructor(context: Context, { joins }: NamespacesPlan) {
    try {
      for (const join of joins)
        during(`open the ${join.kind} namespace`, () => this.#open(context, join), join.at);
    } catch (thrown) {
      this[Symbol.dispose]();
      throw thrown;
    }
  }

  #open(context: Context, join: NamespacesPlan['joins'][number]): void {
    this.all.push({ kind: join.kind, fd: openNamespace(context, join) });
  }

  find(kind: NamespaceKind): Fd | undefined {
    return this.all.find((namespace) => namespace.kind === kind)?.fd;
  }

  [Symbol.dispose](): void {
    for (const { fd } of this.all) fd[Symbol.dispose]();
  }
}

/** Until the container has its own view of things: the first steps, run by C in both engines. */
function entrySteps(birth: Birth, namespaces: readonly Namespace[], parentEnd: Fd): BatchStep[] {
  const { unshare } = birth.plan.namespaces;
  const zero = new Uint8Array([0x30]);
  return [
    call('die with the parent', 'prctl', PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0),
    tolerated(call('leave the lock', 'close', birth.lock)),
    tolerated(call('leave the parent’s end', 'close', parentEnd.number)),
    call('start a session', 'setsid'),
    ...birth.first,
    ...birth.entrances.tasks.map((tasks) => call('join cgroup', 'write', tasks.number, zero, 1)),
    useAllCpus,
    // The pid namespace is the parent's to choose; the mount namespace waits for TypeScript.
    ...namespaces
      .filter(({ kind }) => kind !== 'pid' && kind !== 'mount')
      .map(({ kind, fd }) =>
        call(`join the ${kind} namespace`, 'setns', fd.number, namespaceKinds[kind].flag),
      ),
    ...(unshare === 0 ? [] : [call('make the cgroup namespace', 'unshare', unshare)]),
  ];
}

/** pid_namespaces(7): a pid namespace is entered by being born in it. A child never comes back. */
function inPidNamespace<T>(context: Context, namespace: Fd | undefined, act: () => T): T {
  if (namespace === undefined) return act();
  const flag = namespaceKinds.pid.flag;
  using own = openAt(context, AT_FDCWD, '/proc/self/ns/pid', O_RDONLY);
  context.host.sys.setns(namespace.number, flag);
  try {
    return act();
  } finally {
    context.host.sys.setns(own.number, flag);
  }
}

/** An init that is executed anew reads its Plan from memory. */
function planInMemory(context: Context, plan: Plan): Fd {
  const { sys } = context.host;
  return owned(new Fd(context, sys.memfdCreate('plan', MFD_CLOEXEC)), ({ number }) => {
    writeText(context, number, JSON.stringify(plan));
    sys.lseek(number, 0, SEEK_SET);
  });
}

/** What init needs survives its execve. */
function reexecSteps(
  context: Context,
  reexec: readonly string[],
  extraFds: number,
  handed: HandedOver & { readonly plan: number },
): BatchStep[] {
  const inherited = Array.from({ length: 3 + extraFds }, (_, fd) => fd);
  const { channel, listener, mountNamespace, mounts, plan } = handed;
  const forMounts = [...Object.values(mounts.trees), ...Object.values(mounts.userNamespaces)];
  // Node marks what it has inherited as close-on-exec when it starts.
  const kept = [...inherited, plan, channel, listener, mountNamespace, ...forMounts].filter(
    (fd) => fd >= 0,
  );
  const argument = JSON.stringify(handed);
  const { environment } = context.host.engine;
  return [
    ...kept.map((fd) => call('keep a descriptor', 'fcntl', fd, F_SETFD, 0)),
    call('start init', 'execve', reexec[0]!, [...reexec, 'init', argument], environment),
  ];
}

/** The numbers of the child's descriptors. */
export interface HandedOver {
  readonly channel: number;
  readonly listener: number;
  /** -1 when none is joined. */
  readonly mountNamespace: number;
  readonly mounts: HandedMounts;
}

/** Clones; in a child that goes on by itself it does not return. Answers the pid. */
function clone(context: Context, birth: Birth, parentEnd: Fd, childEnd: Fd): number {
  const { plan, entrances, listener } = birth;
  const { engine, sys } = context.host;
  using namespaces = new Namespaces(context, plan.namespaces);
  using sources = new MountSources(context, plan);
  const handed = {
    channel: childEnd.number,
    listener: listener?.number ?? -1,
    mountNamespace: namespaces.find('mount')?.number ?? -1,
    mounts: sources.numbers,
  };
  const { reexec } = engine;
  using memory = reexec === null ? null : planInMemory(context, plan);
  const entry = entrySteps(birth, namespaces.all, parentEnd);
  const start =
    reexec === null || memory === null
      ? []
      : reexecSteps(context, reexec, plan.process.extraFds, { ...handed, plan: memory.number });
  const program = encodeBatch([...entry, ...start], engine.encode);
  const cgroup = entrances.unified?.number ?? -1;
  return inPidNamespace(context, namespaces.find('pid'), () => {
    const { clone: flags } = plan.namespaces;
    const pid = sys.launch(flags, cgroup, childEnd.number, program, program.length);
    return pid === 0 ? runInit({ ...context, plan, ...handed }) : pid;
  });
}

/** Starts init; only the parent returns from here. */
export function launchInit(context: Context, birth: Birth): Launched {
  const [parentEnd, childEnd] = socketPair(context);
  using _childEnd = childEnd;
  let pid = 0;
  const channel = owned(parentEnd, () => {
    pid = clone(context, birth, parentEnd, childEnd);
  });
  return { pid, channel };
}
