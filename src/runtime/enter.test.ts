import { describe, expect, it, test } from 'vitest';
import { RuntimeError } from '../errors/error.js';
import type { LinuxNamespace, Spec } from '../generated/spec-types.js';
import { Fd } from '../host/fd.js';
import { openHostProc } from '../host/proc.js';
import { PROC_SUPER_MAGIC, SIGKILL } from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import { natives } from '../linux/natives.js';
import { planNamespaces } from '../plan/enter.js';
import { type FakeHost, type FakeHostSetup, fakeHost } from '../testing/fake-host.js';
import { directoryNode } from '../testing/fake-tree.js';
import { facts, withLinux } from '../testing/plans.js';
import { enterNamespaces } from './enter.js';

const STAGE = 50;
const CHILD = 51;

interface Situation {
  readonly namespaces?: LinuxNamespace[];
  readonly linux?: Spec['linux'];
  readonly packets?: readonly string[];
  /** How the stage ends, as wait(2) has it. */
  readonly status?: number;
  /** How the container's process ends, if it does. */
  readonly childStatus?: number;
  readonly setup?: FakeHostSetup;
}

interface Outcome extends FakeHost {
  readonly pid: number | undefined;
  readonly error: RuntimeError | undefined;
  readonly born: readonly number[];
  /** Open besides what the caller holds. */
  readonly left: readonly string[];
}

/** The parent's part, with a stage that has ended when it is waited for. */
function enter(situation: Situation): Outcome {
  const { namespaces = [{ type: 'user' }], linux, packets = [], status = 0 } = situation;
  const fake = fakeHost({
    packets,
    ...situation.setup,
    files: {
      '/proc': directoryNode({ magic: PROC_SUPER_MAGIC }),
      [`/proc/${STAGE}/uid_map`]: '',
      [`/proc/${STAGE}/gid_map`]: '',
      [`/proc/${STAGE}/timens_offsets`]: '',
      ...situation.setup?.files,
    },
  });
  const { context, machine } = fake;
  machine.addProcess(STAGE, '1');
  machine.end(STAGE, status);
  machine.addProcess(CHILD, '2');
  if (situation.childStatus !== undefined) machine.end(CHILD, situation.childStatus);
  using proc = openHostProc(context);
  using channel = new Fd(context, machine.open(machine.anonymous('channel')));
  const before = fake.open();
  const born: number[] = [];
  const ids = [{ containerID: 0, hostID: 7, size: 9 }];
  const mapped = namespaces.some(({ type }) => type === 'user');
  const mappings = mapped ? { uidMappings: ids, gidMappings: ids } : {};
  const plan = planNamespaces(withLinux({ ...mappings, ...linux, namespaces }));
  const cgroup = { mode: 'none', directories: [] } as const;
  const entering = { plan, facts, proc, cgroup, born: (pid: number) => void born.push(pid) };
  let pid: number | undefined;
  let error: RuntimeError | undefined;
  try {
    pid = enterNamespaces(context, { pid: STAGE, channel }, entering);
  } catch (thrown) {
    if (!(thrown instanceof RuntimeError)) throw thrown;
    error = thrown;
  }
  const left = fake.open().filter((name) => !before.includes(name));
  return { ...fake, pid, error, born, left };
}

const entered = '{"type":"entered"}';
const child = `{"type":"child","pid":${CHILD}}`;
const born = '{"type":"born"}';
const setns = Object.keys(natives).indexOf('setns');
const failed = JSON.stringify({ type: 'failed', step: 'step', row: setns, errno: errno.EINVAL });
const init = ['unable to start container process', 'error during container init'];

describe('a container with a user namespace', () => {
  it.each([
    ['its stage', [entered, child, born]],
    ['its process', [entered, born, child]],
  ])('is told of by %s first', (_, packets) => {
    const { pid, born: told, machine, left } = enter({ packets });
    expect([pid, told]).toEqual([CHILD, [CHILD]]);
    expect(machine.sent).toEqual(['+', '+']);
    expect(machine.packets).toEqual([]);
    // The stage has been reaped; the container's process goes on.
    expect([...machine.processes.keys()]).toEqual([CHILD]);
    expect(left).toEqual([]);
  });

  it('has its ids mapped before its stage goes on', () => {
    const { trace } = enter({ packets: [entered, child, born] });
    const lines = trace().filter((line) => /^(write|sendto|sendFds|wait4)/.test(line));
    expect(lines).toEqual([
      `write(</proc/${STAGE}/gid_map>, "0 7 9\\n")`,
      `write(</proc/${STAGE}/uid_map>, "0 7 9\\n")`,
      'sendFds(<channel>, "+")',
      expect.stringMatching(/^wait4\(50, /),
      'sendFds(<channel>, "+")',
    ]);
  });
});

test('a stage that asks nothing is not set up', () => {
  const namespaces = [{ type: 'pid', path: '/run/pid' }] as const;
  const { pid, machine } = enter({ namespaces: [...namespaces], packets: [child, born] });
  expect([pid, machine.sent]).toEqual([CHILD, ['+']]);
});

test('without a stage the process is there already', () => {
  const { pid, born: told, calls } = enter({ namespaces: [{ type: 'uts' }] });
  expect([pid, told]).toEqual([STAGE, []]);
  expect(calls.map(({ name }) => name)).toEqual(['openat2', 'fstatfs']);
});

test('a time namespace has its clocks set before there is a process in it', () => {
  const linux = { timeOffsets: { boottime: { secs: 5, nanosecs: 6 } } };
  const namespaces: LinuxNamespace[] = [{ type: 'time' }];
  const { pid, trace } = enter({ namespaces, linux, packets: [entered, child, born] });
  expect(pid).toBe(CHILD);
  const lines = trace().filter((line) => /^(write|sendFds)/.test(line));
  expect(lines[0]).toBe(`write(</proc/${STAGE}/timens_offsets>, "boottime 5 6\\n")`);
  expect(lines).toHaveLength(3);
});

test('offsets that the kernel refuses are told with their field', () => {
  const linux = { timeOffsets: { boottime: { secs: -5 } } };
  const refuse = { write: () => -errno.ERANGE };
  const { error, left } = enter({
    ...{ namespaces: [{ type: 'time' }], linux, packets: [entered] },
    setup: { natives: refuse },
  });
  expect(error).toMatchObject({
    at: '/linux/timeOffsets',
    call: { name: 'write', errno: errno.ERANGE },
    steps: ['set the offsets of the clocks'],
  });
  expect(left).toEqual([]);
});

describe('a stage that fails', () => {
  const step = { code: 'syscall', call: { name: 'setns', errno: errno.EINVAL } };

  it.each([
    ['before it is set up', [failed], [], 0],
    ['after it was set up', [entered, failed], [], 1],
  ])('%s says why', (_, packets, told, answers) => {
    const { error, born: heard, machine, left } = enter({ packets, status: 1 << 8 });
    expect(error).toMatchObject({ ...step, steps: [...init, 'step'] });
    expect(heard).toEqual(told);
    expect(machine.sent).toHaveLength(answers);
    expect(left).toEqual([]);
  });

  it.each([
    ['before it is set up', []],
    ['after it was set up', [entered]],
    // Its sibling waits for an answer that will not come: then the channel closes.
    ['before it could tell who goes on', [entered, born]],
  ])('and is killed %s leaves nobody waiting', (_, packets) => {
    const { error, machine } = enter({ packets, status: SIGKILL });
    expect(error).toMatchObject({
      code: 'init-died',
      message: 'container init killed by SIGKILL before it was ready',
    });
    expect(machine.processes.has(STAGE)).toBe(false);
  });

  it.each([
    ['before', [entered, child]],
    ['before, and after its sibling has spoken,', [entered, born, child]],
    ['before its sibling speaks', [entered, child, born]],
  ])('and is killed when it has told the pid %s has a sibling that must be ended', (_, packets) => {
    const { error, born: told, left } = enter({ packets, status: SIGKILL });
    expect(error).toMatchObject({ code: 'init-died' });
    expect(told).toEqual([CHILD]);
    expect(left).toEqual([]);
  });

  it('and says something else is not listened to', () => {
    expect(enter({ packets: ['{"type":"ready"}'] }).error).toMatchObject({ code: 'protocol' });
    const { error } = enter({ packets: [entered, '{"type":"ready"}'], status: 1 << 8 });
    expect(error).toMatchObject({ code: 'protocol' });
  });
});

describe('a process that fails beside its stage', () => {
  it.each([
    ['before', [entered, failed, child]],
    ['after', [entered, child, failed]],
  ])('%s its pid is known is told to whoever has to end it', (_, packets) => {
    const { error, born: told, left } = enter({ packets });
    expect(error).toMatchObject({ code: 'syscall', steps: [...init, 'step'] });
    expect(told).toEqual([CHILD]);
    expect(left).toEqual([]);
  });

  it('without a word is reaped, and how it ended is told', () => {
    const {
      error,
      born: told,
      machine,
    } = enter({
      packets: [entered, child],
      childStatus: SIGKILL,
    });
    expect(error?.message).toBe('container init killed by SIGKILL before it was ready');
    expect(told).toEqual([CHILD]);
    expect(machine.processes.size).toBe(0);
  });

  it.each([
    ['twice', [entered, born, born]],
    ['and nothing else', [entered, born]],
    ['never', [entered]],
  ])('is not believed to be there when it says that %s', (_, packets) => {
    expect(enter({ packets }).error).toMatchObject({ code: 'protocol' });
  });
});

test('every call that fails is told, and leaves nothing open', () => {
  const packets = [entered, child, born];
  const good = enter({ packets });
  for (const [call, { name, text }] of good.calls.entries()) {
    if (call < 2) continue;
    const setup = { failing: { call, errno: errno.EIO } };
    const { error, left } = enter({ packets, setup });
    expect(error, text).toMatchObject({ code: 'syscall', call: { errno: errno.EIO } });
    expect(error?.call?.name, text).toBeDefined();
    expect(left, name).toEqual([]);
  }
});
