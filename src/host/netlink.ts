import { RuntimeError } from '../errors/error.js';
import {
  AF_NETLINK,
  CLONE_NEWNET,
  NETLINK_ROUTE,
  NLM_F_ACK,
  NLM_F_DUMP,
  NLM_F_DUMP_INTR,
  NLM_F_REQUEST,
  NLMSG_DONE,
  NLMSG_ERROR,
  SOCK_CLOEXEC,
  SOCK_RAW,
} from '../linux/constants.js';
import { decodeMessages, encodeMessage, type NetlinkMessage } from '../linux/netlink.js';
import { Fd } from './fd.js';
import type { Context } from './host.js';
import { writeAll } from './io.js';

/** More than the kernel puts into one datagram, netlink(7). */
const buffer = new Uint8Array(65536);

/** How often a list that changed while it was read is read again. */
const MOST_TRIES = 10;

/** A request of which the kernel says whether it has worked. */
export interface Request {
  /** RTM_… with its name. */
  readonly type: readonly [number: number, name: string];
  readonly body: Uint8Array;
  /** Besides NLM_F_REQUEST and NLM_F_ACK. */
  readonly flags?: number;
  /** What a failure is about, in words. */
  readonly about: string;
}

const malformed = () =>
  new RuntimeError('protocol', 'the kernel’s answer over netlink cannot be read');

/** A conversation with rtnetlink(7) of one network namespace: the one that it was opened in. */
export class Netlink implements Disposable {
  readonly #context: Context;
  readonly #socket: Fd;
  #sequence = 0;

  constructor(context: Context) {
    const { sys } = context.host;
    this.#context = context;
    this.#socket = new Fd(context, sys.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
  }

  /** What the kernel says about it; throws unless that has worked. */
  ask(request: Request): readonly NetlinkMessage[] {
    return this.#exchange(request, NLM_F_ACK);
  }

  /** The same, or null when it fails with `expected`. */
  askIfThere(request: Request, expected: number): readonly NetlinkMessage[] | null {
    try {
      return this.ask(request);
    } catch (thrown) {
      if (thrown instanceof RuntimeError && thrown.call?.errno === expected) return null;
      throw thrown;
    }
  }

  /** Everything of a kind. */
  list(request: Request): readonly NetlinkMessage[] {
    for (let tries = 1; ; tries++) {
      const answers = this.#exchange(request, NLM_F_DUMP);
      const changed = answers.some(({ flags }) => (flags & NLM_F_DUMP_INTR) !== 0);
      if (!changed || tries === MOST_TRIES) return answers;
    }
  }

  #exchange(request: Request, more: number): readonly NetlinkMessage[] {
    const [type, name] = request.type;
    const flags = NLM_F_REQUEST | more | (request.flags ?? 0);
    const sequence = ++this.#sequence;
    const message = encodeMessage({ type, flags, sequence, body: request.body });
    writeAll(this.#context, this.#socket.number, message);
    const { answers, errno } = this.#answers(sequence);
    if (errno === 0) return answers;
    throw new RuntimeError('syscall', '', { call: { name, args: [request.about], errno } });
  }

  /** Up to the message that ends them, with an errno in it. */
  #answers(sequence: number): { readonly answers: NetlinkMessage[]; readonly errno: number } {
    const answers: NetlinkMessage[] = [];
    for (;;) {
      const length = this.#context.host.sys.read(this.#socket.number, buffer, buffer.length);
      const messages = decodeMessages(buffer.subarray(0, length));
      if (messages === null || length === 0) throw malformed();
      for (const message of messages) {
        if (message.sequence !== sequence) continue;
        if (endings.includes(message.type)) return { answers, errno: errnoOf(message) };
        answers.push(message);
      }
    }
  }

  [Symbol.dispose](): void {
    this.#socket[Symbol.dispose]();
  }
}

/** An acknowledgement, and the end of a list. */
const endings = [NLMSG_ERROR, NLMSG_DONE];

/** struct nlmsgerr, and what follows the header of NLMSG_DONE: a negated errno, or 0. */
function errnoOf({ body }: NetlinkMessage): number {
  if (body.length < 4) throw malformed();
  return -new DataView(body.buffer, body.byteOffset).getInt32(0, true);
}

/** A conversation with another network namespace; it keeps that namespace alive. */
export function netlinkIn(context: Context, own: Fd, namespace: Fd): Netlink {
  const { sys } = context.host;
  sys.setns(namespace.number, CLONE_NEWNET);
  try {
    return new Netlink(context);
  } finally {
    sys.setns(own.number, CLONE_NEWNET);
  }
}

/** A decoded answer, which must be one. */
export function decoded<T>(message: T | null): T {
  if (message === null) throw malformed();
  return message;
}
