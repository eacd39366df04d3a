import { describe, expect, it } from 'vitest';
import type { CgroupRecord } from '../cgroup/driver.js';
import { RuntimeError } from '../errors/error.js';
import type { Process } from '../generated/spec-types.js';
import { Fd } from '../host/fd.js';
import { S_IFSOCK } from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import { type FakeHost, type FakeHostSetup, fakeHost } from '../testing/fake-host.js';
import { fakeTerminal, terminalNatives } from '../testing/fake-terminals.js';
import { makeNode } from '../testing/fake-tree.js';
import { checkConsole, connectConsole, serveTerminal } from './console.js';

const withTerminal: Process = { cwd: '/', args: ['sh'], terminal: true };
const without: Process = { cwd: '/', args: ['sh'] };
const listening = { files: { '/run/console': makeNode({ mode: S_IFSOCK | 0o700 }) } };
const cgroup: CgroupRecord = { mode: 'v1', directories: [] };

const refusal = (process: Process, foreground: boolean, socket?: string): string => {
  try {
    checkConsole(process, { foreground, socket });
    return 'fine';
  } catch (thrown) {
    return (thrown as RuntimeError).message;
  }
};

describe('a terminal', () => {
  it.each([
    [withTerminal, true, undefined, 'fine'],
    [withTerminal, false, '/s', 'fine'],
    [without, true, undefined, 'fine'],
    [without, false, undefined, 'fine'],
    [withTerminal, false, undefined, /will detach without setting console socket/],
    [withTerminal, true, '/s', /cannot use console socket/],
    [without, true, '/s', /cannot use console socket/],
    [without, false, '/s', /cannot use console socket/],
  ])('needs exactly one who holds its other end: %j, foreground %s, socket %s', (...row) => {
    const [process, foreground, socket, message] = row;
    expect(refusal(process, foreground, socket)).toMatch(message);
  });
});

describe('the console socket', () => {
  it('is connected to, if there is one', () => {
    const { context, open } = fakeHost(listening);
    expect(connectConsole(context, { foreground: true, socket: undefined })).toBeNull();
    expect(open()).toEqual([]);
    connectConsole(context, { foreground: false, socket: '/run/console' });
    expect(open()).toEqual(['socket']);
  });

  it('that is something else, or not there, leaves nothing open', () => {
    const { context, open } = fakeHost({ files: { '/run/console': 'a file' } });
    const connecting = (socket: string) => () =>
      connectConsole(context, { foreground: false, socket });
    expect(connecting('/run/console')).toThrow('is not a socket');
    expect(connecting('/run/nothing')).toThrow(RuntimeError);
    expect(open()).toEqual([]);
  });
});

const MASTER = 5;

/** Init has said something, maybe with a descriptor. */
function served(packet: string, withFd: boolean, toSocket: boolean, setup: FakeHostSetup = {}) {
  const fake: FakeHost = fakeHost({
    ...setup,
    natives: {
      ...terminalNatives(new Map([[MASTER, fakeTerminal()]])),
      recvFds(_, data, __, fds, count) {
        const bytes = Buffer.from(packet);
        data!.set(bytes);
        if (withFd && count === 1) {
          const number = machine.open(machine.anonymous('master'));
          fds!.set(new Uint8Array(new Int32Array([1, number]).buffer));
        }
        return bytes.length;
      },
    },
  });
  const { machine, context } = fake;
  const channel = new Fd(context, machine.open(machine.anonymous('channel')));
  const socket = new Fd(context, machine.open(machine.anonymous('socket')));
  machine.addProcess(4242, '1');
  machine.end(4242, 9);
  const launched = { pid: 4242, channel };
  const serve = () => serveTerminal(context, launched, cgroup, toSocket ? socket : null);
  return { ...fake, serve };
}

describe('the master that init has sent', () => {
  const packet = '{"type":"terminal"}';

  it('stays here without a socket', () => {
    const { serve, open, machine } = served(packet, true, false);
    expect(serve()?.number).toBe(MASTER);
    expect(open()).toContain('master');
    expect(machine.sent).toEqual([]);
  });

  it('goes to the socket with the name of the terminal, and is ours no more', () => {
    const { serve, open, calls, machine } = served(packet, true, true);
    expect(serve()).toBeNull();
    expect(machine.sent).toEqual(['/dev/pts/7']);
    const sent = calls.find(({ name }) => name === 'sendFds')!;
    expect(sent.args.slice(3)).toEqual([new Uint8Array([MASTER, 0, 0, 0]), 1]);
    expect(open()).not.toContain('master');
  });

  it.each([
    ['says that it has failed', '{"type":"failed","step":"x","row":0,"errno":5}', false],
    ['ends', '', false],
    ['sends something else with it', '{"type":"ready"}', true],
    ['sends nothing with it', packet, false],
  ])('is not waited for when init %s', (_, said, withFd) => {
    const { serve, open } = served(said, withFd, true);
    expect(serve).toThrow(RuntimeError);
    expect(open()).not.toContain('master');
  });

  it('is closed when nobody takes it', () => {
    for (let call = 1; call < 3; call++) {
      const failing = { call, errno: errno.EPIPE };
      const { serve, open } = served(packet, true, true, { failing });
      expect(serve).toThrow();
      expect(open()).not.toContain('master');
    }
  });
});
