import { type Connection, subscribe } from '../../dbus/connection.js';
import type { DbusValue, Variant } from '../../dbus/values.js';
import { RuntimeError } from '../../errors/error.js';
import type { Property } from './property.js';
import type { UnitPlan } from './types.js';

/** What is needed of a connection. */
export type Bus = Pick<
  Connection,
  'awaitSignal' | 'call' | 'reply' | 'send' | 'sendAlone' | 'silent'
>;

/** Whom to ask: by its name on a bus, or without one where systemd itself is at the other end. */
export interface Systemd {
  readonly bus: Bus;
  readonly peer: boolean;
}

const NAME = 'org.freedesktop.systemd1';
const MANAGER = `${NAME}.Manager`;
const UNIT_EXISTS = `${NAME}.UnitExists`;
const NO_SUCH_UNIT = `${NAME}.NoSuchUnit`;

const object = ({ peer }: Systemd) => ({
  ...(!peer && { destination: NAME }),
  path: '/org/freedesktop/systemd1',
});

const managerCall = (systemd: Systemd, member: string, signature: string, body: DbusValue[]) => ({
  ...object(systemd),
  interface: MANAGER,
  member,
  signature,
  body,
});

/** Has the bus tell when jobs are done; without a bus systemd tells everybody. */
export function hearOfJobs({ bus, peer }: Systemd): void {
  if (peer) return;
  const rule = { type: 'signal', sender: NAME, interface: MANAGER, member: 'JobRemoved' };
  const terms = Object.entries(rule).map(([key, value]) => `${key}='${value}'`);
  subscribe(bus, terms.join(','));
}

function managerProperty(systemd: Systemd, name: string): string {
  const [found] = systemd.bus.call({
    ...object(systemd),
    interface: 'org.freedesktop.DBus.Properties',
    member: 'Get',
    signature: 'ss',
    body: [MANAGER, name],
  });
  return String((found as Variant | undefined)?.value);
}

/** `252.38-1~deb12u1`, `v245.4`, `250`: the release is what counts. */
export const releaseOf = (text: string): number => Number(/^v?(\d+)/.exec(text)?.[1] ?? 0);

/** What systemd tells of itself. */
export const askManager = (
  systemd: Systemd,
): { readonly version: number; readonly cgroup: string } => ({
  version: releaseOf(managerProperty(systemd, 'Version')),
  cgroup: managerProperty(systemd, 'ControlGroup'),
});

/** How a job has ended, by the path of its object. */
function awaitJob({ bus }: Systemd, what: string, job: DbusValue | undefined): string {
  return bus.awaitSignal(`the end of the job to ${what}`, ({ member, body }) => {
    const [, path, , result] = body;
    return member === 'JobRemoved' && path === job ? String(result) : undefined;
  });
}

const jobFailed = (what: string, unit: string, result: string): RuntimeError =>
  new RuntimeError('host', `systemd could not ${what}: the job ended as ${result}`, {
    hint: `see journalctl --unit ${unit}`,
  });

/** What has failed under that name stays known to systemd until it is told to forget it. */
function reset(systemd: Systemd, unit: string): void {
  const { bus } = systemd;
  const serial = bus.send(managerCall(systemd, 'ResetFailedUnit', 's', [unit]));
  bus.reply(serial, 'ResetFailedUnit', [NO_SUCH_UNIT]);
}

const asValue = (properties: readonly Property[]): DbusValue[] =>
  properties.map(([name, value]) => [name, value]);

/** The job that starts the unit, or null when there is one of that name. */
function tryStart(systemd: Systemd, unit: UnitPlan, pid: number): DbusValue | null {
  const processes: Property = ['PIDs', { signature: 'au', value: [pid] }];
  const properties = [...unit.properties, ...(unit.takesProcesses ? [processes] : [])];
  const body = [unit.name, 'replace', asValue(properties), []];
  const call = managerCall(systemd, 'StartTransientUnit', 'ssa(sv)a(sa(sv))', body);
  const serial = systemd.bus.send(call);
  return systemd.bus.reply(serial, `StartTransientUnit ${unit.name}`, [UNIT_EXISTS])?.[0] ?? null;
}

function unitExists(unit: string): RuntimeError {
  return new RuntimeError('host', `systemd has a unit ${unit} already`, {
    at: '/linux/cgroupsPath',
    hint: 'give cgroupsPath a name that no other container uses',
  });
}

/**
 * Has systemd make the unit with the process in it. A leftover that has failed makes way. `begun` is
 * called once there is something to be undone.
 */
export function startUnit(systemd: Systemd, unit: UnitPlan, pid: number, begun: () => void): void {
  let job = tryStart(systemd, unit, pid);
  if (job === null) {
    reset(systemd, unit.name);
    job = tryStart(systemd, unit, pid);
  }
  if (job === null) throw unitExists(unit.name);
  begun();
  const what = `start ${unit.name}`;
  const result = awaitJob(systemd, what, job);
  if (result === 'done') return;
  reset(systemd, unit.name);
  throw jobFailed(what, unit.name, result);
}

/** A scope whose processes have all ended may be gone by itself; one that has failed is not. */
export function stopUnit(systemd: Systemd, unit: string): void {
  const call = managerCall(systemd, 'StopUnit', 'ss', [unit, 'replace']);
  if (systemd.bus.silent) {
    systemd.bus.sendAlone(call);
    return;
  }
  const answer = systemd.bus.reply(systemd.bus.send(call), 'StopUnit', [NO_SUCH_UNIT]);
  if (answer === null) return;
  const what = `stop ${unit}`;
  const result = awaitJob(systemd, what, answer[0]);
  if (result !== 'done') throw jobFailed(what, unit, result);
  reset(systemd, unit);
}

/** Changes properties of the unit for as long as it lives. */
export function setUnitProperties(
  systemd: Systemd,
  unit: string,
  properties: readonly Property[],
): void {
  const body = [unit, true, asValue(properties)];
  systemd.bus.call(managerCall(systemd, 'SetUnitProperties', 'sba(sv)', body));
}
