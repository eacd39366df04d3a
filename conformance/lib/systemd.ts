/** systemd as the tests find it: the machine's own, or a fake one on a bus of its own. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Engine, inMountNamespace } from './engines.js';
import { FakeSystemd } from './fake-systemd.js';
import { cgroupsOf } from './machine.js';
import { asOrdinaryUser, user } from './ordinary-user.js';
import { hasBusDaemon, PrivateBus } from './private-bus.js';

/** sd_booted(3) */
export const isBooted = existsSync('/run/systemd/system');

/** Why tests of systemd cannot be run, or null. */
export const lacksSystemd: string | null =
  isBooted || hasBusDaemon() ? null : 'needs systemd, or the program dbus-daemon';

const bus = isBooted ? null : new PrivateBus();
const cgroup = isBooted ? '' : `/runts-test-systemd-${process.pid}`;
let fake: FakeSystemd | null = null;

const pretendBooted = 'mount -t tmpfs none /run\nmkdir -p /run/systemd/system';

/** The program as an engine calls it that leaves cgroups to systemd. */
export function withSystemd(engine: Engine): Engine {
  const asked = { ...engine, command: [...engine.command, '--systemd-cgroup'] };
  if (bus === null) return asked;
  const command = ['env', `DBUS_SYSTEM_BUS_ADDRESS=${bus.address}`, ...asked.command];
  return inMountNamespace({ ...asked, command }, pretendBooted);
}

/** Whom systemd serves as a user: one who is logged in, or somebody for a fake. */
export const userId = isBooted ? 1000 : user.id;

/** Why tests of a user's systemd cannot be run, or null. */
export const lacksUserSystemd: string | null =
  !isBooted || existsSync(`/run/user/${userId}/bus`)
    ? lacksSystemd
    : `needs a session of user ${userId}`;

/** Before a command of the user who is logged in. */
const asUser: readonly string[] = [
  ...['setpriv', '--reuid', String(userId), '--regid', String(userId), '--clear-groups'],
  ...['env', `XDG_RUNTIME_DIR=/run/user/${userId}`],
];

/** The program as that user calls it. */
export function withUserSystemd(engine: Engine): Engine {
  const asked = [...engine.command, '--systemd-cgroup'];
  if (bus === null) return { ...engine, command: [...asUser, ...asked] };
  const command = ['env', `DBUS_SESSION_BUS_ADDRESS=${bus.address}`, ...asked];
  return inMountNamespace(asOrdinaryUser({ ...engine, command }), pretendBooted);
}

/** Where a user's unit is. */
export const userCgroup = (path: string): string =>
  isBooted ? `/user.slice/user-${userId}.slice/user@${userId}.service${path}` : `${cgroup}${path}`;

export async function startSystemd(): Promise<void> {
  if (bus === null) return;
  await bus.start();
  fake = await FakeSystemd.start(bus.socket, cgroup);
}

export async function stopSystemd(): Promise<void> {
  fake?.close();
  await bus?.stop();
  for (const path of cgroup === '' ? [] : cgroupsOf(cgroup)) removeBelow(path);
}

/** Slices stay behind, as those of systemd do in hierarchies that it does not use. */
function removeBelow(path: string): void {
  for (const entry of readdirSync(path, { withFileTypes: true }))
    if (entry.isDirectory()) removeBelow(join(path, entry.name));
  rmdirSync(path);
}

/** The one that answers; only where {@link isBooted} is false. */
export function theFake(): FakeSystemd {
  if (fake === null) throw new Error('there is a real systemd');
  return fake;
}

/** Where a unit is, as a path in any hierarchy. */
export const unitCgroup = (path: string): string => `${cgroup}${path}`;

const show = (name: string, unit: string) => ['show', '--value', '--property', name, unit];

/** What the user’s systemd thinks of a unit; only where {@link isBooted} is true. */
export function userUnitProperty(unit: string, name: string): string {
  const [program = '', ...args] = [...asUser, 'systemctl', '--user', ...show(name, unit)];
  return execFileSync(program, args, { encoding: 'utf8' }).trim();
}

/** What systemd thinks of a unit. */
export const unitProperty = (unit: string, name: string): string =>
  fake === null
    ? execFileSync('systemctl', show(name, unit), { encoding: 'utf8' }).trim()
    : fake.property(unit, name);

/** Whether systemd knows the unit still. */
export const unitIsThere = (unit: string): boolean =>
  fake === null
    ? ['active', 'failed', 'deactivating'].includes(unitProperty(unit, 'ActiveState'))
    : fake.units.has(unit);
