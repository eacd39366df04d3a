import { cwdStep } from '../errors/words.js';
import { type BatchStep, call, handOver, loadFilter, saved, tolerated } from '../linux/batch.js';
import {
  type CapabilitySet,
  capabilityBit,
  capabilityNames,
  capabilitySet,
  has,
  union,
} from '../linux/capabilities.js';
import {
  _LINUX_CAPABILITY_VERSION_3,
  AT_EACCESS,
  AT_FDCWD,
  CLOSE_RANGE_CLOEXEC,
  O_CLOEXEC,
  O_DIRECTORY,
  O_PATH,
  PR_CAP_AMBIENT,
  PR_CAP_AMBIENT_CLEAR_ALL,
  PR_CAP_AMBIENT_RAISE,
  PR_SET_DUMPABLE,
  PR_SET_KEEPCAPS,
  PR_SET_NO_NEW_PRIVS,
  PR_SET_PDEATHSIG,
  TIOCSCTTY,
  X_OK,
} from '../linux/constants.js';
import type { Capabilities, ProcessPlan, SeccompPlan } from './plan.js';
import { rlimitBytes } from './rlimits.js';
import { tuningSteps } from './tuning-steps.js';

/** What only the child can know: found inside the container just before the batch is made. */
export interface SealInput {
  readonly path: string;
  readonly env: readonly string[];
  /** The user has to enter the working directory because root may not. */
  readonly enterCwd: boolean;
  /** Where `start` will knock; -1: the container starts as soon as the parent has answered. */
  readonly listener: number;
  readonly channel: number;
  /** The terminal that becomes the standard streams, or -1. */
  readonly terminal: number;
  /** The instructions of the filter, if there is one. */
  readonly filter: Uint8Array;
  /** startContainer hooks, each of which makes these steps right before its program runs. */
  readonly hooks: (last: readonly BatchStep[]) => readonly BatchStep[];
  /** Descriptors that these and the engine need. */
  readonly neededFds: readonly number[];
}

/** close_range(2): there is no descriptor behind it. */
const LAST_FD = 0xffffffff;

const bytesOf = (numbers: readonly number[]): Uint8Array =>
  new Uint8Array(new Uint32Array(numbers).buffer);

function raiseAmbient(ambient: CapabilitySet): BatchStep[] {
  const raise = PR_CAP_AMBIENT_RAISE;
  return [
    call('clear ambient capabilities', 'prctl', PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0),
    ...capabilityNames.flatMap((name, bit) =>
      has(ambient, bit)
        ? [call(`raise ambient ${name}`, 'prctl', PR_CAP_AMBIENT, raise, bit, 0, 0)]
        : [],
    ),
  ];
}

function setCapabilities(label: string, capabilities: Capabilities): BatchStep {
  const { effective, permitted, inheritable } = capabilities;
  const header = bytesOf([_LINUX_CAPABILITY_VERSION_3, 0]);
  const low = [effective.low, permitted.low, inheritable.low];
  const high = [effective.high, permitted.high, inheritable.high];
  return call(label, 'capset', header, bytesOf([...low, ...high]));
}

/** While still root: another user may not even lower the limits of a process that is not its own. */
const setRlimits = (process: ProcessPlan): BatchStep[] =>
  process.rlimits.map((limit, i) =>
    call(
      `/process/rlimits/${i}: set ${limit.name}`,
      'prlimit64',
      0,
      limit.resource,
      rlimitBytes(limit),
      null,
    ),
  );

const loader = capabilitySet([capabilityBit('CAP_SYS_ADMIN')]);

/** seccomp(2): without no_new_privs a filter can only be loaded with CAP_SYS_ADMIN. */
const keepsLoader = ({ seccomp, noNewPrivileges, capabilities: { effective } }: ProcessPlan) =>
  seccomp !== null && !noNewPrivileges && !has(effective, capabilityBit('CAP_SYS_ADMIN'));

/** Those of the process, and what it takes to load the filter. */
function untilFilter(process: ProcessPlan): Capabilities {
  const { capabilities } = process;
  if (!keepsLoader(process)) return capabilities;
  const { effective, permitted } = capabilities;
  const more = { effective: union(effective, loader), permitted: union(permitted, loader) };
  return { ...capabilities, ...more };
}

/**
 * The filter comes as late as it can, so that a profile need not allow what only the runtime calls:
 * after it there are execve and, without no_new_privs, capset. One that notifies comes while the
 * parent is still there to take the listener.
 */
function filterSteps(process: ProcessPlan, filter: Uint8Array): BatchStep[] {
  const { seccomp, capabilities } = process;
  if (seccomp === null) return [];
  const label = 'give up CAP_SYS_ADMIN (the seccomp profile has to allow capset)';
  return [
    ...load(seccomp, filter),
    ...(keepsLoader(process) ? [setCapabilities(label, capabilities)] : []),
  ];
}

function load({ flags, notifies }: SeccompPlan, filter: Uint8Array): BatchStep[] {
  const label = 'load the seccomp filter';
  if (!notifies) return [loadFilter(label, flags, filter)];
  const slot = 0;
  const packet = '{"type":"listener"}';
  return [
    loadFilter(label, flags, filter, slot),
    handOver('hand over the listener of the seccomp filter', packet, { slot }),
    // Its end is what tells the container's processes that nobody decides any more.
    tolerated(call('close the listener', 'close', { slot })),
  ];
}

/** capabilities(7): the sets survive setresuid(2) by keepcaps. */
function becomeUser(process: ProcessPlan): BatchStep[] {
  const { uid, gid } = process;
  return [
    call('keep capabilities', 'prctl', PR_SET_KEEPCAPS, 1, 0, 0, 0),
    call(`set group ${gid}`, 'setresgid', gid, gid, gid),
    call(`set user ${uid}`, 'setresuid', uid, uid, uid),
    call('no longer keep capabilities', 'prctl', PR_SET_KEEPCAPS, 0, 0, 0, 0),
    setCapabilities('set capabilities', untilFilter(process)),
    ...raiseAmbient(process.capabilities.ambient),
    // Changed credentials reset it to /proc/sys/fs/suid_dumpable, proc(5).
    call('be not dumpable', 'prctl', PR_SET_DUMPABLE, 0, 0, 0, 0),
  ];
}

/**
 * What waits for `start` holds no way into the host: its state, its cgroups and whatever the caller
 * left open are closed, not only kept from the program (CVE-2024-21626).
 */
function closeOthers(
  { extraFds }: ProcessPlan,
  { channel, listener, neededFds }: SealInput,
): BatchStep[] {
  const needed = [2 + extraFds, channel, listener, ...neededFds];
  const kept = needed.sort((a, b) => a - b).filter((fd) => fd >= 2 + extraFds);
  return kept.flatMap((fd, i) => {
    const last = (kept[i + 1] ?? LAST_FD + 1) - 1;
    return last > fd ? [call('close descriptors', 'closeRange', fd + 1, last, 0)] : [];
  });
}

/** ioctl_tty(2): the session has been started, and has no terminal yet. */
const takeTerminal = (terminal: number): BatchStep[] =>
  terminal < 0
    ? []
    : [
        ...[0, 1, 2].map((fd) => call('take the terminal', 'dup3', terminal, fd, 0)),
        call('become the session of the terminal', 'ioctlValue', 0, TIOCSCTTY, 0),
      ];

const waitForStart = (listener: number): BatchStep[] =>
  listener < 0 ? [] : [{ do: 'await', listener }];

/** struct open_how, openat2(2). */
const openRoot = bytesOf([O_PATH | O_DIRECTORY | O_CLOEXEC, 0, 0, 0, 0, 0]);

/** ASCII, as all that a batch sends with a descriptor. */
const rootPacket = (path: string): string =>
  JSON.stringify({ type: 'root', path }).replace(
    /[^ -~]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

const unexecuted: BatchStep = { do: 'ask', request: '{"type":"unexecuted"}' };

/**
 * After execve(2) has failed there is no engine to look why: whoever hears of it is given the root
 * directory, in which the file can be looked at.
 */
function execute(label: string, { args, cwd }: ProcessPlan, { path, env }: SealInput): BatchStep[] {
  const [error, root] = [{ slot: 0 }, { slot: 1 }];
  const place = path.startsWith('/') ? path : `${cwd}/${path}`;
  return [
    tolerated(saved(call(label, 'execve', path, args, env), error.slot)),
    // First of all, since a filter may kill who goes on.
    tolerated(unexecuted),
    tolerated(saved(call('open the root', 'openat2', AT_FDCWD, '/', openRoot, 24), root.slot)),
    tolerated(handOver('hand over the root', rootPacket(place), root)),
    // With the process its mounts would go, and what is on them.
    tolerated(unexecuted),
    { do: 'fail', label, name: 'execve', error },
  ];
}

/**
 * The way from a privileged init to the container's process, in one batch without an engine:
 * credentials, the report to `create`, the wait for `start`, execve.
 */
export function sealSteps(process: ProcessPlan, input: SealInput): BatchStep[] {
  const exec = `exec: ${JSON.stringify(input.path)}`;
  const nnp = call('set no_new_privs', 'prctl', PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  const filter = filterSteps(process, input.filter);
  const early = process.seccomp?.notifies === true;
  const late = early ? [] : filter;
  return [
    ...takeTerminal(input.terminal),
    ...(process.noNewPrivileges ? [nnp] : []),
    ...tuningSteps(process.tuning),
    ...setRlimits(process),
    ...becomeUser(process),
    // Before any path is followed that what runs there could have changed into a descriptor of ours.
    ...closeOthers(process, input),
    ...(input.enterCwd ? [call(cwdStep(process.cwd), 'chdir', process.cwd)] : []),
    call(exec, 'faccessat2', AT_FDCWD, input.path, X_OK, AT_EACCESS),
    // From here on the parent may leave; until then EOF on the channel ends this process.
    call('outlive the parent', 'prctl', PR_SET_PDEATHSIG, 0, 0, 0, 0),
    ...(early ? filter : []),
    { do: 'ask', request: '{"type":"ready"}', releases: true },
    ...waitForStart(input.listener),
    // A hook may do no more than the container itself: it loads the filter for itself.
    ...input.hooks(late),
    call('close descriptors', 'closeRange', 3 + process.extraFds, LAST_FD, CLOSE_RANGE_CLOEXEC),
    ...late,
    ...execute(exec, process, input),
  ];
}
