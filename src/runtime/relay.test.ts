import { describe, expect, it } from 'vitest';
import { Fd } from '../host/fd.js';
import { errno } from '../linux/errno.js';
import { type FakeHost, type FakeHostSetup, fakeHost } from '../testing/fake-host.js';
import { type FakeEnd, fakeEnd, fakeTerminal, terminalNatives } from '../testing/fake-terminals.js';
import { Relay } from './relay.js';

const MASTER = 3;
const OTHER = 9;
const block = 'x'.repeat(4095);

interface Ends {
  readonly stdin?: Partial<FakeEnd>;
  readonly master?: Partial<FakeEnd>;
  readonly stdout?: Partial<FakeEnd>;
}

interface Relayed extends FakeHost {
  readonly relay: Relay;
  readonly stdin: FakeEnd;
  readonly master: FakeEnd;
  readonly stdout: FakeEnd;
  readonly other: FakeEnd;
  readonly warnings: readonly string[];
  /** Steps until somebody else has something to say. */
  run(): void;
}

function relayed(ends: Ends, setup: FakeHostSetup = {}): Relayed {
  const stdin = fakeEnd(ends.stdin);
  const master = fakeTerminal(ends.master);
  const stdout = fakeEnd(ends.stdout);
  const other = fakeEnd();
  const numbered = new Map([
    [0, stdin],
    [MASTER, master],
    [1, stdout],
    [OTHER, other],
  ]);
  const fake = fakeHost({ ...setup, natives: { ...terminalNatives(numbered), ...setup.natives } });
  const { machine } = fake;
  const number = machine.open(machine.anonymous('master'));
  const warnings: string[] = [];
  const log = { ...fake.context.log, warn: (text: string) => void warnings.push(text) };
  const relay = new Relay({ ...fake.context, log }, new Fd(fake.context, number));
  relay.begin();
  const run = () => {
    while (!relay.step([OTHER])) if (isIdle()) other.reads.push('now');
  };
  const isIdle = () =>
    [stdin, master, stdout].every(({ reads, writes }) => reads.length + writes.length === 0);
  return { ...fake, relay, stdin, master, stdout, other, warnings, run };
}

describe('the relay', () => {
  it('moves what is typed in and what is shown out', () => {
    const { run, master, stdout } = relayed({
      stdin: { reads: ['l', 's\n'] },
      master: { reads: ['l', 's\nfile\n'] },
    });
    run();
    expect([master.written, stdout.written]).toEqual(['ls\n', 'ls\nfile\n']);
  });

  it('goes on where a write has taken a part only, or nothing for now', () => {
    const { run, master, stdout } = relayed({
      stdin: { reads: ['typed'] },
      master: { reads: ['shown'], writes: [2, -errno.EAGAIN, 1, -errno.EINTR] },
      stdout: { writes: [1, -errno.EINTR, -errno.EAGAIN, 3] },
    });
    run();
    expect([master.written, stdout.written]).toEqual(['typed', 'shown']);
  });

  it('loses nothing to reads that bring nothing', () => {
    const nothing = [errno.EAGAIN, errno.EINTR];
    const { run, master, stdout } = relayed({
      stdin: { reads: [...nothing, 'typed'] },
      master: { reads: [...nothing, 'shown'] },
    });
    run();
    expect([master.written, stdout.written]).toEqual(['typed', 'shown']);
  });

  it('passes what is typed while nobody reads what is shown, and reads no more of that', () => {
    const { relay, stdin, master, stdout } = relayed({
      stdin: { reads: ['a'] },
      master: { reads: ['shown', 'later'] },
      stdout: { stuck: true },
    });
    relay.step([]);
    stdin.reads.push('b');
    relay.step([]);
    expect([master.written, stdout.written, master.reads]).toEqual(['ab', '', ['later']]);
  });

  it('shows what comes while nobody reads what is typed, and takes no more of that', () => {
    const { relay, stdin, master, stdout } = relayed({
      stdin: { reads: ['a', 'b'] },
      master: { reads: ['1', '2'], stuck: true },
    });
    for (let i = 0; i < 4; i++) relay.step([]);
    expect([stdout.written, stdin.reads, master.written]).toEqual(['12', ['b'], '']);
  });

  it('says whether another descriptor has something, also with a signal in between', () => {
    const { relay, other } = relayed({ stdin: { reads: ['a'] } });
    expect(relay.step([OTHER])).toBe(false);
    other.reads.push('now');
    expect(relay.step([OTHER])).toBe(true);
    const interrupted = relayed({}, { natives: { ppoll: () => -errno.EINTR } });
    expect(interrupted.relay.step([OTHER])).toBe(false);
    expect(interrupted.trace().filter((line) => line.startsWith('read'))).toEqual([]);
  });

  it('throws what poll fails with', () => {
    expect(() => relayed({}, { natives: { ppoll: () => -errno.ENOMEM } }).relay.step([])).toThrow();
  });

  it('waits once for a block while there is much', () => {
    const { run, calls, stdout } = relayed({ master: { reads: Array(10).fill(block) } });
    run();
    expect(stdout.written).toHaveLength(10 * block.length);
    expect(calls.filter(({ name }) => name === 'ppoll').length).toBeLessThan(15);
  });

  it.each([
    ['a line\n', '\x04'],
    ['no line', '\x04\x04'],
    [null, '\x04'],
  ])('types the end of the input after %j', (typed, end) => {
    const reads = [...(typed === null ? [] : [typed]), 0];
    const { run, master } = relayed({ stdin: { reads } });
    run();
    expect(master.written).toBe(`${typed ?? ''}${end}`);
  });

  it('looks at the input no more after its end', () => {
    const { relay, run, stdin, master } = relayed({ stdin: { reads: [errno.EIO] } });
    run();
    expect(master.written).toBe('\x04');
    stdin.reads.push('more');
    expect(() => relay.step([])).toThrow('waits for ever');
  });

  it('ends with the terminal, and waits for others only', () => {
    const { relay, run, stdin, stdout } = relayed({ master: { reads: ['last', errno.EIO] } });
    run();
    expect(stdout.written).toBe('last');
    stdin.reads.push('nobody reads it');
    expect(() => relay.step([])).toThrow('waits for ever');
    expect(relay.isOn).toBe(true);
  });

  it('goes on showing when the terminal takes nothing more', () => {
    const { run, stdin, stdout } = relayed({
      stdin: { reads: ['a'] },
      master: { writes: [-errno.EIO], reads: ['shown'] },
    });
    run();
    expect([stdout.written, stdin.reads]).toEqual(['shown', []]);
  });

  it.each([
    [errno.EPIPE, []],
    [errno.EIO, []],
    [errno.ENOSPC, ['the output is cut: write: ENOSPC']],
  ])('hangs up when nobody takes the output: errno %i', (number, warned) => {
    const { relay, run, stdin, open, warnings } = relayed({
      master: { reads: ['shown'] },
      stdout: { writes: [-number] },
    });
    run();
    expect([relay.isOn, open(), warnings]).toEqual([false, [], warned]);
    stdin.reads.push('more');
    expect(() => relay.step([])).toThrow('waits for ever');
    expect(relay.drain([])).toBe(false);
  });
});

describe('once the process has ended, the relay', () => {
  it('shows the rest and forgets what was typed', () => {
    const { relay, stdin, master, stdout } = relayed({
      stdin: { reads: ['unread'] },
      master: { reads: [block, 'the end', errno.EIO] },
    });
    while (relay.drain([]));
    expect(stdout.written).toBe(`${block}the end`);
    expect([stdin.reads, master.written]).toEqual([['unread'], '']);
  });

  it('does not wait for those who keep the terminal open', () => {
    const { relay, stdout } = relayed({ master: { reads: ['rest'] } });
    while (relay.drain([]));
    expect(stdout.written).toBe('rest');
  });

  it('waits for a slow reader, or for what interrupts that', () => {
    const { relay, stdout, other } = relayed({
      master: { reads: ['rest'] },
      stdout: { stuck: true },
    });
    expect(() => relay.drain([OTHER])).toThrow('waits for ever');
    other.reads.push('now');
    expect(relay.drain([OTHER])).toBe(true);
    stdout.stuck = false;
    while (relay.drain([]));
    expect(stdout.written).toBe('rest');
  });
});
