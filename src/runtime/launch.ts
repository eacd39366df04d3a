import type { Entrances } from '../cgroup/entrances.js';
import { socketPair } from '../channel/channel.js';
import { during, RuntimeError } from '../errors/error.js';
import { Fd } from '../host/fd.js';
import type { Context } from '../host/host.js';
import { openAt, writeText } from '../host/io.js';
import { fileSystemOf } from '../host/stat.js';
import { runInit } from '../init/init.js';
import { type BatchStep, call, encodeBatch, tolerated } from '../linux/batch.js';
import {
  AT_FDCWD,
  F_SETFD,
  MFD_CLOEXEC,
  NS_GET_NSTYPE,
  NSFS_MAGIC,
  O_RDONLY,
  PR_SET_PDEATHSIG,
  SEEK_SET,
  SIGKILL,
} from '../linux/constants.js';
import { type NamespaceKind, namespaceKinds } from '../linux/namespaces.js';
import type { NamespacesPlan, Plan } from '../plan/plan.js';

/** What the child is born with. */
export interface Birth {
  readonly plan: Plan;
  readonly entrances: Entrances;
  readonly listener: Fd;
  /** The container's directory: its lock must not live on in the child. */
  readonly lock: number;
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
function openNamespace(context: Context, join: NamespacesPlan['joins'][number]): Namespace {
  const fd = openAt(context, AT_FDCWD, join.path, O_RDONLY);
  const type =
    fileSystemOf(context, fd.number) === NSFS_MAGIC
      ? context.host.sys.ioctl(fd.number, NS_GET_NSTYPE, null)
      : 0;
  if (type === namespaceKinds[join.kind].flag) return { kind: join.kind, fd };
  fd[Symbol.dispose]();
  throw new RuntimeError('invalid-config', `${join.path} is no ${join.kind} namespace`);
}

const openNamespaces = (context: Context, plan: NamespacesPlan): Namespace[] =>
  plan.joins.map((join) =>
    during(`open the ${join.kind} namespace`, () => openNamespace(context, join), join.at),
  );

/** Until the container has its own view of things: the first steps, run by C in both engines. */
function entrySteps(birth: Birth, namespaces: readonly Namespace[], parentEnd: Fd): BatchStep[] {
  const { unshare } = birth.plan.namespaces;
  const zero = new Uint8Array([0x30]);
  return [
    call('die with the parent', 'prctl', PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0),
    tolerated(call('leave the lock', 'close', birth.lock)),
    tolerated(call('leave the parent’s end', 'close', parentEnd.number)),
    call('start a session', 'setsid'),
    ...birth.entrances.tasks.map((tasks) => call('join cgroup', 'write', tasks.number, zero, 1)),
    // The pid namespace is the parent's to choose; the mount namespace waits for TypeScript.
    ...namespaces
      .filter(({ kind }) => kind !== 'pid' && kind !== 'mount')
      .map(({ kind, fd }) =>
        call(`join the ${kind} namespace`, 'setns', fd.number, namespaceKinds[kind].flag),
      ),
    ...(unshare === 0 ? [] : [call('make the cgroup namespace', 'unshare', unshare)]),
  ];
}

/** pid_namespaces(7): a pid namespace is entered by being born in it. */
function inPidNamespace<T>(context: Context, namespace: Namespace | undefined, act: () => T): T {
  if (namespace === undefined) return act();
  const flag = namespaceKinds.pid.flag;
  using own = openAt(context, AT_FDCWD, '/proc/self/ns/pid', O_RDONLY);
  context.host.sys.setns(namespace.fd.number, flag);
  try {
    return act();
  } finally {
    context.host.sys.setns(own.number, flag);
  }
}

/** A re-executed init reads its Plan from a memfd; the descriptors that it needs survive execve. */
function reexecSteps(context: Context, birth: Birth, handed: HandedOver): BatchStep[] {
  const { reexec, environment } = context.host.engine;
  if (reexec === null) return [];
  const plan = new Fd(context, context.host.sys.memfdCreate('plan', MFD_CLOEXEC));
  writeText(context, plan.number, JSON.stringify(birth.plan));
  context.host.sys.lseek(plan.number, 0, SEEK_SET);
  // Node marks what it has inherited as close-on-exec when it starts.
  const inherited = Array.from({ length: 3 + birth.plan.process.extraFds }, (_, fd) => fd);
  const { channel, listener, mountNamespace } = handed;
  const kept = [...inherited, plan.number, channel, listener, mountNamespace];
  const argument = JSON.stringify({ ...handed, plan: plan.release() });
  return [
    ...kept.filter((fd) => fd >= 0).map((fd) => call('keep a descriptor', 'fcntl', fd, F_SETFD, 0)),
    call('start init', 'execve', reexec[0]!, [...reexec, 'init', argument], environment),
  ];
}

/** The numbers of the child's descriptors. */
export interface HandedOver {
  readonly channel: number;
  readonly listener: number;
  /** -1 when none is joined. */
  readonly mountNamespace: number;
}

/** Starts init; only the parent returns from here. */
export function launchInit(context: Context, birth: Birth): Launched {
  const { plan, entrances, listener } = birth;
  const namespaces = openNamespaces(context, plan.namespaces);
  const [parentEnd, childEnd] = socketPair(context);
  using _childEnd = childEnd;
  const find = (kind: NamespaceKind) => namespaces.find((namespace) => namespace.kind === kind);
  const handed = {
    channel: childEnd.number,
    listener: listener.number,
    mountNamespace: find('mount')?.fd.number ?? -1,
  };
  const steps = [
    ...entrySteps(birth, namespaces, parentEnd),
    ...reexecSteps(context, birth, handed),
  ];
  const program = encodeBatch(steps, context.host.engine.encode);
  const cgroup = entrances.unified?.number ?? -1;
  const pid = inPidNamespace(context, find('pid'), () => {
    const { clone } = plan.namespaces;
    return context.host.sys.launch(clone, cgroup, childEnd.number, program, program.length);
  });
  if (pid === 0) return runInit({ ...context, plan, ...handed });
  for (const { fd } of namespaces) fd[Symbol.dispose]();
  return { pid, channel: parentEnd };
}
