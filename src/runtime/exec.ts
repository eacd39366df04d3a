import { openEntrances } from '../cgroup/act.js';
import type { CgroupRecord } from '../cgroup/driver.js';
import { parseMembership } from '../cgroup/probe.js';
import { subCgroups } from '../cgroup/sub.js';
import { doesNotExist, execDied, execPaused, execStopped } from '../errors/catalog.js';
import { asRuntimeError, type RuntimeError } from '../errors/error.js';
import type { ExecCpuAffinity, Process, Spec } from '../generated/spec-types.js';
import type { Fd } from '../host/fd.js';
import { openAt, openIfThere, readTextAt } from '../host/io.js';
import { openHostProc } from '../host/proc.js';
import { openProcess } from '../host/process.js';
import type { BatchStep } from '../linux/batch.js';
import { AT_FDCWD, O_DIRECTORY, O_PATH, O_RDONLY } from '../linux/constants.js';
import { CPUS, maskOf, parseList } from '../linux/cpu-list.js';
import { errno } from '../linux/errno.js';
import { planExec } from '../plan/exec.js';
import type { Facts } from '../plan/facts.js';
import type { Plan } from '../plan/plan.js';
import { capabilityWarnings } from '../plan/process.js';
import { informAgent } from '../seccomp/agent.js';
import { peekIn } from '../state/peek.js';
import type { ContainerRecord } from '../state/record.js';
import { endChild } from './child.js';
import { type ConsolePlace, checkConsole, connectConsole, serveTerminal } from './console.js';
import type { RuntimeContext } from './context.js';
import { enterNamespaces } from './enter.js';
import type { Target } from './entry.js';
import { changedProcess, type ProcessChanges, readProcess } from './exec-process.js';
import { Foreground } from './foreground.js';
import { type KeptFilter, readFilter } from './kept-filter.js';
import { type Birth, type Launched, launchInit } from './launch.js';
import { applyRlimits, onCpus, oomScoreSteps, useAllCpus } from './limits.js';
import { checkLsm } from './lsm.js';
import { observe } from './observe.js';
import { removePidFile, writePidFile } from './pid-file.js';
import { connectForPidfd, handPidfd } from './pidfd.js';
import { probe } from './probe.js';
import { answer, awaitListener, awaitReady } from './serve.js';
import { isWaiting } from './socket.js';
import { Undo } from './undo.js';
import { awaitExec } from './unexecuted.js';

export interface ExecOptions {
  readonly id: string;
  /** A file with the whole process, or what the command line says of it. */
  readonly process: string | ProcessChanges;
  readonly pidFile?: string;
  readonly consoleSocket?: string;
  readonly pidfdSocket?: string;
  readonly detach?: boolean;
  readonly preserveFds?: number;
  readonly cgroups?: readonly string[];
  readonly ignorePaused?: boolean;
}

/** The container, as it was when its init was seen alive. */
interface Container extends Disposable {
  readonly record: ContainerRecord;
  readonly directory: Fd;
  readonly proc: Fd;
  readonly init: Fd;
}

function openContainer(context: RuntimeContext, id: string, ignorePaused: boolean): Container {
  const directory = openIfThere(context, AT_FDCWD, `${context.root}/${id}`, O_RDONLY | O_DIRECTORY);
  if (directory === null) throw doesNotExist(id);
  const opened: Disposable[] = [directory];
  const close = () => {
    for (const each of opened.reverse()) each[Symbol.dispose]();
  };
  try {
    const record = peekIn(context, directory.number, id);
    const proc = openHostProc(context);
    opened.push(proc);
    const status = observe(context, proc, record, () => isWaiting(context, directory.number));
    if (status === 'paused' && !ignorePaused) throw execPaused();
    const init = openProcess(context, proc, record.pid, record.startTime);
    if (init === null) throw execStopped();
    opened.push(init);
    return { record, directory, proc, init, [Symbol.dispose]: close };
  } catch (thrown) {
    close();
    throw thrown;
  }
}

/** All that is known before the process is born. */
interface Work {
  readonly container: Container;
  readonly process: Process;
  readonly filter: KeptFilter | null;
  readonly facts: Facts;
  readonly plan: Plan;
  readonly cgroup: CgroupRecord;
}

function specOf(process: Process, { annotations, namespaces }: ContainerRecord): Spec {
  const listed = namespaces.map((type) => ({ type }));
  return { ociVersion: '1.0.0', process, annotations, linux: { namespaces: listed } };
}

const consoleOf = ({ detach = false, consoleSocket }: ExecOptions): ConsolePlace => ({
  foreground: !detach,
  socket: consoleSocket,
});

function prepare(context: RuntimeContext, container: Container, options: ExecOptions): Work {
  const { record, directory } = container;
  const { preserveFds = 0, cgroups = [], id } = options;
  const process =
    typeof options.process === 'string'
      ? readProcess(context, options.process)
      : changedProcess(context, record, options.process);
  checkConsole(process, consoleOf(options));
  const spec = specOf(process, record);
  checkLsm(context, spec);
  const facts = probe(context, preserveFds, spec, false);
  for (const warning of capabilityWarnings(spec, facts)) context.log.warn(warning);
  const filter = readFilter(context, directory.number);
  const request = {
    id,
    process,
    namespaces: record.namespaces,
    linux: record.linux ?? {},
    annotations: record.annotations,
    keyring: record.noNewKeyring !== true,
    preserveFds,
    seccomp: filter?.plan ?? null,
  };
  const plan = planExec(request, facts);
  return { container, process, filter, facts, plan, cgroup: subCgroups(record.cgroup, cgroups) };
}

const cpuMask = (list: string | undefined): Uint8Array | null =>
  !list ? null : maskOf(parseList(list, CPUS) ?? [], CPUS);

interface Affinity {
  readonly initial: Uint8Array | null;
  readonly first: readonly BatchStep[];
  readonly cpus: Uint8Array | null;
}

/** config.md#linux-process: CPUs until the cgroup is joined, and from then on; else the kernel says. */
function affinity({ process, container }: Work): Affinity {
  const asked: ExecCpuAffinity = process.execCPUAffinity ?? container.record.execCpuAffinity ?? {};
  const [initial, cpus] = [cpuMask(asked.initial), cpuMask(asked.final)];
  return { initial, first: initial === null && cpus === null ? [useAllCpus] : [], cpus };
}

const rootOf = (context: RuntimeContext, { proc, record }: Container): Fd | null =>
  record.namespaces.includes('mount')
    ? null
    : openAt(context, proc.number, `${record.pid}/root`, O_PATH | O_DIRECTORY);

function launchIn(context: RuntimeContext, work: Work, cgroup: CgroupRecord): Launched {
  const { container, plan, process } = work;
  const { init, record, proc, directory } = container;
  const { initial, first, cpus } = affinity(work);
  using root = rootOf(context, container);
  using entrances = openEntrances(context, cgroup);
  const target: Target = { init, kinds: record.namespaces, root, cpus };
  const steps = [...oomScoreSteps(context, proc, process), ...first];
  const lock = directory.number;
  const birth: Birth = { plan, entrances, listener: null, lock, first: steps, target };
  return onCpus(context, initial, () => launchInit(context, birth));
}

/** The cgroup of v2 that init itself is in now. */
function whereInitIs(context: RuntimeContext, { container, cgroup }: Work): CgroupRecord {
  const { proc, record } = container;
  const lines = parseMembership(readTextAt(context, proc.number, `${record.pid}/cgroup`));
  const own = lines.find(({ controllers }) => controllers.length === 0)?.own;
  const directories = cgroup.directories.map((directory) =>
    directory.controllers.length === 0 && own !== undefined
      ? { ...directory, path: directory.mountpoint + own }
      : directory,
  );
  return { ...cgroup, directories };
}

/** cgroups(7): a cgroup that hands controllers down takes no process; init has moved below it. */
function launch(context: RuntimeContext, work: Work): Launched {
  try {
    return launchIn(context, work, work.cgroup);
  } catch (thrown) {
    const { call } = asRuntimeError(thrown);
    if (call?.name !== 'launch' || call.errno !== errno.EBUSY) throw thrown;
    return launchIn(context, work, whereInitIs(context, work));
  }
}

function serve(
  context: RuntimeContext,
  work: Work,
  launched: Launched,
  console: Fd | null,
): Fd | null {
  const { container, filter, plan, cgroup } = work;
  const { channel, pid } = launched;
  const terminal = plan.terminal && serveTerminal(context, launched, cgroup, console);
  if (filter?.plan.notifies) {
    using listener = awaitListener(context, channel, pid, cgroup);
    informAgent(context, filter.agent, { ...container.record, status: 'running' }, pid, listener);
  }
  awaitReady(context, channel, pid, cgroup);
  applyRlimits(context, pid, plan);
  return terminal;
}

/** Whatever fails here leaves no process behind. `beforeStart`: nothing but execve is left. */
function build(
  context: RuntimeContext,
  work: Work,
  options: ExecOptions,
  beforeStart: (terminal: Fd | null) => void,
): number {
  using console = connectConsole(context, consoleOf(options));
  using receiver = connectForPidfd(context, options.pidfdSocket);
  using undo = new Undo(context);
  const launched = launch(context, work);
  using channel = launched.channel;
  const born = (child: number) => undo.add(() => endChild(context, child));
  born(launched.pid);
  const { facts, plan, cgroup, container } = work;
  const entering = { plan: plan.namespaces, facts, proc: container.proc, cgroup, born };
  const pid = enterNamespaces(context, launched, entering);
  const terminal = serve(context, work, { pid, channel }, console);
  undo.add(() => terminal?.[Symbol.dispose]());
  handPidfd(context, receiver, 'setns', pid);
  const { pidFile } = options;
  if (pidFile !== undefined) {
    writePidFile(context, pidFile, pid);
    undo.add(() => removePidFile(context, pidFile));
  }
  beforeStart(terminal);
  answer(context, channel, pid, cgroup);
  awaitExec(context, channel);
  undo.forget();
  return pid;
}

/** A container that ends meanwhile is why a namespace cannot be entered. */
function blameContainer(thrown: unknown): RuntimeError {
  const error = asRuntimeError(thrown);
  if (error.code === 'init-died') return execDied(error);
  const gone = error.steps.includes('enter the container') && error.call?.errno === errno.ESRCH;
  return gone ? execStopped() : error;
}

/** runc's `exec`: one more process in a container. Answers the exit code. */
export function execInContainer(context: RuntimeContext, options: ExecOptions): number {
  using container = openContainer(context, options.id, options.ignorePaused ?? false);
  const work = prepare(context, container, options);
  using foreground = options.detach ? null : new Foreground(context);
  let pid: number;
  try {
    pid = build(context, work, options, (terminal) => foreground?.begin(terminal));
  } catch (thrown) {
    throw blameContainer(thrown);
  }
  if (foreground === null) return 0;
  try {
    return foreground.waitForEnd(pid);
  } catch (thrown) {
    endChild(context, pid);
    if (options.pidFile !== undefined) removePidFile(context, options.pidFile);
    throw thrown;
  }
}
