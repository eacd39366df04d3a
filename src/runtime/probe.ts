import { preservedFdClosed } from '../errors/catalog.js';
import { RuntimeError } from '../errors/error.js';
import type { Spec } from '../generated/spec-types.js';
import type { Context } from '../host/host.js';
import type { CapabilitySet } from '../linux/capabilities.js';
import { _LINUX_CAPABILITY_VERSION_3, F_GETFD } from '../linux/constants.js';
import type { Facts } from '../plan/facts.js';
import { probeLxcfs } from './lxcfs.js';

/** capget(2): what this process is permitted, hence what it may hand on. */
function permitted(context: Context): CapabilitySet {
  const header = new Uint8Array(new Uint32Array([_LINUX_CAPABILITY_VERSION_3, 0]).buffer);
  const data = new Uint32Array(6);
  context.host.sys.capget(header, new Uint8Array(data.buffer));
  return { low: data[1]!, high: data[4]! };
}

const variable = (environment: readonly string[], name: string): number =>
  Number(environment.find((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1) ?? 0);

/** sd_listen_fds(3): the descriptors are ours only if the pid is. */
function listenFds(context: Context): number {
  const { environment } = context.host.engine;
  const count = variable(environment, 'LISTEN_FDS');
  if (!Number.isInteger(count) || count <= 0) return 0;
  return variable(environment, 'LISTEN_PID') === context.host.sys.getpid() ? count : 0;
}

type Complaint = (index: number, count: number) => RuntimeError;

const listenFdClosed: Complaint = (index, count) =>
  new RuntimeError('host', `descriptor ${3 + index} of LISTEN_FDS=${count} is not open`);

/**
 * Each descriptor that the process is to inherit must be open now, and the caller's: what the
 * runtime has opened in a gap would lead out of the container (CVE-2024-21626).
 */
function checkExtraFds(context: Context, first: number, count: number, closed: Complaint): void {
  if (count === 0) return;
  const { raw, engine } = context.host;
  const own = engine.ownFds?.() ?? [];
  for (let i = 0; i < count; i++)
    if (own.includes(first + i) || raw.fcntl(first + i, F_GETFD, 0) < 0) throw closed(i, count);
}

/** The only reader of machine facts for a plan. As in runc, `exec` passes no LISTEN_FDS on. */
export function probe(
  context: Context,
  preserveFds: number,
  spec: Spec,
  passesListenFds = true,
): Facts {
  const facts = {
    capabilities: permitted(context),
    euid: context.host.sys.geteuid(),
    egid: context.host.sys.getegid(),
    listenFds: passesListenFds ? listenFds(context) : 0,
    lxcfs: probeLxcfs(context, spec),
  };
  checkExtraFds(context, 3, facts.listenFds, listenFdClosed);
  checkExtraFds(context, 3 + facts.listenFds, preserveFds, preservedFdClosed);
  return facts;
}
