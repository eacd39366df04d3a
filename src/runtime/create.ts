import { freezerFile, openEntrances } from '../cgroup/act.js';
import type { CgroupFacts, CgroupPlan } from '../cgroup/driver.js';
import { planCgroup, planNoCgroup } from '../cgroup/plan.js';
import { probeCgroups } from '../cgroup/probe.js';
import type { Process, Spec } from '../generated/spec-types.js';
import type { Fd } from '../host/fd.js';
import { openHostProc } from '../host/proc.js';
import { processStat } from '../host/process.js';
import { planCgroupView } from '../plan/cgroups.js';
import { planCreate } from '../plan/create.js';
import type { Facts } from '../plan/facts.js';
import { asksParent, planLaterHooks, planRuntimeHooks } from '../plan/hooks.js';
import { planNetDevices } from '../plan/net-devices.js';
import type { Plan } from '../plan/plan.js';
import { capabilityWarnings } from '../plan/process.js';
import { informAgent } from '../seccomp/agent.js';
import { type Filter, prepareFilter } from '../seccomp/filter.js';
import type { ContainerRecord } from '../state/record.js';
import { createStore, type Store } from '../state/store.js';
import { checkRootfs, readBundle } from './bundle.js';
import { makeCgroups } from './cgroup-permission.js';
import { endChild } from './child.js';
import { clockNow } from './clock.js';
import { type ConsolePlace, checkConsole, connectConsole, serveTerminal } from './console.js';
import type { CreateOptions, RunOptions, RuntimeContext } from './context.js';
import { applyCpusetFirst, blameCpuset } from './cpuset.js';
import { enterNamespaces } from './enter.js';
import { type LetGo, runCreateHooks, runPoststop } from './hooks.js';
import { blameHost } from './host-facts.js';
import { keepFilter } from './kept-filter.js';
import { type Launched, launchInit } from './launch.js';
import { applyRlimits, oomScoreSteps } from './limits.js';
import { checkLsm } from './lsm.js';
import { moveNetDevices } from './net-devices.js';
import { makeNotifyFolder, withNotify } from './notify.js';
import { removePidFile, writePidFile } from './pid-file.js';
import { connectForPidfd, handPidfd, sendPidfd } from './pidfd.js';
import { probe } from './probe.js';
import { enterResctrl, recordOf, reserveResctrl } from './resctrl.js';
import {
  answer,
  answerLast,
  applySparing,
  awaitHooks,
  awaitListener,
  awaitReady,
} from './serve.js';
import { listenForStart } from './socket.js';
import { enterUnit, openSystemd, reserveUnit, type SystemdSession } from './systemd.js';
import { Undo } from './undo.js';
import { awaitExec } from './unexecuted.js';

/** All that is known before anything is done. */
interface Work {
  readonly spec: Spec;
  readonly plan: Plan;
  readonly facts: Facts;
  readonly cgroups: CgroupFacts;
  readonly cgroup: CgroupPlan;
  readonly options: CreateOptions;
  readonly console: ConsolePlace;
  readonly filter: Filter | null;
  readonly systemd: SystemdSession | null;
  /** Called when nothing but execve is left, which then follows at once; null: `start` comes later. */
  readonly beforeStart: ((terminal: Fd | null) => void) | null;
}

/** A container in status `created`. */
export interface Created extends LetGo {
  readonly pid: number;
}

function prepare(
  context: RuntimeContext,
  options: CreateOptions,
  spec: Spec,
  systemd: SystemdSession | null,
  console: ConsolePlace,
): Omit<Work, 'beforeStart'> {
  const { id, bundle, preserveFds = 0, noPivot = false, noNewKeyring = false } = options;
  checkConsole(spec.process as Process, console);
  checkLsm(context, spec);
  const facts = probe(context, preserveFds, spec);
  for (const warning of capabilityWarnings(spec, facts)) context.log.warn(warning);
  const cgroups = probeCgroups(context);
  const disabled = context.cgroupManager === 'disabled';
  const cgroup = disabled
    ? planNoCgroup(cgroups, spec)
    : planCgroup(cgroups, spec, id, systemd?.facts);
  const asked = spec.linux?.seccomp;
  const filter = asked === undefined ? null : prepareFilter(context, context.root, asked);
  const seccomp = filter?.plan ?? null;
  const request = { id, bundle, noPivot, noNewKeyring, preserveFds, seccomp };
  const plan = planCreate(spec, facts, cgroup.view, request);
  checkRootfs(context, plan.root.path);
  return { spec, plan, facts, cgroups, cgroup, options, console, filter, systemd };
}

const ownsPids = (spec: Spec): boolean =>
  (spec.linux?.namespaces ?? []).some(({ type, path }) => type === 'pid' && !path);

/** Few containers have any of it. */
function inherited({ linux }: Spec): Pick<ContainerRecord, 'linux'> {
  const { personality, memoryPolicy } = linux ?? {};
  if (!personality && !memoryPolicy) return {};
  return { linux: { ...(personality && { personality }), ...(memoryPolicy && { memoryPolicy }) } };
}

function firstRecord(
  context: RuntimeContext,
  { spec, plan, cgroup, options }: Work,
): ContainerRecord {
  const hooks = planLaterHooks(spec);
  return {
    version: 1,
    phase: 'creating',
    id: options.id,
    ociVersion: spec.ociVersion,
    pid: 0,
    startTime: '',
    bundle: options.bundle,
    rootfs: plan.root.path,
    created: clockNow(context),
    annotations: spec.annotations ?? {},
    freezer: freezerFile(cgroup.record),
    ownPids: ownsPids(spec),
    cgroup: cgroup.record,
    namespaces: (spec.linux?.namespaces ?? []).map(({ type }) => type),
    ...(options.noNewKeyring && { noNewKeyring: true }),
    ...inherited(spec),
    ...(spec.process?.execCPUAffinity && { execCpuAffinity: spec.process.execCPUAffinity }),
    ...(hooks !== null && { hooks }),
  };
}

/** Starts init in its cgroups and namespaces. What it needs open is closed again on our side. */
function launch(context: RuntimeContext, work: Work, proc: Fd, store: Store): Launched {
  using listener = work.beforeStart === null ? listenForStart(context, store.directory) : null;
  const { record, unit } = work.cgroup;
  const moved = unit !== undefined;
  // What systemd makes is not there yet.
  using entrances = openEntrances(context, moved ? { ...record, directories: [] } : record);
  const process = work.spec.process as Process;
  const first = oomScoreSteps(context, proc, process);
  const birth = { plan: work.plan, entrances, moved, listener, lock: store.directory, first };
  return launchInit(context, birth);
}

/** config-linux.md#seccomp: whoever decides about calls is told before the first one. */
function serveListener(
  context: RuntimeContext,
  { spec, cgroup }: Work,
  { pid, channel }: Launched,
  record: ContainerRecord,
): void {
  using listener = awaitListener(context, channel, pid, cgroup.record);
  informAgent(context, spec.linux!.seccomp!, { ...record, status: 'creating' }, pid, listener);
}

/**
 * Everything that must hold before the container's process can run: init waits for the answer.
 * Hooks may look at what the parent has to `settle`, and change it, so they come after it.
 */
function makeReady(
  context: RuntimeContext,
  work: Work,
  launched: Launched,
  record: ContainerRecord,
  settle: () => void,
  console: Fd | null,
): Fd | null {
  const { channel, pid } = launched;
  const asked = asksParent(work.spec);
  if (asked) {
    awaitHooks(context, channel, pid, work.cgroup.record);
    settle();
    runCreateHooks(context, planRuntimeHooks(work.spec), record, pid);
    answer(context, channel, pid, work.cgroup.record);
  }
  const { terminal: asksTerminal } = work.plan;
  const terminal = asksTerminal && serveTerminal(context, launched, work.cgroup.record, console);
  if (work.filter?.plan.notifies) serveListener(context, work, launched, record);
  awaitReady(context, channel, pid, work.cgroup.record);
  if (!asked) settle();
  applyRlimits(context, pid, work.plan);
  return terminal;
}

/** A caller who may make no cgroups has others to show. */
const planFor = (
  { plan, spec, cgroup }: Pick<Work, 'plan' | 'spec' | 'cgroup'>,
  made: CgroupPlan,
): Plan => (made === cgroup ? plan : { ...plan, cgroups: planCgroupView(spec, made.view) });

/** Whatever fails here undoes all that was done before it. */
function build(context: RuntimeContext, prepared: Work): Created {
  const { options } = prepared;
  const first = firstRecord(context, prepared);
  using proc = openHostProc(context);
  using console = connectConsole(context, prepared.console);
  using receiver = connectForPidfd(context, options.pidfdSocket);
  using store = createStore(context, context.root, options.id);
  // Disposed before the store, whose descriptors it needs.
  using undo = new Undo(context);
  undo.add(() => {
    store.remove();
    runPoststop(context, first);
  });
  store.write(first);
  makeNotifyFolder(context, store.directory);
  if (prepared.filter !== null) keepFilter(store, prepared.filter, prepared.spec);
  const cgroup = makeCgroups(context, prepared.cgroup, prepared.cgroups, prepared.spec, undo);
  const resctrl = reserveResctrl(context, prepared.spec, first, store, undo);
  const work = { ...prepared, cgroup, plan: planFor(prepared, cgroup) };
  const unit = reserveUnit(context, prepared.systemd, cgroup, undo);
  if (unit === null) applyCpusetFirst(context, work);
  const launched = launch(context, work, proc, store);
  using channel = launched.channel;
  const born = (child: number) => undo.add(() => endChild(context, child));
  born(launched.pid);
  if (unit !== null) {
    enterUnit(context, unit, launched, proc);
    applyCpusetFirst(context, work);
  }
  const entering = {
    plan: work.plan.namespaces,
    facts: work.facts,
    proc,
    cgroup: cgroup.record,
    born,
  };
  const pid = enterNamespaces(context, launched, entering);
  // While init is at work there is nothing else to do.
  work.filter?.remember();
  const startTime = processStat(context, proc, pid)?.startTime ?? '';
  const record = {
    ...first,
    phase: 'created',
    pid,
    startTime,
    freezer: freezerFile(cgroup.record),
    cgroup: cgroup.record,
    ...(resctrl && recordOf(resctrl)),
  } as const;
  const commit = store.prepare(record);
  const settle = () => {
    moveNetDevices(context, planNetDevices(work.spec), proc, pid, undo);
    applySparing(context, pid, work.cgroup);
    if (resctrl !== null) enterResctrl(context, resctrl, pid);
  };
  const terminal = makeReady(context, work, { pid, channel }, record, settle, console);
  undo.add(() => terminal?.[Symbol.dispose]());
  sendPidfd(context, work.spec, options.bundle, pid);
  handPidfd(context, receiver, 'standard', pid);
  commit();
  const { pidFile } = options;
  if (pidFile !== undefined) {
    writePidFile(context, pidFile, pid);
    undo.add(() => removePidFile(context, pidFile));
  }
  work.beforeStart?.(terminal);
  if (work.beforeStart === null) answerLast(context, channel, pid, cgroup.record);
  else {
    answer(context, channel, pid, cgroup.record);
    awaitExec(context, channel);
  }
  undo.forget();
  return { pid, record, identity: store.identity };
}

function create(
  context: RuntimeContext,
  options: CreateOptions,
  beforeStart: Work['beforeStart'],
  foreground: boolean,
): Created {
  const spec = withNotify(context, options.id, readBundle(context, options.bundle));
  const console = { foreground, socket: options.consoleSocket };
  using systemd = context.cgroupManager === 'systemd' ? openSystemd(context) : null;
  const prepared = { ...prepare(context, options, spec, systemd, console), beforeStart };
  try {
    return build(context, prepared);
  } catch (thrown) {
    throw blameHost(context, spec, blameCpuset(spec, thrown));
  }
}

/** runtime.md#create: everything but the container's process. */
export const createContainer = (context: RuntimeContext, options: CreateOptions): Created =>
  create(context, options, null, false);

/**
 * `create` and `start` in one: nobody needs to find the container in between. `beforeStart` is
 * called just before the container's process runs.
 */
export const createAndStart = (
  context: RuntimeContext,
  options: RunOptions,
  beforeStart: NonNullable<Work['beforeStart']>,
): Created => create(context, options, beforeStart, !options.detach);
