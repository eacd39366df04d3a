import { describe, expect, it } from 'vitest';
import { Fd } from '../host/fd.js';
import { errno } from '../linux/errno.js';
import { type FakeHost, type FakeHostSetup, fakeHost } from '../testing/fake-host.js';
import {
  cookedModes,
  type FakeEnd,
  fakeEnd,
  fakeTerminal,
  makesCarriageReturns,
  terminalNatives,
} from '../testing/fake-terminals.js';
import { device } from '../testing/init-host.js';
import { UserTerminal } from './user-terminal.js';

const MASTER = 3;
const AFTER_PEER = 5;

interface Shown extends FakeHost {
  readonly terminal: UserTerminal;
  readonly master: FakeEnd;
}

/** Descriptors by number; none of them is a terminal unless it is given. */
function shown(given: Readonly<Record<number, FakeEnd>> = {}, setup: FakeHostSetup = {}): Shown {
  const master = fakeTerminal({ size: null });
  const ends = new Map([0, 1, 2, AFTER_PEER].map((fd) => [fd, given[fd] ?? fakeEnd()]));
  ends.set(MASTER, master);
  const fake = fakeHost({
    ...setup,
    natives: {
      ...terminalNatives(ends),
      ioctlValue: () => machine.open(machine.anonymous('peer')),
    },
  });
  const { machine, context } = fake;
  const fd = new Fd(context, machine.open(machine.anonymous('master')));
  return { ...fake, terminal: new UserTerminal(context, fd), master };
}

function begun(...args: Parameters<typeof shown>): Shown {
  const host = shown(...args);
  host.terminal.begin();
  return host;
}

describe("the user's terminal", () => {
  it('is raw while keys go to the container, then as before', () => {
    const own = fakeTerminal();
    const { terminal, open } = begun({ 0: own });
    expect(own.history).toEqual(['raw']);
    terminal[Symbol.dispose]();
    expect(own.history).toEqual(['raw', 'cooked']);
    expect(own.modes).toEqual(cookedModes());
    expect(open()).toEqual([]);
  });

  it('is made as before once, however often', () => {
    const own = fakeTerminal();
    const { terminal } = begun({ 0: own });
    for (let i = 0; i < 3; i++) terminal[Symbol.dispose]();
    expect(own.history).toEqual(['raw', 'cooked']);
  });

  it('is as before while the rest is shown, also when this program has been stopped then', () => {
    const own = fakeTerminal();
    const { terminal } = begun({ 0: own });
    terminal.release();
    terminal.resume();
    expect(own.modes).toEqual(cookedModes());
    terminal[Symbol.dispose]();
    expect(own.history).toEqual(['raw', 'cooked']);
  });

  it('still ends lines as it does, and the one of the container does not', () => {
    const own = fakeTerminal();
    const { master } = begun({ 0: own });
    expect(makesCarriageReturns(own.modes!)).toBe(true);
    expect(makesCarriageReturns(master.modes!)).toBe(false);
  });

  it('without keys is left alone', () => {
    const own = fakeTerminal();
    const { terminal } = begun({ 1: own, 2: own });
    terminal.resume();
    terminal[Symbol.dispose]();
    expect(own.history).toEqual([]);
  });

  it.each([0, 1, 2])('gives its size, wherever it is: as %i', (fd) => {
    const { master, terminal } = begun({ [fd]: fakeTerminal({ size: [33, 101] }) });
    expect(master.size).toEqual([33, 101]);
    terminal[Symbol.dispose]();
  });

  it('gives the size of the session when no stream is a terminal', () => {
    const session = fakeTerminal({ size: [40, 120] });
    const files = { '/dev/tty': device(5, 0) };
    const { master } = begun({ [AFTER_PEER]: session }, { files });
    expect(master.size).toEqual([40, 120]);
  });

  it('of no size at all leaves that of the configuration', () => {
    expect(begun({ 0: fakeTerminal({ size: [0, 0] }) }).master.size).toBeNull();
  });

  it('is raw again, and of its new size, when this program has been stopped', () => {
    const own = fakeTerminal();
    const { terminal, master } = begun({ 0: own });
    own.modes = cookedModes();
    own.size = [50, 132];
    terminal.resume();
    expect(own.history).toEqual(['raw', 'raw']);
    expect(master.size).toEqual([50, 132]);
    terminal[Symbol.dispose]();
    expect(own.modes).toEqual(cookedModes());
  });

  it('that is shown on is opened again, so as never to wait for it', () => {
    const out = fakeTerminal();
    const { trace, open, terminal } = begun({ 1: out }, { files: { '/proc/self/fd/1': '' } });
    expect(trace().join('\n')).toMatch(/openat2\(<cwd> "\/proc\/self\/fd\/1", .*NONBLOCK/);
    terminal[Symbol.dispose]();
    expect(open()).toEqual([]);
  });

  it('that may not be opened again is written to as it is', () => {
    const out = fakeTerminal();
    const { terminal, master } = begun({ 1: out });
    master.reads.push('shown');
    terminal.relay.step([]);
    terminal.relay.step([]);
    expect(out.written).toBe('shown');
  });

  it('is not asked for its size for a terminal that has been hung up', () => {
    const own = fakeTerminal();
    const { terminal, master } = begun({ 0: own, 1: fakeEnd({ writes: [-errno.EPIPE] }) });
    master.reads.push('shown');
    terminal.relay.step([]);
    terminal.relay.step([]);
    own.size = [50, 132];
    terminal.resize();
    expect(master.size).toEqual([24, 80]);
  });
});

describe('whatever call fails on the way to a terminal', () => {
  const calls = begun({ 0: fakeTerminal(), 1: fakeTerminal() }).calls;

  it.each(calls.map(({ name }, call) => [call, name] as const))(
    'nothing stays open and ours is as before: call %i, %s',
    (call) => {
      const own = fakeTerminal();
      const failing = { call, errno: errno.EIO };
      const { terminal, open } = shown({ 0: own, 1: fakeTerminal() }, { failing });
      try {
        terminal.begin();
      } catch {
        // What could not be begun has to be undone as well.
      }
      terminal[Symbol.dispose]();
      expect(own.modes).toEqual(cookedModes());
      expect(open()).toEqual([]);
    },
  );
});
