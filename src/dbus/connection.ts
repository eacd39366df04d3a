import { asRuntimeError, RuntimeError } from '../errors/error.js';
import type { Fd } from '../host/fd.js';
import type { Context } from '../host/host.js';
import { writeAll } from '../host/io.js';
import { monotonicMs } from '../host/monotonic.js';
import { waitReadable } from '../host/process.js';
import { connectTo, connectToAbstract } from '../host/unix.js';
import { type BusAddress, type BusSocket, parseAddresses } from './address.js';
import { authenticate } from './authenticate.js';
import {
  decodeMessage,
  ERROR,
  encodeMessage,
  FIXED_HEADER,
  METHOD_CALL,
  METHOD_RETURN,
  type Message,
  messageLength,
  NO_REPLY_EXPECTED,
  SIGNAL,
} from './message.js';
import type { DbusValue } from './values.js';

/** What is called, and with what. */
export interface MethodCall {
  /** Absent where the other end of the connection is the one. */
  readonly destination?: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly signature?: string;
  readonly body?: readonly DbusValue[];
}

/** As long as systemd's own tools give a job to begin with. */
const PATIENCE = 30_000;

const theBus = {
  destination: 'org.freedesktop.DBus',
  path: '/org/freedesktop/DBus',
  interface: 'org.freedesktop.DBus',
};

/** A connection to a D-Bus. One that has once waited in vain waits no more. */
export class Connection implements Disposable {
  readonly #context: Context;
  readonly #socket: Fd;
  readonly #patience: number;
  #serial = 0;
  #silent = false;
  /** What has come of the next messages. */
  #pending: Uint8Array = new Uint8Array();
  readonly #answers = new Map<number, Message>();
  readonly #signals: Message[] = [];

  constructor(context: Context, socket: Fd, patience: number) {
    this.#context = context;
    this.#socket = socket;
    this.#patience = patience;
  }

  /** Sends a call and does not wait; its serial is what {@link reply} takes. */
  send(call: MethodCall, flags = 0): number {
    const { body = [], ...rest } = call;
    const message = { type: METHOD_CALL, flags, serial: ++this.#serial, ...rest, body };
    const bytes = encodeMessage(message, this.#context.host.engine);
    writeAll(this.#context, this.#socket.number, bytes);
    return this.#serial;
  }

  /** Sends a call whose outcome nobody waits for. */
  sendAlone(call: MethodCall): void {
    this.send(call, NO_REPLY_EXPECTED);
  }

  call(call: MethodCall): readonly DbusValue[] {
    return this.reply(this.send(call), call.member)!;
  }

  /** The answer to a call, or null when it is one of the errors that are expected. */
  reply(
    serial: number,
    what: string,
    expected: readonly string[] = [],
  ): readonly DbusValue[] | null {
    const answer = this.#until(`the answer to ${what}`, () => {
      const found = this.#answers.get(serial);
      this.#answers.delete(serial);
      return found;
    });
    if (answer.type === METHOD_RETURN) return answer.body;
    if (expected.includes(answer.errorName ?? '')) return null;
    throw errorOf(answer, what);
  }

  /** The first signal that `pick` makes something of; those before it are forgotten. */
  awaitSignal<T>(what: string, pick: (signal: Message) => T | undefined): T {
    return this.#until(what, () => {
      for (let next = this.#signals.shift(); next !== undefined; next = this.#signals.shift()) {
        const picked = pick(next);
        if (picked !== undefined) return picked;
      }
      return undefined;
    });
  }

  /** Whether it has waited in vain. */
  get silent(): boolean {
    return this.#silent;
  }

  awaitReadable(until: number): void {
    if (this.#silent) throw this.#inVain('anything more');
    for (;;) {
      const rest = until - monotonicMs(this.#context);
      if (rest <= 0) throw this.#inVain('an answer');
      if (waitReadable(this.#context, [this.#socket.number], rest).length > 0) return;
    }
  }

  get deadline(): number {
    return monotonicMs(this.#context) + this.#patience;
  }

  [Symbol.dispose](): void {
    this.#socket[Symbol.dispose]();
  }

  #inVain(what: string): RuntimeError {
    this.#silent = true;
    const seconds = this.#patience / 1000;
    return new RuntimeError('host', `D-Bus: waited ${seconds} s in vain for ${what}`);
  }

  #until<T>(what: string, look: () => T | undefined): T {
    const until = this.deadline;
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      try {
        this.#sort(until);
      } catch (thrown) {
        throw this.#silent ? this.#inVain(what) : thrown;
      }
    }
  }

  /** Answers and signals wait here until somebody asks for them; there is nothing else for us. */
  #sort(until: number): void {
    let message = this.#take();
    while (message === null) {
      this.awaitReadable(until);
      if (!this.#fill()) throw new RuntimeError('host', 'D-Bus: the bus has closed the connection');
      message = this.#take();
    }
    if (message.type === SIGNAL) this.#signals.push(message);
    else if (message.type === METHOD_RETURN || message.type === ERROR)
      this.#answers.set(message.replySerial!, message);
  }

  #fill(): boolean {
    const buffer = new Uint8Array(16384);
    const length = this.#context.host.sys.read(this.#socket.number, buffer, buffer.length);
    const joined = new Uint8Array(this.#pending.length + length);
    joined.set(this.#pending);
    joined.set(buffer.subarray(0, length), this.#pending.length);
    this.#pending = joined;
    return length > 0;
  }

  #take(): Message | null {
    if (this.#pending.length < FIXED_HEADER) return null;
    const length = messageLength(this.#pending);
    if (this.#pending.length < length) return null;
    const bytes = this.#pending.slice(0, length);
    this.#pending = this.#pending.slice(length);
    return decodeMessage(bytes, this.#context.host.engine);
  }
}

/** Engines search errors for these words and would blame the container's command. */
const taken =
  /permission denied|operation not permitted|no such file or directory|executable file not found/gi;

function errorOf({ errorName, body }: Message, what: string): RuntimeError {
  const [text = ''] = body;
  const said = String(text).replace(taken, (words) => words.replaceAll(' ', '-'));
  return new RuntimeError('host', `D-Bus: ${what}: ${errorName}: ${said}`);
}

const connectSocket = (context: Context, { kind, name }: BusSocket): Fd =>
  kind === 'path' ? connectTo(context, name) : connectToAbstract(context, name);

function open(context: Context, socket: BusSocket, uid: number, patience: number): Connection {
  const fd = connectSocket(context, socket);
  const connection = new Connection(context, fd, patience);
  try {
    const until = connection.deadline;
    authenticate(context, fd, uid, () => connection.awaitReadable(until));
    return connection;
  } catch (thrown) {
    connection[Symbol.dispose]();
    throw thrown;
  }
}

/** The first of the sockets where somebody lets us in. */
function openFirst(
  context: Context,
  sockets: readonly BusSocket[],
  uid: number,
  patience: number,
): Connection {
  let failure: unknown;
  for (const socket of sockets) {
    try {
      return open(context, socket, uid, patience);
    } catch (thrown) {
      failure ??= thrown;
    }
  }
  throw asRuntimeError(failure);
}

/** Connects as a user that the bus knows by this id, and has a bus give us a name. */
export function connectBus(
  context: Context,
  { address, peer }: BusAddress,
  uid: number,
  patience = PATIENCE,
): Connection {
  const sockets = parseAddresses(address, context.host.engine);
  const connection = openFirst(context, sockets, uid, patience);
  try {
    if (!peer) connection.call({ ...theBus, member: 'Hello' });
    return connection;
  } catch (thrown) {
    connection[Symbol.dispose]();
    throw thrown;
  }
}

/** Has the bus send us signals, "Match Rules". */
export function subscribe(connection: Pick<Connection, 'call'>, rule: string): void {
  connection.call({ ...theBus, member: 'AddMatch', signature: 's', body: [rule] });
}
