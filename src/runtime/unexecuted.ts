import { type Packet, receive, receiveFd } from '../channel/channel.js';
import { RuntimeError } from '../errors/error.js';
import { whyNotExecuted } from '../host/executable.js';
import type { Fd } from '../host/fd.js';
import { attempt, type Context } from '../host/host.js';
import { Root } from '../host/root.js';
import { errno } from '../linux/errno.js';
import { failureOf } from './failure.js';

type Refused = Extract<Packet, { readonly type: 'root' }>;

/** The process was killed while it told: a filter may forbid what it tells with. */
const lost = (): RuntimeError =>
  new RuntimeError(
    'command-not-executable',
    'exec: it has failed, and the process has died before it could say why',
  );

const ANSWER = new Uint8Array([0x2b]);
const GONE = [errno.EPIPE, errno.ECONNRESET];

const lookIn =
  (context: Context, { path }: Refused, directory: Fd) =>
  (error: number): string | null => {
    const root = new Root(context, directory);
    return whyNotExecuted(context, (wanted) => root.openIfThere(wanted), path, error);
  };

/** ENOEXEC makes a difference to what is looked for; which error it is comes last. */
function causes(look: ReturnType<typeof lookIn>): (error: number) => string | null {
  const [unknownFormat, other] = [look(errno.ENOEXEC), look(0)];
  return (error) => (error === errno.ENOEXEC ? unknownFormat : other);
}

/** Somebody may have killed it. */
const answer = (context: Context, socket: Fd): number =>
  attempt(context, GONE, 'sendFds', socket.number, ANSWER, ANSWER.length, null, 0);

/** While the process waits: with its end its mounts go, and what is on them. */
function explain(context: Context, socket: Fd): RuntimeError {
  answer(context, socket);
  const { packet: first, fd } = receiveFd(context, socket.number);
  using directory = fd;
  const asks = first?.type === 'root' ? receive(context, socket.number) : first;
  if (asks?.type !== 'unexecuted') return asks === null ? lost() : failureOf(asks);
  const cause =
    first?.type === 'root' && directory !== null ? causes(lookIn(context, first, directory)) : null;
  answer(context, socket);
  const failed = receive(context, socket.number);
  if (failed === null) return lost();
  return failureOf(failed, failed.type === 'failed' ? cause?.(failed.errno) : null);
}

/**
 * The end of the talk with a process that is to be executed: the connection closes when that has
 * worked. Otherwise it says so, brings the root directory, waits for a look at the file, and tells
 * the error.
 */
export function awaitExec(context: Context, socket: Fd): void {
  const packet = receive(context, socket.number);
  if (packet === null) return;
  throw packet.type === 'unexecuted' ? explain(context, socket) : failureOf(packet);
}
