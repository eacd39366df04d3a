import type { Entrances } from '../cgroup/entrances.js';
import { socketPair } from '../channel/channel.js';
import { Fd, owned } from '../host/fd.js';
import { HookFiles } from '../host/hook.js';
import type { Context } from '../host/host.js';
import { writeText } from '../host/io.js';
import type { HandedMounts } from '../init/context.js';
import { runInit } from '../init/init.js';
import { type BatchStep, call, encodeBatch } from '../linux/batch.js';
import { F_SETFD, MFD_CLOEXEC, SEEK_SET } from '../linux/constants.js';
import type { ProgramOutput } from '../linux/program.js';
import type { Plan } from '../plan/plan.js';
import { entrySteps, type Target } from './entry.js';
import { MountSources } from './mount-sources.js';
import { isOwnedBy, Namespaces } from './namespaces.js';

/** What the child is born with. */
export interface Birth {
  readonly plan: Plan;
  readonly entrances: Entrances;
  /** It waits until it has been moved into its cgroup. */
  readonly moved?: boolean;
  /** Null when the container starts without waiting for `start`. */
  readonly listener: Fd | null;
  /** The container's directory: its lock must not live on in the child. */
  readonly lock: number;
  /** What init does to itself before it enters anything. */
  readonly first: readonly BatchStep[];
  /** The container that a further process enters. */
  readonly target?: Target;
}

export interface Launched {
  readonly pid: number;
  readonly channel: Fd;
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
  const { channel, listener, mountNamespace, root, mounts, hookOutput, plan } = handed;
  const forMounts = [...Object.values(mounts.trees), ...Object.values(mounts.userNamespaces)];
  // Node marks what it has inherited as close-on-exec when it starts.
  const { stdout = -1, stderr = -1 } = hookOutput;
  const others = [channel, listener, mountNamespace, root, ...forMounts, stdout, stderr];
  const kept = [...inherited, plan, ...others].filter((fd) => fd >= 0);
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
  /** -1 when a mount namespace brings it. */
  readonly root: number;
  readonly mounts: HandedMounts;
  readonly hookOutput: ProgramOutput;
}

const mountNamespaceOf = ({ target }: Birth, namespaces: Namespaces): number =>
  (target?.kinds.includes('mount') ? target.init : namespaces.find('mount'))?.number ?? -1;

/** Clones; in a child that goes on by itself it does not return. Answers the pid. */
function clone(context: Context, birth: Birth, parentEnd: Fd, childEnd: Fd): number {
  const { plan, entrances, listener } = birth;
  const { engine, sys } = context.host;
  using namespaces = new Namespaces(context, plan.namespaces);
  using sources = new MountSources(context, plan);
  using hookFiles = plan.hooks === null ? null : new HookFiles(context, plan.hooks.subject);
  const handed = {
    channel: childEnd.number,
    listener: listener?.number ?? -1,
    mountNamespace: mountNamespaceOf(birth, namespaces),
    root: birth.target?.root?.number ?? -1,
    mounts: sources.numbers,
    hookOutput: hookFiles?.output ?? {},
  };
  const { reexec } = engine;
  using memory = reexec === null ? null : planInMemory(context, plan);
  const user = namespaces.find('user');
  const entry = entrySteps({
    plan: plan.namespaces,
    entrances,
    namespaces: namespaces.all,
    owned:
      user === undefined
        ? []
        : namespaces.all.filter(({ fd }) => fd !== user && isOwnedBy(context, fd, user)),
    parentEnd,
    lock: birth.lock,
    moved: birth.moved === true,
    first: birth.first,
    target: birth.target ?? null,
  });
  const start =
    reexec === null || memory === null
      ? []
      : reexecSteps(context, reexec, plan.process.extraFds, { ...handed, plan: memory.number });
  const program = encodeBatch([...entry, ...start], engine.encode);
  const cgroup = entrances.unified?.number ?? -1;
  const { clone: last, stage } = plan.namespaces;
  const flags = stage === null ? last : 0;
  const pid = sys.launch(flags, cgroup, childEnd.number, program, program.length);
  return pid === 0 ? runInit({ ...context, plan, ...handed }) : pid;
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
