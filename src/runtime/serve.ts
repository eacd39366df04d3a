import { applyLimits, memoryStory, oomKills } from '../cgroup/act.js';
import type { CgroupPlan, CgroupRecord } from '../cgroup/driver.js';
import { type Packet, receive, receiveFd } from '../channel/channel.js';
import { oomKilled } from '../errors/catalog.js';
import { RuntimeError } from '../errors/error.js';
import type { Fd } from '../host/fd.js';
import { attempt, type Context } from '../host/host.js';
import { SIGSYS } from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import { signalName } from '../linux/signals.js';
import { failureOf } from './failure.js';

const ANSWER = new Uint8Array([0x2b]);

/** The status of a child that is known to be ending, wait4(2). */
export function reap(context: Context, pid: number): number {
  const status = new Int32Array(1);
  context.host.sys.wait4(pid, new Uint8Array(status.buffer), 0, null);
  return status[0]!;
}

const filterHint =
  'the seccomp profile has to allow what the runtime itself calls under it: execve, without ' +
  'noNewPrivileges also capset, with a listener also accept4, close, close_range, recvfrom, ' +
  'sendmsg and sendto';

/** Init went without a word: what the kernel tells about its end. */
export const initDied = (context: Context, pid: number, cgroup: CgroupRecord): RuntimeError =>
  initEnded(context, reap(context, pid), cgroup);

/** The same with the status that wait4(2) has told. */
export function initEnded(context: Context, status: number, cgroup: CgroupRecord): RuntimeError {
  const signal = status & 0x7f;
  if (signal !== 0 && oomKills(context, cgroup) > 0) return oomKilled(memoryStory(context, cgroup));
  const how = signal === 0 ? `ended with status ${status >> 8}` : `killed by ${signalName(signal)}`;
  const hint = signal === SIGSYS ? { hint: filterHint } : {};
  return new RuntimeError('init-died', `container init ${how} before it was ready`, hint);
}

const awaitFd =
  (type: 'listener' | 'terminal') =>
  (context: Context, channel: Fd, pid: number, cgroup: CgroupRecord): Fd => {
    const { packet, fd } = receiveFd(context, channel.number);
    if (packet?.type === type && fd !== null) return fd;
    fd?.[Symbol.dispose]();
    throw packet === null ? initDied(context, pid, cgroup) : failureOf(packet);
  };

/** The listener of init's seccomp filter: comes before `ready` when the Plan has one that notifies. */
export const awaitListener = awaitFd('listener');

/** The master of the process's terminal: comes before both when the Plan has one. */
export const awaitTerminal = awaitFd('terminal');

/** Whatever else the child says is why it cannot go on. */
export function expectPacket(packet: Packet, type: Packet['type']): void {
  if (packet.type !== type) throw failureOf(packet);
}

const GONE = [errno.EPIPE, errno.ECONNRESET];

/** False when there is nobody who could hear it. */
const hears = (context: Context, { number }: Fd): boolean =>
  attempt(context, GONE, 'sendFds', number, ANSWER, ANSWER.length, null, 0) >= 0;

/** Init may have died while it waited: of a limit that it was given, or by anybody's hand. */
export function answer(context: Context, channel: Fd, pid: number, cgroup: CgroupRecord): void {
  if (!hears(context, channel)) throw initDied(context, pid, cgroup);
}

/** Neither of itself, nor of its seccomp filter or a limit. */
const wasKilled = (context: Context, status: number, cgroup: CgroupRecord): boolean =>
  ![0, SIGSYS].includes(status & 0x7f) && oomKills(context, cgroup) === 0;

/** The last answer: whoever sees the container by now may kill it, which has been created then. */
export function answerLast(context: Context, channel: Fd, pid: number, cgroup: CgroupRecord): void {
  if (hears(context, channel)) return;
  const status = reap(context, pid);
  if (!wasKilled(context, status, cgroup)) throw initEnded(context, status, cgroup);
}

/**
 * v1 refuses a limit below the memory that init uses; v2 takes it and kills init (memory.max in
 * cgroup-v2.rst), which still takes a moment to be gone, so that its end of the channel tells nothing.
 */
export function applySparing(context: Context, pid: number, plan: CgroupPlan): void {
  const deadly = plan.limits.some(({ file }) => file.endsWith('/memory.max'));
  const before = deadly ? oomKills(context, plan.record) : 0;
  applyLimits(context, plan);
  if (deadly && oomKills(context, plan.record) > before) throw initDied(context, pid, plan.record);
}

/**
 * The parent's part of the conversation: init asks, we serve. It says what it has to say next, or
 * what failed; anything else is not listened to, since by now it may be hostile.
 */
const awaitPacket =
  (type: 'hooks' | 'ready') =>
  (context: Context, channel: Fd, pid: number, cgroup: CgroupRecord): void => {
    const packet: Packet | null = receive(context, channel.number);
    if (packet === null) throw initDied(context, pid, cgroup);
    expectPacket(packet, type);
  };

/** All is mounted: first of all when there are hooks or network devices. */
export const awaitHooks = awaitPacket('hooks');

export const awaitReady = awaitPacket('ready');
