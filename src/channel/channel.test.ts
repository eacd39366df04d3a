import fc from 'fast-check';
import { expect, it, test } from 'vitest';
import { RuntimeError } from '../errors/error.js';
import { errno } from '../linux/errno.js';
import { fakeHost } from '../testing/fake-host.js';
import { ask, type Packet, receive, receiveFd, send, socketPair } from './channel.js';

const hears = (packet: string) => fakeHost({ packets: [packet] }).context;

const packets: readonly Packet[] = [
  { type: 'ready' },
  { type: 'hooks' },
  { type: 'failed', step: 'exec: "/x"', row: 3, errno: 2 },
  {
    type: 'error',
    error: {
      code: 'syscall',
      message: 'é\udcff',
      at: '/mounts/0',
      steps: ['mount /a'],
      call: { name: 'fsopen', args: ['"x"'], errno: 19 },
      hint: 'h',
    },
  },
];

test.each(packets)('what is sent is what is received: $type', (packet) => {
  const { context, machine } = fakeHost();
  send(context, 5, packet);
  machine.packets.push(machine.sent[0]!);
  expect(receive(context, 5)).toEqual(packet);
});

it('may come with one descriptor, which is closed by whoever takes it', () => {
  const text = '{"type":"listener"}';
  const recvFds = (_: number, data: Uint8Array | null, __: unknown, fds: Uint8Array | null) => {
    data!.set(Buffer.from(text));
    new Int32Array(fds!.buffer).set([1, 9]);
    return text.length;
  };
  const { packet, fd } = receiveFd(fakeHost({ natives: { recvFds } }).context, 5);
  expect([packet, fd?.number]).toEqual([{ type: 'listener' }, 9]);
  expect(receiveFd(hears('{"type":"ready"}'), 5)).toEqual({ packet: { type: 'ready' }, fd: null });
});

it('ends with the other end', () => {
  expect(receive(fakeHost().context, 5)).toBeNull();
  const natives = { recvFds: () => -errno.ECONNRESET };
  expect(receive(fakeHost({ natives }).context, 5)).toBeNull();
});

it('is broken by any other failure', () => {
  const { context } = fakeHost({ natives: { recvFds: () => -errno.EMSGSIZE } });
  expect(() => receive(context, 5)).toThrow(
    expect.objectContaining({ call: expect.objectContaining({ errno: errno.EMSGSIZE }) }),
  );
});

it.each([
  ['nothing', ''],
  ['no JSON', 'ready'],
  ['a list', '[]'],
  ['null', 'null'],
  ['no type', '{}'],
  ['an unknown type', '{"type":"steady"}'],
  ['a name that every object has', '{"type":"toString"}'],
  ['an object for a type', '{"type":{}}'],
  ['a failure without errno', '{"type":"failed","step":"x","row":1}'],
  ['a failure without step', '{"type":"failed","row":1,"errno":2}'],
  ['an error without steps', '{"type":"error","error":{"code":"bug","message":""}}'],
  ['an error with other steps', '{"type":"error","error":{"code":"bug","message":"","steps":[1]}}'],
  ['an error that is none', '{"type":"error","error":null}'],
])('refuses %s', (_, packet) => {
  if (packet === '') return expect(receive(hears(packet), 5)).toBeNull();
  return expect(() => receive(hears(packet), 5)).toThrow(
    expect.objectContaining({ code: 'protocol' }),
  );
});

it('asks, and goes on with the answer but not without one', () => {
  const { context, machine } = fakeHost({ packets: ['+'] });
  ask(context, 5, { type: 'hooks' });
  expect(machine.sent).toEqual(['{"type":"hooks"}']);
  expect(() => ask(context, 5, { type: 'hooks' })).toThrow('nobody waits');
});

it('never believes what it hears, and never breaks', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ minLength: 1 }), fc.json()), (text) => {
      try {
        expect(receive(hears(text), 5)).toEqual(JSON.parse(text));
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(RuntimeError);
      }
    }),
  );
});

test('a pair of sockets is closed one by one', () => {
  const { context, open } = fakeHost();
  const [one, other] = socketPair(context);
  expect(open()).toEqual(['one end', 'other end']);
  one[Symbol.dispose]();
  expect(open()).toEqual(['other end']);
  other[Symbol.dispose]();
  expect(open()).toEqual([]);
});
