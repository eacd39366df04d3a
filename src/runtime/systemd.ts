import {
  askManager,
  completeCgroups,
  hearOfJobs,
  joinCgroups,
  type Made,
  type Systemd,
  setUnitProperties,
  startUnit,
  stopUnit,
  undoable,
} from '../cgroup/act.js';
import type { CgroupPlan, CgroupRecord } from '../cgroup/driver.js';
import { resourceProperties } from '../cgroup/systemd/resources.js';
import type { SystemdFacts, UnitRecord } from '../cgroup/systemd/types.js';
import { receive } from '../channel/channel.js';
import type { BusAddress } from '../dbus/address.js';
import { type Connection, connectBus } from '../dbus/connection.js';
import { asRuntimeError, during, RuntimeError } from '../errors/error.js';
import { renderError } from '../errors/render.js';
import type { LinuxResources } from '../generated/spec-types.js';
import type { Fd } from '../host/fd.js';
import type { Context } from '../host/host.js';
import { AT_FDCWD } from '../linux/constants.js';
import { findBus, outerUid } from './bus.js';
import type { RuntimeContext } from './context.js';
import type { Launched } from './launch.js';
import { answer, expectPacket, initDied } from './serve.js';
import type { Undo } from './undo.js';

/** A conversation with the systemd that makes the container's unit. */
export interface SystemdSession extends Systemd, Disposable {
  readonly facts: SystemdFacts;
}

/** sd_booted(3) */
const BOOTED = '/run/systemd/system';

function checkBooted(context: Context): void {
  if (context.host.raw.faccessat2(AT_FDCWD, BOOTED, 0, 0) === 0) return;
  throw new RuntimeError(
    'host',
    "systemd not running on this host, can't use systemd as cgroups manager",
    { hint: 'use --cgroup-manager cgroupfs, and set the same in the engine' },
  );
}

const withBus = (bus: Connection, { peer }: BusAddress): Systemd & Disposable => ({
  bus,
  peer: peer === true,
  [Symbol.dispose]: () => bus[Symbol.dispose](),
});

/** The facts that a plan may depend on, and the means to perform it. */
export function openSystemd(context: RuntimeContext): SystemdSession {
  checkBooted(context);
  return during('talk to systemd', () => {
    const { user, bus, connection } = findBus(context);
    const systemd = withBus(connection, bus);
    try {
      hearOfJobs(systemd);
      return { ...systemd, facts: { ...askManager(systemd), bus, user } };
    } catch (thrown) {
      systemd[Symbol.dispose]();
      throw thrown;
    }
  });
}

/** A unit that is made as soon as there is a process for it. */
export interface PendingUnit {
  readonly systemd: Systemd;
  readonly plan: CgroupPlan;
  readonly made: Made;
  begun: boolean;
}

/**
 * Comes before the process does: it has to die before its unit can end, so that undoing must come to
 * the unit last. Null for cgroups that systemd has nothing to do with.
 */
export function reserveUnit(
  context: Context,
  systemd: Systemd | null,
  plan: CgroupPlan,
  undo: Undo,
): PendingUnit | null {
  const { unit } = plan;
  if (systemd === null || unit === undefined) return null;
  const made = undoable(context, plan, (step) => undo.add(step));
  const pending: PendingUnit = { systemd, plan, made, begun: false };
  undo.add(() => {
    if (pending.begun) stopUnit(systemd, unit.name);
  });
  return pending;
}

/** Moves the process, which waits for that, into its unit and whatever cgroups belong to it. */
export function enterUnit(
  context: Context,
  pending: PendingUnit,
  { pid, channel }: Launched,
  proc: Fd,
): void {
  const { systemd, plan, made } = pending;
  const packet = receive(context, channel.number);
  if (packet === null) throw initDied(context, pid, plan.record);
  expectPacket(packet, 'arrived');
  during("make the container's unit", () =>
    startUnit(systemd, plan.unit!, pid, () => {
      pending.begun = true;
    }),
  );
  completeCgroups(context, plan, made);
  during('join cgroup', () => joinCgroups(context, proc, plan, pid));
  answer(context, channel, pid, plan.record);
}

/** What cannot be told to systemd does not keep a container: without processes its scope ends. */
export function endUnit(context: Context, { name, bus }: UnitRecord): void {
  try {
    using systemd = withBus(connectBus(context, bus, outerUid(context)), bus);
    hearOfJobs(systemd);
    stopUnit(systemd, name);
  } catch (thrown) {
    context.log.warn(`cannot end unit ${name}: ${renderError(asRuntimeError(thrown))}`);
  }
}

/** What systemd is to think of a unit's limits from now on. */
export function tellUnit(
  context: Context,
  { unit, mode }: CgroupRecord,
  resources: LinuxResources,
): void {
  if (unit === undefined) return;
  during(`tell systemd of new limits for ${unit.name}`, () => {
    using systemd = withBus(connectBus(context, unit.bus, outerUid(context)), unit.bus);
    const { version } = askManager(systemd);
    const properties = resourceProperties(resources, mode === 'v2' ? 'v2' : 'v1', version);
    if (properties.length > 0) setUnitProperties(systemd, unit.name, properties);
  });
}
