import type { CgroupRecord } from '../cgroup/driver.js';
import { type Packet, receive } from '../channel/channel.js';
import { during, RuntimeError } from '../errors/error.js';
import type { Fd } from '../host/fd.js';
import type { Context } from '../host/host.js';
import { writeProc } from '../host/proc.js';
import { waitReadable } from '../host/process.js';
import type { Facts } from '../plan/facts.js';
import type { NamespacesPlan } from '../plan/plan.js';
import { asksToBeSetUp } from './entry.js';
import { failureOf } from './failure.js';
import { compareMaps, writeMaps } from './id-maps.js';
import type { Launched } from './launch.js';
import { answer, expectPacket, initDied, initEnded, reap } from './serve.js';

/** What the parent knows while its child enters the namespaces. */
export interface Entering {
  readonly plan: NamespacesPlan;
  readonly facts: Facts;
  readonly proc: Fd;
  readonly cgroup: CgroupRecord;
  /** Told about every process that there is. */
  readonly born: (pid: number) => void;
}

function setUp(context: Context, { plan, facts, proc }: Entering, pid: number): void {
  const { user, timeOffsets } = plan;
  if (user?.kind === 'new') writeMaps(context, proc, pid, user, facts);
  else if (user !== null) compareMaps(context, proc, pid, user);
  if (timeOffsets === '') return;
  const write = () => writeProc(context, proc, `${pid}/timens_offsets`, timeOffsets);
  during('set the offsets of the clocks', write, '/linux/timeOffsets');
}

/**
 * A stage that did not come to its end has said why, or was killed. All that it said is there by now;
 * so may be the pid of a sibling, which has to be ended like the container's process that it is.
 */
function stageFailed(context: Context, channel: Fd, status: number, entering: Entering) {
  while (waitReadable(context, [channel.number], 0).length > 0) {
    const packet = receive(context, channel.number);
    if (packet === null) break;
    if (packet.type === 'child') entering.born(packet.pid);
    else if (packet.type !== 'born') return failureOf(packet);
  }
  return initEnded(context, status, entering.cgroup);
}

/**
 * The stage tells the pid and ends, its sibling that it is there: whoever is quicker speaks first.
 * What the sibling complains of waits for the pid, without which it could not be ended. That the
 * stage has ended comes before all: if it was killed, nobody would ever tell the pid.
 */
function adopt(context: Context, channel: Fd, stage: number, entering: Entering): number {
  const status = reap(context, stage);
  if (status !== 0) throw stageFailed(context, channel, status, entering);
  let pid = 0;
  let said: Packet | null = null;
  for (let words = 0; words < 2; words++) {
    const packet = receive(context, channel.number);
    if (packet?.type === 'child') {
      pid = packet.pid;
      entering.born(pid);
    } else said = packet;
  }
  if (pid === 0) throw new RuntimeError('protocol', 'nobody has told the pid of init');
  if (said === null) throw initDied(context, pid, entering.cgroup);
  expectPacket(said, 'born');
  return pid;
}

/**
 * The parent's part while the child gets into its user, pid and time namespaces. Answers the pid of
 * the container's process, which a stage is not.
 */
export function enterNamespaces(context: Context, launched: Launched, entering: Entering): number {
  const { pid, channel } = launched;
  if (asksToBeSetUp(entering.plan)) {
    const packet = receive(context, channel.number);
    if (packet === null) throw initDied(context, pid, entering.cgroup);
    expectPacket(packet, 'entered');
    setUp(context, entering, pid);
    answer(context, channel, pid, entering.cgroup);
  }
  if (entering.plan.stage === null) return pid;
  const child = adopt(context, channel, pid, entering);
  answer(context, channel, child, entering.cgroup);
  return child;
}
