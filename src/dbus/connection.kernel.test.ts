import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasBusDaemon, PrivateBus } from '../../conformance/lib/private-bus.js';
import { asRuntimeError } from '../errors/error.js';
import { renderError } from '../errors/render.js';
import { monotonicMs } from '../host/monotonic.js';
import { kernelContext } from '../testing/cgroup-scenario.js';
import type { BusAddress } from './address.js';
import { type Connection, connectBus, subscribe } from './connection.js';

const context = kernelContext();
const uid = process.getuid?.() ?? 0;
const bus = new PrivateBus();

const theBus = {
  destination: 'org.freedesktop.DBus',
  path: '/org/freedesktop/DBus',
  interface: 'org.freedesktop.DBus',
};

const connect = (address: BusAddress = bus, patience = 20_000): Connection =>
  connectBus(context, address, uid, patience);

describe.skipIf(!hasBusDaemon())('a connection to a real bus (needs dbus-daemon)', () => {
  beforeAll(() => bus.start());
  afterAll(() => bus.stop());

  it('asks and is answered', () => {
    using connection = connect();
    const [names] = connection.call({ ...theBus, member: 'ListNames' });
    expect(names).toContain('org.freedesktop.DBus');
    const [id] = connection.call({ ...theBus, member: 'GetId' });
    expect(id).toMatch(/^[0-9a-f]{32}$/);
  });

  it('may ask twice before it listens', () => {
    using connection = connect();
    const own = { ...theBus, member: 'GetNameOwner', signature: 's' };
    const first = connection.send({ ...own, body: ['org.freedesktop.DBus'] });
    const second = connection.send({ ...theBus, member: 'GetId' });
    expect(connection.reply(second, 'GetId')).toHaveLength(1);
    expect(connection.reply(first, 'GetNameOwner')).toEqual(['org.freedesktop.DBus']);
  });

  it('hears signals that it has asked for, and looks for one', () => {
    using connection = connect();
    subscribe(
      connection,
      "type='signal',interface='org.freedesktop.DBus',member='NameOwnerChanged'",
    );
    using other = connect();
    const request = { ...theBus, member: 'RequestName', signature: 'su' };
    other.call({ ...request, body: ['org.example.first', 0] });
    other.call({ ...request, body: ['org.example.second', 0] });
    const name = connection.awaitSignal('a new name', ({ body }) =>
      body[0] === 'org.example.second' ? body[0] : undefined,
    );
    expect(name).toBe('org.example.second');
  });

  it('throws errors with their names, and answers null for those that are expected', () => {
    using connection = connect();
    const call = {
      ...theBus,
      member: 'GetNameOwner',
      signature: 's',
      body: ['org.example.nobody'],
    };
    expect(() => connection.call(call)).toThrow(
      'D-Bus: GetNameOwner: org.freedesktop.DBus.Error.NameHasNoOwner: ',
    );
    const name = 'org.freedesktop.DBus.Error.NameHasNoOwner';
    expect(connection.reply(connection.send(call), 'GetNameOwner', [name])).toBeNull();
  });

  it('waits so long and no longer, and then never again', () => {
    using connection = connect(bus, 3000);
    expect(() => connection.awaitSignal('what nobody sends', () => undefined)).toThrow(
      'D-Bus: waited 3 s in vain for what nobody sends',
    );
    expect(connection.silent).toBe(true);
    expect(() => connection.call({ ...theBus, member: 'GetId' })).toThrow('in vain');
  });

  it('is made at the first address that works, be it a file or not', () => {
    using connection = connect({ address: `unix:path=/nowhere;${bus.abstract}` });
    expect(connection.call({ ...theBus, member: 'GetId' })).toHaveLength(1);
  });

  it('is told that a user is not let in who is another one', () => {
    expect(() => connectBus(context, bus, uid + 1)).toThrow(
      `the bus does not let user ${uid + 1} in: REJECTED`,
    );
  });

  it('sends texts of every kind', () => {
    using connection = connect();
    const call = { ...theBus, member: 'GetNameOwner', signature: 's', body: ['é\u{1f600}'] };
    expect(() => connection.call(call)).toThrow('org.freedesktop.DBus.Error.');
  });
});

const failureOf = (act: () => unknown): string => {
  try {
    act();
    return 'none';
  } catch (error) {
    return renderError(asRuntimeError(error));
  }
};

/** Something that is no bus. */
const peer = `
const [path, ...says] = process.argv.slice(1);
require('node:net').createServer((socket) => {
  socket.on('error', () => {});
  socket.on('data', () => {
    const next = says.shift();
    if (next === undefined) socket.end();
    else socket.write(Buffer.from(next, 'latin1'));
  });
}).listen(path, () => console.log('ready'));
`;

describe('something that is no bus', () => {
  const folder = mkdtempSync(join(tmpdir(), 'runts-peer-'));
  const path = join(folder, 'socket');
  const address = { address: `unix:path=${path}` };
  let server: ChildProcess;

  const says = async (...words: string[]) => {
    server = spawn(process.execPath, ['-e', peer, path, ...words]);
    await once(server.stdout!, 'data');
  };
  const end = async () => {
    server.kill();
    await once(server, 'exit');
    rmSync(path, { force: true });
  };
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const ok = `OK ${'0'.repeat(32)}\r\n`;
  it.each<[string, RegExp, string[]]>([
    ['does not know how to begin', /does not let user/, ['nonsense\r\n']],
    ['goes after the beginning', /has closed the connection|EPIPE/, [ok]],
    ['sends no messages', /a message is not little-endian/, [ok, 'x'.repeat(64)]],
    ['says nothing at all', /has closed the connection/, []],
    ['never ends its line', /has closed the connection/, ['x'.repeat(10_000)]],
  ])('that %s is left again', async (_, message, words) => {
    await says(...words);
    try {
      expect(failureOf(() => connectBus(context, address, uid))).toMatch(message);
    } finally {
      await end();
    }
  });
});

it('a clock that nobody sets goes forward', () => {
  const [first, second] = [monotonicMs(context), monotonicMs(context)];
  expect(second).toBeGreaterThanOrEqual(first);
  expect(Number.isInteger(first)).toBe(true);
});
