import { receive, socketPair } from '../channel/channel.js';
import { asRuntimeError, during, RuntimeError, toData } from '../errors/error.js';
import { type Fd, owned } from '../host/fd.js';
import type { Context } from '../host/host.js';
import { openAt } from '../host/io.js';
import { namespaceKindOf } from '../host/namespace.js';
import { writeProc } from '../host/proc.js';
import { call, encodeBatch, tolerated } from '../linux/batch.js';
import { AT_FDCWD, CLONE_NEWUSER, O_RDONLY, SIGKILL } from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import { failureOf } from './failure.js';

/** user_namespaces(7), "Defining user and group ID mappings". */
const hints: Readonly<Record<number, string>> = {
  [errno.EINVAL]: 'ranges of ids must not overlap, and there may be 340 of them',
  [errno.EPERM]: 'ids of others can only be mapped with CAP_SETUID and CAP_SETGID over them',
};

export function writeMap(context: Context, proc: Fd, file: string, text: string): void {
  try {
    writeProc(context, proc, file, text);
  } catch (thrown) {
    const error = asRuntimeError(thrown);
    const hint = hints[error.call?.errno ?? 0];
    throw new RuntimeError(error.code, error.message, {
      ...toData(error),
      ...(hint !== undefined && { hint }),
    });
  }
}

/** A process that does nothing but be in a new user namespace, until its channel is closed. */
function launchHolder(context: Context, parentEnd: Fd, childEnd: Fd): number {
  const { engine, sys } = context.host;
  const steps = [
    // Else it would not hear of the parent's end.
    tolerated(call('leave the parent’s end', 'close', parentEnd.number)),
    { do: 'ask', request: '{"type":"ready"}' } as const,
    call('end', 'exit', 0),
  ];
  const program = encodeBatch(steps, engine.encode);
  return sys.launch(CLONE_NEWUSER, -1, childEnd.number, program, program.length);
}

function awaitHolder(context: Context, channel: Fd): void {
  const packet = receive(context, channel.number);
  if (packet?.type === 'ready') return;
  throw packet === null
    ? new RuntimeError('init-died', 'the process that was to hold the user namespace is gone')
    : failureOf(packet);
}

/** A user namespace as the kernel itself names it: what is found there must be one. */
export const openUserNamespace = (context: Context, dir: number, path: string): Fd =>
  owned(openAt(context, dir, path, O_RDONLY), ({ number }) => {
    if (namespaceKindOf(context, number) === 'user') return;
    throw new RuntimeError('invalid-config', `${path} is no user namespace`);
  });

export const joinedUserNamespace = (context: Context, path: string): Fd =>
  during('open the user namespace', () => openUserNamespace(context, AT_FDCWD, path));

/** A user namespace with these mappings, in which there is no process: its descriptor holds it. */
export function makeUserNamespace(context: Context, proc: Fd, uids: string, gids: string): Fd {
  const [parentEnd, childEnd] = socketPair(context);
  using channel = parentEnd;
  using ends = childEnd;
  const pid = during('make a user namespace', () => launchHolder(context, channel, ends));
  try {
    ends[Symbol.dispose]();
    awaitHolder(context, channel);
    during('map user ids', () => writeMap(context, proc, `${pid}/uid_map`, uids));
    during('map group ids', () => writeMap(context, proc, `${pid}/gid_map`, gids));
    return openUserNamespace(context, proc.number, `${pid}/ns/user`);
  } finally {
    context.host.raw.kill(pid, SIGKILL);
    // Without the channel it ends in any case.
    channel[Symbol.dispose]();
    context.host.raw.wait4(pid, null, 0, null);
  }
}
