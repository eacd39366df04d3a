import type { Entrances } from '../cgroup/entrances.js';
import type { Fd } from '../host/fd.js';
import { type BatchStep, call, tolerated } from '../linux/batch.js';
import { PR_SET_DUMPABLE, PR_SET_PDEATHSIG, SIGKILL } from '../linux/constants.js';
import { type NamespaceKind, namespaceKinds } from '../linux/namespaces.js';
import type { NamespacesPlan } from '../plan/plan.js';
import { useAllCpus, useCpus } from './limits.js';
import type { Namespace } from './namespaces.js';

/** A container that is there, for a further process to enter. */
export interface Target {
  /** pidfd of its init: setns(2) takes one for all namespaces at once. */
  readonly init: Fd;
  readonly kinds: readonly NamespaceKind[];
  /** Its root directory when it has no mount namespace, else null. */
  readonly root: Fd | null;
  /** CPUs once the cgroup is joined, or null for those that the kernel leaves it. */
  readonly cpus: Uint8Array | null;
}

/** What the first steps of a child need. */
export interface Entry {
  readonly plan: NamespacesPlan;
  readonly entrances: Entrances;
  /** What is to be joined, in the order of the configuration. */
  readonly namespaces: readonly Namespace[];
  /** Which of these belong to the user namespace that is joined. */
  readonly owned: readonly Namespace[];
  /** The parent's end of the channel, and the lock of the container's directory. */
  readonly parentEnd: Fd;
  readonly lock: number;
  /** The parent has systemd move it into its cgroup. */
  readonly moved: boolean;
  /** What has to be done with the caller's rights. */
  readonly first: readonly BatchStep[];
  readonly target: Target | null;
}

const dieWithParent = () =>
  call('die with the parent', 'prctl', PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);

const notDumpable = () => call('be not dumpable', 'prctl', PR_SET_DUMPABLE, 0, 0, 0, 0);

/** user_namespaces(7): whoever enters one has all capabilities in it and no id yet. */
const becomeRoot = (): BatchStep[] => [
  call('become group 0 of the user namespace', 'setresgid', 0, 0, 0),
  call('become user 0 of the user namespace', 'setresuid', 0, 0, 0),
  // Changed credentials reset both, the latter to /proc/sys/fs/suid_dumpable, prctl(2), proc(5).
  dieWithParent(),
  notDumpable(),
];

const joins = (namespaces: readonly Namespace[]): BatchStep[] =>
  namespaces.map(({ kind, fd }) =>
    call(`join the ${kind} namespace`, 'setns', fd.number, namespaceKinds[kind].flag),
  );

/** Whether the parent has something to set up, or to compare, while the child waits. */
export const asksToBeSetUp = ({ user, timeOffsets }: NamespacesPlan): boolean =>
  user?.kind === 'new' ||
  timeOffsets !== '' ||
  (user !== null && user.uids.length + user.gids.length > 0);

const beSetUp = (plan: NamespacesPlan): BatchStep[] => [
  ...(asksToBeSetUp(plan) ? [{ do: 'ask', request: '{"type":"entered"}' } as const] : []),
  ...(plan.user?.kind === 'new' ? becomeRoot() : []),
];

const arrive = ({ entrances, parentEnd, lock, first, moved, target }: Entry): BatchStep[] => [
  dieWithParent(),
  tolerated(call('leave the lock', 'close', lock)),
  tolerated(call('leave the parent’s end', 'close', parentEnd.number)),
  ...first,
  ...(moved ? [{ do: 'ask', request: '{"type":"arrived"}' } as const] : []),
  ...entrances.tasks.map((tasks) =>
    call('join cgroup', 'write', tasks.number, new Uint8Array([0x30]), 1),
  ),
  ...(target === null ? [useAllCpus] : target.cpus ? [useCpus(target.cpus)] : []),
];

/** What is joined has another owner than what is made: each needs the right in its own. */
function joinUser({ namespaces, owned }: Entry): BatchStep[] {
  const user = namespaces.filter(({ kind }) => kind === 'user');
  if (user.length === 0) return joins(namespaces);
  return [
    ...joins(namespaces.filter((each) => each.kind !== 'user' && !owned.includes(each))),
    // What is in there already must not trace us.
    notDumpable(),
    ...joins(user),
    ...becomeRoot(),
    ...joins(owned),
  ];
}

/** The stage's steps, up to the birth of the container's process. */
function stageSteps(entry: Entry, stage: number): BatchStep[] {
  const { plan } = entry;
  return [
    ...joinUser(entry),
    ...(stage === 0 ? [] : [call('make the user and time namespaces', 'unshare', stage)]),
    ...beSetUp(plan),
    // In a pid namespace that is joined others see who is born.
    ...(plan.user === null ? [notDumpable()] : []),
    ...birth(plan.clone),
  ];
}

const birth = (flags: number): BatchStep[] => [
  { do: 'clone', label: 'make the namespaces', flags },
  dieWithParent(),
  { do: 'ask', request: '{"type":"born"}' },
];

/** setns(2): the mount namespace waits for TypeScript, as ever. */
const flagsOf = (kinds: readonly NamespaceKind[]): number =>
  kinds.reduce((sum, kind) => (kind === 'mount' ? sum : sum | namespaceKinds[kind].flag), 0) >>> 0;

/** What is in there already must not trace who comes (CVE-2016-9962). */
function enterTarget({ init, kinds }: Target, stage: number | null): BatchStep[] {
  const flags = flagsOf(kinds);
  return [
    notDumpable(),
    ...(flags === 0 ? [] : [call('enter the container', 'setns', init.number, flags)]),
    ...(kinds.includes('user') ? becomeRoot() : []),
    ...(stage === null ? [] : birth(0)),
  ];
}

/** Until the container has its own view of things: the first steps, run by C in both engines. */
export function entrySteps(whole: Entry): BatchStep[] {
  const { plan } = whole;
  // The mount namespace waits for TypeScript: Node has to be loaded from the old one.
  const [namespaces = [], owned = []] = [whole.namespaces, whole.owned].map((list) =>
    list.filter(({ kind }) => kind !== 'mount'),
  );
  const entry = { ...whole, namespaces, owned };
  return [
    ...arrive(entry),
    ...(whole.target
      ? enterTarget(whole.target, plan.stage)
      : plan.stage === null
        ? joins(namespaces)
        : stageSteps(entry, plan.stage)),
    call('start a session', 'setsid'),
    ...(plan.unshare === 0 ? [] : [call('make the cgroup namespace', 'unshare', plan.unshare)]),
  ];
}
