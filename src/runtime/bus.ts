import type { BusAddress } from '../dbus/address.js';
import { type Connection, connectBus } from '../dbus/connection.js';
import { asRuntimeError, RuntimeError, toData } from '../errors/error.js';
import type { Context } from '../host/host.js';
import { readTextAt } from '../host/io.js';
import { AT_FDCWD } from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import type { RuntimeContext } from './context.js';

/** "Well-known Message Bus Instances"; /var/run is a link wherever there is a systemd. */
const SYSTEM_BUS = 'unix:path=/run/dbus/system_bus_socket';
/** Where systemd itself listens, for root alone. */
const PRIVATE: BusAddress = { address: 'unix:path=/run/systemd/private', peer: true };

export interface FoundBus {
  readonly connection: Connection;
  readonly bus: BusAddress;
  /** Of a user's systemd. */
  readonly user: boolean;
}

const variable = ({ host }: Context, name: string): string | undefined =>
  host.engine.environment.find((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1) ||
  undefined;

/** Our user id as it is outside of user namespaces: what the bus hears from the kernel. */
export function outerUid(context: Context): number {
  const uid = context.host.sys.geteuid();
  for (const line of readTextAt(context, AT_FDCWD, '/proc/self/uid_map').trim().split('\n')) {
    const [inside = 0, outside = 0, count = 0] = line.trim().split(/\s+/).map(Number);
    if (uid >= inside && uid < inside + count) return outside + uid - inside;
  }
  return uid;
}

/** Root of a user namespace is served by its user's systemd, as whoever is not root. */
function isUser(context: RuntimeContext, uid: number): boolean {
  if (context.rootless !== 'auto') return context.rootless === 'true';
  return context.host.sys.geteuid() !== 0 || uid !== 0;
}

const systemBus = (context: Context): BusAddress => ({
  address: variable(context, 'DBUS_SYSTEM_BUS_ADDRESS') ?? SYSTEM_BUS,
});

function userBus(context: Context, uid: number): BusAddress {
  const folder = variable(context, 'XDG_RUNTIME_DIR') ?? `/run/user/${uid}`;
  const address = variable(context, 'DBUS_SESSION_BUS_ADDRESS');
  return { address: address ?? `unix:path=${folder}/bus` };
}

const absent: readonly (number | undefined)[] = [errno.ENOENT, errno.ECONNREFUSED];

/** The bus comes first, since it asks its policy; a machine may have none. */
function connectSystem(context: Context, bus: BusAddress, uid: number): Omit<FoundBus, 'user'> {
  try {
    return { connection: connectBus(context, bus, uid), bus };
  } catch (thrown) {
    const isAbsent = absent.includes(asRuntimeError(thrown).call?.errno);
    if (uid !== 0 || bus.address !== SYSTEM_BUS || !isAbsent) throw thrown;
    return { connection: connectBus(context, PRIVATE, uid), bus: PRIVATE };
  }
}

const userHint =
  'a user needs a session of systemd and its bus: see loginctl enable-linger, and ' +
  'DBUS_SESSION_BUS_ADDRESS and XDG_RUNTIME_DIR in the environment';

function connectUser(context: Context, bus: BusAddress, uid: number): Omit<FoundBus, 'user'> {
  try {
    return { connection: connectBus(context, bus, uid), bus };
  } catch (thrown) {
    const error = asRuntimeError(thrown);
    throw new RuntimeError(error.code, error.message, { hint: userHint, ...toData(error) });
  }
}

/** The bus of the systemd that makes our containers' units. */
export function findBus(context: RuntimeContext): FoundBus {
  const uid = outerUid(context);
  const user = isUser(context, uid);
  const found = user
    ? connectUser(context, userBus(context, uid), uid)
    : connectSystem(context, systemBus(context), uid);
  return { ...found, user };
}
