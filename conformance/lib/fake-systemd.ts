/** What stands in for systemd on a machine without it: it owns systemd's name on a bus of its own. */
import { once } from 'node:events';
import {
  chownSync,
  existsSync,
  type FSWatcher,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { expandSlice } from '../../src/cgroup/systemd/path.js';
import {
  decodeMessage,
  ERROR,
  encodeMessage,
  FIXED_HEADER,
  METHOD_CALL,
  METHOD_RETURN,
  type Message,
  messageLength,
  SIGNAL,
} from '../../src/dbus/message.js';
import type { DbusValue, Variant } from '../../src/dbus/values.js';
import { decode, encode } from '../../src/engine/node/text.js';
import { hierarchies, textOf } from './machine.js';
import { sendSignal } from './send-signal.js';
import { until } from './until.js';

const NAME = 'org.freedesktop.systemd1';
const codec = { encode, decode };

/** How the next calls are to go wrong. */
export interface Mishaps {
  /** That many starts find a unit of the same name. */
  exists?: number;
  /** How a job to start ends. */
  result?: string;
  /** Jobs never end. */
  silent?: boolean;
  /** New properties of a unit are refused with these words. */
  refusal?: string;
}

interface Unit {
  readonly properties: Map<string, Variant>;
  readonly directories: readonly string[];
  readonly watcher: FSWatcher;
}

/** Where systemd keeps its units in every mode: the unified hierarchy, and the named one of v1. */
const folders = (): string[] =>
  hierarchies()
    .filter(({ controllers }) => controllers.length === 0 || controllers.includes('name=systemd'))
    .map(({ mountpoint }) => mountpoint);

const removeIfEmpty = (path: string): boolean => {
  try {
    rmdirSync(path);
  } catch {}
  return !existsSync(path);
};

/** It may have ended by itself. */
function end(pid: number): void {
  try {
    sendSignal(pid, 'SIGKILL');
  } catch {}
}

/** False for a process that has ended. */
function moves(pid: number, directory: string): boolean {
  try {
    writeFileSync(join(directory, 'cgroup.procs'), String(pid));
    return true;
  } catch {
    return false;
  }
}

/** A connection to the bus as Node makes it: the code under test waits while it listens. */
export class FakeSystemd {
  /** The cgroup below which it keeps its units. */
  readonly cgroup: string;
  readonly units = new Map<string, Unit>();
  /** What it was asked, without questions after properties. */
  readonly calls: string[] = [];
  mishaps: Mishaps = {};
  /** To whom a user's systemd gives the cgroups. */
  owner: number | null = null;
  readonly #socket: Socket;
  #serial = 0;
  #jobs = 0;
  #pending = Buffer.alloc(0);

  private constructor(socket: Socket, cgroup: string) {
    this.#socket = socket;
    this.cgroup = cgroup;
  }

  static async start(path: string, cgroup: string): Promise<FakeSystemd> {
    const socket = connect(path);
    await once(socket, 'connect');
    const uid = Buffer.from(String(process.getuid?.())).toString('hex');
    socket.write(`\0AUTH EXTERNAL ${uid}\r\n`);
    await once(socket, 'data');
    socket.write('BEGIN\r\n');
    const fake = new FakeSystemd(socket, cgroup);
    socket.on('data', (data) => fake.#take(data));
    fake.#bus('Hello', '', []);
    fake.#bus('RequestName', 'su', [NAME, 0]);
    return fake;
  }

  close(): void {
    for (const { watcher } of this.units.values()) watcher.close();
    this.#socket.destroy();
  }

  property(unit: string, name: string): string {
    return String(this.units.get(unit)?.properties.get(name)?.value);
  }

  #send(message: Omit<Message, 'serial'>): void {
    this.#socket.write(encodeMessage({ ...message, serial: ++this.#serial }, codec));
  }

  #bus(member: string, signature: string, body: readonly DbusValue[]): void {
    const destination = 'org.freedesktop.DBus';
    const head = { path: '/org/freedesktop/DBus', interface: destination, destination };
    this.#send({ type: METHOD_CALL, ...head, member, ...(signature && { signature }), body });
  }

  #take(data: Buffer): void {
    this.#pending = Buffer.concat([this.#pending, data]);
    while (this.#pending.length >= FIXED_HEADER) {
      const length = messageLength(this.#pending);
      if (this.#pending.length < length) return;
      const message = decodeMessage(this.#pending.subarray(0, length), codec);
      this.#pending = this.#pending.subarray(length);
      if (message.type === METHOD_CALL) void this.#serve(message);
    }
  }

  #reply(to: Message, signature: string, ...body: DbusValue[]): void {
    const head = { replySerial: to.serial, destination: to.sender ?? '' };
    this.#send({ type: METHOD_RETURN, ...head, ...(signature && { signature }), body });
  }

  #fail(to: Message, name: string, text: string): void {
    const head = { replySerial: to.serial, destination: to.sender ?? '' };
    this.#send({
      type: ERROR,
      ...head,
      errorName: `${NAME}.${name}`,
      signature: 's',
      body: [text],
    });
  }

  async #serve(call: Message): Promise<void> {
    const member = call.member ?? '';
    const [unit] = call.body;
    if (member === 'Get') return this.#get(call);
    this.calls.push(`${member} ${String(unit)}`);
    if (member === 'StartTransientUnit') return this.#start(call);
    if (member === 'StopUnit') return this.#stop(call);
    if (member === 'ResetFailedUnit') return this.#reply(call, '');
    if (member === 'SetUnitProperties') return this.#set(call);
    this.#fail(call, 'Unknown', member);
  }

  #get(call: Message): void {
    const values: Record<string, string> = { Version: '252.1-fake', ControlGroup: this.cgroup };
    const value = values[String(call.body[1])] ?? '';
    this.#reply(call, 'v', { signature: 's', value });
  }

  #set(call: Message): void {
    const [unit, , given] = call.body;
    const { refusal } = this.mishaps;
    const properties = this.units.get(String(unit))?.properties;
    if (refusal !== undefined || properties === undefined) {
      this.#fail(call, 'Failed', refusal ?? `Unit ${unit} not loaded.`);
      return;
    }
    for (const [name, value] of given as (readonly [string, Variant])[])
      properties.set(name, value);
    this.#reply(call, '');
  }

  /** The answer comes first, then the signal, as from systemd. */
  #job(call: Message, unit: string, result: string): void {
    const job = `/org/freedesktop/systemd1/job/${++this.#jobs}`;
    this.#reply(call, 'o', job);
    if (this.mishaps.silent) return;
    const other = `/org/freedesktop/systemd1/job/${this.#jobs + 1000}`;
    for (const path of [other, job])
      this.#send({
        type: SIGNAL,
        path: '/org/freedesktop/systemd1',
        interface: `${NAME}.Manager`,
        member: 'JobRemoved',
        signature: 'uoss',
        body: [this.#jobs, path, unit, path === job ? result : 'canceled'],
      });
  }

  #start(call: Message): void {
    const unit = String(call.body[0]);
    if (this.mishaps.exists || this.units.has(unit)) {
      if (this.mishaps.exists) this.mishaps.exists--;
      this.#fail(call, 'UnitExists', `Unit ${unit} was already loaded.`);
      return;
    }
    const { result = 'done' } = this.mishaps;
    const made =
      result !== 'done' || this.#make(unit, call.body[2] as (readonly [string, Variant])[]);
    this.#job(call, unit, made ? result : 'failed');
  }

  #make(unit: string, given: readonly (readonly [string, Variant])[]): boolean {
    const properties = new Map(given);
    const slice = String(properties.get('Slice')?.value ?? '-.slice');
    const place = unit.endsWith('.slice') ? expandSlice(unit) : join(expandSlice(slice), unit);
    const directories = folders().map((folder) => join(folder, this.cgroup, place));
    for (const directory of directories) {
      mkdirSync(directory, { recursive: true });
      const pids = (properties.get('PIDs')?.value ?? []) as number[];
      if (!pids.every((pid) => moves(pid, directory))) {
        directories.forEach(removeIfEmpty);
        return false;
      }
      this.#give(directory);
    }
    const events = directories.map((path) => join(path, 'cgroup.events')).find(existsSync) ?? '';
    const watcher = watch(events, () => this.#look(unit, events));
    this.units.set(unit, { properties, directories, watcher });
    // They may have ended before anybody looked.
    this.#look(unit, events);
    return true;
  }

  #give(directory: string): void {
    if (this.owner === null) return;
    for (const name of ['.', ...readdirSync(directory)])
      chownSync(join(directory, name), this.owner, this.owner);
  }

  /** A scope whose processes have all ended is no more. */
  #look(unit: string, events: string): void {
    if (unit.endsWith('.slice') || !textOf(events).includes('populated 0')) return;
    if (this.units.get(unit)?.directories.every(removeIfEmpty)) this.#forget(unit);
  }

  #forget(unit: string): void {
    this.units.get(unit)?.watcher.close();
    this.units.delete(unit);
  }

  async #stop(call: Message): Promise<void> {
    const unit = String(call.body[0]);
    const directories = this.units.get(unit)?.directories;
    this.#forget(unit);
    if (directories === undefined)
      return this.#fail(call, 'NoSuchUnit', `Unit ${unit} not loaded.`);
    directories.flatMap(membersOf).forEach(end);
    await until(`${unit} is empty`, () => directories.every(removeIfEmpty));
    this.#job(call, unit, 'done');
  }
}

const membersOf = (directory: string): number[] => {
  const file = join(directory, 'cgroup.procs');
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean).map(Number) : [];
};
