import { send } from '../channel/channel.js';
import { asRuntimeError, during, toData } from '../errors/error.js';
import type { Root } from '../host/root.js';
import { encodeBatch } from '../linux/batch.js';
import { PR_SET_DUMPABLE } from '../linux/constants.js';
import { sealSteps } from '../plan/seal.js';
import type { Entered, InitContext } from './context.js';
import { makeDevices } from './devices.js';
import { enterContainer } from './exec.js';
import { runCreateHooks, startHookFds, startHookSteps } from './hooks.js';
import { finishMounts, mountAll } from './mounts.js';
import { maskPaths, protectPaths, writeSysctls } from './paths.js';
import {
  enterWorkingDirectory,
  environmentOf,
  findExecutable,
  giveStdioAway,
  makeWorkingDirectory,
  replaceNullStdio,
  setGroups,
} from './process.js';
import { enterMountNamespace, finishRoot, switchRoot } from './root.js';
import { chooseLabel, chooseProfile } from './security.js';
import { joinKeyring, raiseLoopback } from './session.js';
import { makeTerminal } from './terminal.js';

function setNames(context: InitContext): void {
  const { hostname, domainname } = context.plan.identity;
  const { encode } = context.host.engine;
  if (hostname !== null) context.host.sys.sethostname(hostname, encode(hostname).length);
  if (domainname !== null) context.host.sys.setdomainname(domainname, encode(domainname).length);
}

/** Everything up to the container's process, in the order that runtime.md#lifecycle asks for. */
function build(context: InitContext): Entered {
  context.host.sys.umask(0);
  during('join the session keyring', () => joinKeyring(context));
  during('bring up the loopback interface', () => raiseLoopback(context));
  const root = during('enter the mount namespace', () => enterMountNamespace(context));
  const late = mountAll(context, root);
  makeDevices(context, root);
  runCreateHooks(context);
  during('switch to the root file system', () => switchRoot(context, root));
  during('set host and domain name', () => setNames(context));
  chooseProfile(context);
  writeSysctls(context);
  // Before anything turns read-only.
  const terminal = makeTerminal(context, root);
  if (terminal === null) during('replace the null device', () => replaceNullStdio(context, root));
  finishTree(context, root, late);
  return { root, terminal };
}

function finishTree(context: InitContext, root: Root, late: ReturnType<typeof mountAll>): void {
  during('make the working directory', () => makeWorkingDirectory(context, root));
  protectPaths(context, root);
  maskPaths(context, root);
  finishMounts(context, late);
  finishRoot(context, root);
}

function finish(context: InitContext, { root, terminal }: Entered): number {
  const { plan, host } = context;
  const entered = enterWorkingDirectory(context, root);
  const env = during('find the home directory', () => environmentOf(context, root));
  const path = findExecutable(context, env);
  if (terminal === null) during('hand over the standard streams', () => giveStdioAway(context));
  chooseLabel(context);
  if (plan.process.umask !== null) host.sys.umask(plan.process.umask);
  // While still root: CAP_SETGID and CAP_SETPCAP are lost with the user id.
  setGroups(context);
  const { low, high } = plan.process.capabilities.bounding;
  during('drop capabilities from the bounding set', () => host.sys.dropBounding(low, high));
  const steps = sealSteps(plan.process, {
    path,
    env,
    enterCwd: !entered,
    listener: context.listener,
    channel: context.channel,
    terminal: terminal?.number ?? -1,
    filter: host.engine.encode(plan.process.seccomp?.program ?? ''),
    hooks: (filter) => startHookSteps(context, env, filter),
    neededFds: [...startHookFds(context), ...(context.engineFds ?? [])],
  });
  const program = encodeBatch(steps, host.engine.encode);
  return host.sys.finish(context.channel, program, program.length);
}

/**
 * The child. It never returns into its caller: whatever happens ends in execve(2) or exit, so no
 * cleanup of the parent's can run a second time.
 */
export function runInit(context: InitContext): never {
  const { host } = context;
  try {
    host.sys.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    finish(context, context.plan.enters ? enterContainer(context) : build(context));
  } catch (thrown) {
    send(context, context.channel, { type: 'error', error: toData(asRuntimeError(thrown)) });
  } finally {
    host.raw.exit(1);
  }
  throw new Error('exit_group returned');
}
