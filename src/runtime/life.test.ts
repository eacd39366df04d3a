/** What is done with a container once it has been created. */

import { describe, expect, it, test } from 'vitest';
import type { Spec } from '../generated/spec-types.js';
import { stat } from '../host/stat.js';
import { AT_FDCWD, SIGKILL } from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import { natives } from '../linux/natives.js';
import { decodeRecord, encodeRecord } from '../state/encoding.js';
import { errorIfAny } from '../testing/error-of.js';
import type { FakeHostSetup } from '../testing/fake-host.js';
import { createdHost, type RuntimeHost, runnable, runtimeHost } from '../testing/runtime-host.js';
import type { RuntimeContext } from './context.js';
import { deleteContainer } from './delete.js';
import { killContainer } from './kill.js';
import { listContainers } from './list.js';
import { pauseContainer, resumeContainer } from './pause.js';
import { startContainer } from './start.js';
import { readState } from './state.js';
import { updateContainer } from './update.js';

const FOLDER = '/run/runts/c1';
const shared: Spec = {
  ...runnable,
  hostname: '',
  linux: { ...runnable.linux, namespaces: [{ type: 'mount' }, { type: 'network' }] },
};

type Act = (context: RuntimeContext) => unknown;

const start: Act = (context) => startContainer(context, 'c1');
const kill: Act = (context) => killContainer(context, 'c1', 'KILL', { all: false });
const killAll: Act = (context) => killContainer(context, 'c1', 'KILL', { all: true });
const remove: Act = (context) => deleteContainer(context, 'c1', { force: false });
const removeByForce: Act = (context) => deleteContainer(context, 'c1', { force: true });
const pause: Act = (context) => pauseContainer(context, 'c1');
const resume: Act = (context) => resumeContainer(context, 'c1');
const update: Act = (context) => updateContainer(context, 'c1', {}, {});
const state: Act = (context) => readState(context, 'c1');

/** Brings a created container into a status. */
const become: Readonly<Record<string, (host: RuntimeHost) => void>> = {
  created: () => {},
  running: ({ machine }) => machine.tree.remove(`${FOLDER}/start.sock`),
  paused: ({ machine }) => {
    machine.tree.put('/sys/fs/cgroup/freezer/c1/freezer.state', 'FROZEN\n');
    const stat = machine.tree.text('/proc/4242/stat')!;
    machine.tree.put('/proc/4242/stat', stat.replace(') S', ') D'));
  },
  stopped: ({ machine }) => machine.end(4242, 0),
};

function hostIn(status: string, setup: FakeHostSetup = {}, spec?: Spec): RuntimeHost {
  const host = createdHost(setup, spec);
  become[status]!(host);
  return host;
}

const outcome = (act: Act, status: string): string =>
  errorIfAny(() => act(hostIn(status).runtime))?.message ?? 'done';

test('the status is what the kernel tells', () => {
  for (const status of Object.keys(become)) {
    const host = hostIn(status);
    const pid = status === 'stopped' ? 0 : 4242;
    expect(readState(host.runtime, 'c1')).toMatchObject({ status, pid, id: 'c1', owner: '' });
    expect(host.open()).toEqual([]);
  }
});

test('a process that has the pid of init but not its start time is not init', () => {
  const host = createdHost();
  host.machine.forget(4242);
  host.machine.addProcess(4242, '99999');
  expect(readState(host.runtime, 'c1')).toMatchObject({ status: 'stopped', pid: 0 });
  expect(errorIfAny(() => kill(host.runtime))?.message).toBe('container not running: c1');
  removeByForce(host.runtime);
  expect(host.machine.signals).toEqual([]);
  expect(host.open()).toEqual([]);
});

describe('commands in each status', () => {
  const no = 'cannot start';
  it.each([
    ['start', start, 'created', 'done'],
    ['start', start, 'running', `${no} an already running container: c1`],
    ['start', start, 'paused', `${no} a container in the paused state: c1`],
    ['start', start, 'stopped', `${no} a container that has stopped: c1`],
    ['kill', kill, 'created', 'done'],
    ['kill', kill, 'running', 'done'],
    ['kill', kill, 'paused', 'done'],
    ['kill', kill, 'stopped', 'container not running: c1'],
    ['kill --all', killAll, 'stopped', 'done'],
    ['pause', pause, 'created', 'done'],
    ['pause', pause, 'running', 'done'],
    ['pause', pause, 'paused', 'container not running: c1'],
    ['pause', pause, 'stopped', 'container not running: c1'],
    ['resume', resume, 'created', 'container not paused: c1'],
    ['resume', resume, 'running', 'container not paused: c1'],
    ['resume', resume, 'paused', 'done'],
    ['resume', resume, 'stopped', 'container not paused: c1'],
    ['delete', remove, 'created', 'done'],
    ['delete', remove, 'running', 'cannot delete container c1 that is not stopped: running'],
    ['delete', remove, 'paused', 'cannot delete container c1 that is not stopped: paused'],
    ['delete', remove, 'stopped', 'done'],
    ['delete --force', removeByForce, 'created', 'done'],
    ['delete --force', removeByForce, 'running', 'done'],
    ['delete --force', removeByForce, 'paused', 'done'],
    ['delete --force', removeByForce, 'stopped', 'done'],
  ] as const)('%s, %s: %s', (_, act, status, message) => {
    expect(outcome(act, status)).toBe(message);
  });

  it.each([
    ['start', start],
    ['kill', kill],
    ['pause', pause],
    ['resume', resume],
    ['delete', remove],
    ['state', state],
  ])('%s of no container says so', (_, act) => {
    const { runtime, open } = runtimeHost();
    expect(errorIfAny(() => act(runtime))?.message).toBe('container does not exist: c1');
    expect(open()).toEqual([]);
  });

  const busy = { flock: (_: number, operation: number) => (operation & 4 ? -errno.EAGAIN : 0) };
  it.each([
    ['start', start, 'running', `${no} an already running container: c1`],
    ['start', start, 'stopped', `${no} a container that has stopped: c1`],
    ['delete', remove, 'running', 'cannot delete container c1 that is not stopped: running'],
  ] as const)('%s, %s, is refused while a hook of it may be asking', (_, act, status, message) => {
    let waited = false;
    const flock = (fd: number, operation: number) => {
      waited ||= (operation & 4) === 0;
      return busy.flock(fd, operation);
    };
    const { runtime, open } = hostIn(status, { natives: { flock } });
    waited = false;
    expect(errorIfAny(() => act(runtime))?.message).toBe(message);
    expect(waited).toBe(false);
    expect(open()).toEqual([]);
  });

  /** Another process creates it, and holds the lock until it has. */
  function creatingHost(): RuntimeHost & { readonly waits: () => number } {
    let waits = 0;
    const flock = (fd: number, operation: number) => {
      if ((operation & 4) === 0) waits++;
      return busy.flock(fd, operation);
    };
    const host = hostIn('created', { natives: { flock } });
    waits = 0;
    const path = `${FOLDER}/state.json`;
    const record = decodeRecord(host.machine.tree.text(path)!, 'c1');
    const creating = encodeRecord({ ...record, phase: 'creating' });
    host.machine.tree.put(path, creating);
    host.machine.tree.put(`${FOLDER}/.state.json`, '');
    host.machine.tree.put('/proc/self/stat', '9 (runts) S 8 0');
    host.machine.tree.put('/proc/8/stat', '8 (sh) S 7 0');
    host.machine.tree.put('/proc/7/stat', '7 (runts) S 0 0');
    host.machine.tree.put('/proc/locks', '');
    return { ...host, waits: () => waits };
  }

  it.each([
    ['start', start],
    ['delete', remove],
    ['pause', pause],
    ['resume', resume],
    ['update', update],
  ] as const)(
    '%s of a container that is being created says at once that there is none',
    (_, act) => {
      const host = creatingHost();
      expect(errorIfAny(() => act(host.runtime))?.message).toBe('container does not exist: c1');
      expect(host.waits()).toBe(0);
      expect(host.open()).toEqual([]);
    },
  );

  it('delete --force by a hook of create waits for nobody, and lets create fail', () => {
    const host = creatingHost();
    const { tree } = host.machine;
    const { inode } = stat(host.runtime, AT_FDCWD, FOLDER);
    tree.put('/proc/locks', `1: FLOCK  ADVISORY  WRITE 7 00:19:${inode} 0 EOF\n`);
    removeByForce(host.runtime);
    expect(host.waits()).toBe(0);
    expect(tree.text(`${FOLDER}/state.json`)).toBeDefined();
    expect(tree.text(`${FOLDER}/.state.json`)).toBeUndefined();
    expect(host.machine.signals).toEqual([]);
    expect(host.open()).toEqual([]);
  });

  it('delete --force by anybody else waits for create, whatever comes of it', () => {
    const host = creatingHost();
    removeByForce(host.runtime);
    expect(host.waits()).toBe(1);
    expect(host.machine.tree.nodes.has(FOLDER)).toBe(false);
    expect(host.open()).toEqual([]);
  });

  it('delete --force of no container is done', () => {
    const { runtime, open } = runtimeHost();
    removeByForce(runtime);
    expect(open()).toEqual([]);
  });
});

describe('start', () => {
  it('tells init to go on, waits for its execve, and takes the socket away', () => {
    const host = createdHost();
    const before = host.calls.length;
    start(host.runtime);
    expect(host.machine.sent.at(-1)).toBe('S');
    expect(host.machine.tree.nodes.has(`${FOLDER}/start.sock`)).toBe(false);
    expect(host.trace().slice(before).at(-1)).toContain('unlinkat(');
    expect(readState(host.runtime, 'c1').status).toBe('running');
    expect(host.open()).toEqual([]);
  });

  it.each([
    [errno.ENOENT, 'command-not-found', 'exec: "/bin/x": no such file or directory'],
    [errno.EACCES, 'command-not-executable', 'exec: "/bin/x": permission denied'],
    [errno.ENOEXEC, 'command-not-executable', 'exec: "/bin/x": exec format error'],
    [errno.EIO, 'command-not-found', 'exec: "/bin/x": EIO'],
  ])('reports that execve failed with errno %i', (number, code, message) => {
    const row = Object.keys(natives).indexOf('execve');
    const packet = { type: 'failed', step: 'exec: "/bin/x"', row, errno: number };
    const host = createdHost();
    host.machine.packets.push(JSON.stringify(packet));
    expect(errorIfAny(() => start(host.runtime))).toMatchObject({ code, message });
  });

  const talk = (...packets: readonly (readonly [string])[]) => {
    const host = createdHost();
    const before = host.machine.sent.length;
    for (const [text] of packets) host.machine.packets.push(text);
    const error = errorIfAny(() => start(host.runtime));
    expect(host.open()).toEqual([]);
    expect(host.machine.tree.nodes.has(`${FOLDER}/start.sock`)).toBe(false);
    return { error, answers: host.machine.sent.slice(before + 1) };
  };
  const unexecuted = '{"type":"unexecuted"}';
  const failed = JSON.stringify({
    ...{ type: 'failed', step: 'exec: "/bin/x"', errno: errno.ENOENT },
    row: Object.keys(natives).indexOf('execve'),
  });

  it('answers a process that has not been executed, even when it cannot be looked at', () => {
    const { error, answers } = talk([unexecuted], [unexecuted], [failed]);
    expect(error?.message).toBe('exec: "/bin/x": no such file or directory');
    expect(answers).toEqual(['+', '+']);
  });

  it('does not take the silence of one that was killed meanwhile for success', () => {
    for (const more of [[], ['{"type":"root","path":"/x"}'], [unexecuted]])
      expect(talk([unexecuted], ...more.map((text) => [text] as const)).error?.message).toMatch(
        'has died before it could say why',
      );
  });

  it('is told by nothing else', () => {
    expect(talk(['{"type":"ready"}']).error).toMatchObject({ code: 'protocol' });
    for (const first of ['{"type":"root","path":"/x"}', '{"type":"ready"}'])
      expect(talk([unexecuted], [first], ['{"type":"ready"}']).error).toMatchObject({
        code: 'protocol',
      });
  });

  it('tells why init could not be reached', () => {
    let connects = 0;
    const connect = () => (++connects === 1 ? 0 : -errno.EACCES);
    const host = createdHost({ natives: { connect } });
    expect(errorIfAny(() => start(host.runtime))).toMatchObject({
      code: 'syscall',
      call: { name: 'connect', errno: errno.EACCES },
    });
    expect(host.open()).toEqual([]);
  });
});

describe('kill', () => {
  it('sends the signal to init alone, by a descriptor', () => {
    const host = createdHost();
    killContainer(host.runtime, 'c1', 'TERM', { all: false });
    expect(host.machine.signals).toEqual([[4242, 15]]);
    expect(host.calls.filter(({ name }) => name === 'kill')).toEqual([]);
    expect(host.open()).toEqual([]);
  });

  it('refuses words that are no signal before it does anything', () => {
    const host = createdHost();
    const error = errorIfAny(() => killContainer(host.runtime, 'c1', 'WORD', { all: false }));
    expect(error?.message).toBe('unknown signal "WORD"');
    expect(host.machine.signals).toEqual([]);
  });

  it('of KILL reaches everything in the cgroup when the pid namespace is not the container’s', () => {
    const host = createdHost({}, shared);
    host.machine.addProcess(5000, '777');
    for (const path of ['/sys/fs/cgroup/pids/c1', '/sys/fs/cgroup/memory/c1'])
      host.machine.tree.put(`${path}/cgroup.procs`, '4242\n5000\n');
    kill(host.runtime);
    expect(host.machine.signals).toContainEqual([5000, SIGKILL]);
    expect(host.machine.processes.get(5000)?.ended).toBe(SIGKILL);
  });

  it('thaws what it kills: nothing dies frozen', () => {
    const host = hostIn('paused');
    kill(host.runtime);
    expect(host.machine.tree.text('/sys/fs/cgroup/freezer/c1/freezer.state')).toBe('THAWED');
  });

  it('tells what the kernel says of a signal that is none', () => {
    const host = createdHost({ natives: { pidfdSendSignal: () => -errno.EINVAL } });
    const error = errorIfAny(() => killContainer(host.runtime, 'c1', '99', { all: false }));
    expect(error?.message).toBe('unable to signal init: invalid argument');
  });
});

describe('pause', () => {
  const freezer = '/sys/fs/cgroup/freezer/c1/freezer.state';
  const textOf = (host: RuntimeHost) => host.machine.tree.text(freezer);

  it('stops all, which is seen as the status, and resume lets all go on', () => {
    const host = hostIn('running');
    pause(host.runtime);
    expect([textOf(host), readState(host.runtime, 'c1').status]).toEqual(['FROZEN', 'paused']);
    resume(host.runtime);
    expect([textOf(host), readState(host.runtime, 'c1').status]).toEqual(['THAWED', 'running']);
    expect(host.open()).toEqual([]);
  });

  it('lets all go on again when something cannot be stopped', () => {
    const host = hostIn('running');
    let text = '';
    Object.defineProperty(host.machine.tree.nodes.get(freezer), 'bytes', {
      get: () => Buffer.from(text.replace('FROZEN', 'FREEZING')),
      set: (bytes) => {
        text = Buffer.from(bytes).toString();
      },
    });
    expect(errorIfAny(() => pause(host.runtime))?.message).toBe('unable to freeze container c1');
    expect(textOf(host)).toBe('THAWED');
    expect(host.open()).toEqual([]);
  });

  it('of a container without cgroups is refused', () => {
    const host = hostIn('running');
    const path = `${FOLDER}/state.json`;
    const record = decodeRecord(host.machine.tree.text(path)!, 'c1');
    const without = { ...record, freezer: null, cgroup: { ...record.cgroup, directories: [] } };
    host.machine.tree.put(path, encodeRecord(without));
    expect(errorIfAny(() => pause(host.runtime))?.message).toContain('has no cgroup of its own');
  });
});

describe('delete', () => {
  it('leaves nothing', () => {
    const host = runtimeHost();
    const before = host.machine.tree.snapshot();
    const created = hostIn('stopped');
    remove(created.runtime);
    created.machine.forget(4242);
    created.machine.tree.remove('/run/pid');
    const left = created.machine.tree.snapshot().filter((line) => !before.includes(line));
    expect(left).toEqual(['/run/runts 40700 ']);
    expect(created.open()).toEqual([]);
  });

  it('removes the state last, so that a failure before can be repeated', () => {
    const host = hostIn('stopped');
    const before = host.calls.length;
    remove(host.runtime);
    const removals = host
      .trace()
      .slice(before)
      .filter((line) => line.startsWith('unlinkat('));
    expect(removals.slice(-3)).toEqual([
      'unlinkat(</run/runts/c1>, "state.json", 0)',
      'unlinkat(</run/runts/c1>, "start.sock", 0)',
      'unlinkat(</run/runts>, "c1", 512)',
    ]);
    expect(removals.slice(0, -3).every((line) => line.includes('/sys/fs/cgroup/'))).toBe(true);
  });

  it('by force cleans up what a killed create has left', () => {
    const host = createdHost();
    const record = decodeRecord(host.machine.tree.text(`${FOLDER}/state.json`)!, 'c1');
    const unfinished = { ...record, phase: 'creating', pid: 0, startTime: '' } as const;
    host.machine.tree.put(`${FOLDER}/state.json`, encodeRecord(unfinished));
    host.machine.forget(4242);
    expect(errorIfAny(() => state(host.runtime))?.message).toBe('container does not exist: c1');
    removeByForce(host.runtime);
    expect(host.machine.tree.nodes.has(FOLDER)).toBe(false);
    expect(host.machine.tree.nodes.has('/sys/fs/cgroup/memory/c1')).toBe(false);
  });

  it('by force cleans up a directory in which nothing was written yet', () => {
    const host = createdHost();
    host.machine.tree.remove(`${FOLDER}/state.json`);
    removeByForce(host.runtime);
    expect(host.machine.tree.nodes.has(FOLDER)).toBe(false);
  });
});

describe('list', () => {
  it('names the owner, and knows nobody without a state root', () => {
    expect(listContainers(createdHost().runtime)).toMatchObject([{ id: 'c1', owner: 'root' }]);
    expect(listContainers(runtimeHost().runtime)).toEqual([]);
    const owned = createdHost();
    owned.machine.tree.nodes.get(FOLDER)!.uid = 77;
    expect(listContainers(owned.runtime)).toMatchObject([{ owner: '#77' }]);
  });

  it('finds a state root that was named missing', () => {
    const runtime = { ...runtimeHost().runtime, rootGiven: true };
    expect(errorIfAny(() => listContainers(runtime))?.message).toContain('/run/runts');
  });

  /** The same container under more ids. */
  function withMore(status: string, ids: readonly string[]): RuntimeHost {
    const host = hostIn(status);
    const text = host.machine.tree.text(`${FOLDER}/state.json`)!;
    for (const id of ids) host.machine.tree.put(`/run/runts/${id}/state.json`, text);
    return host;
  }

  it.each([
    ['running', ['openat2', 'read', 'openat2', 'read', 'faccessat2', 'statx']],
    ['paused', ['openat2', 'read', 'openat2', 'read', 'openat2', 'read', 'statx']],
    ['stopped', ['openat2', 'read', 'openat2', 'read', 'statx']],
  ])('looks once at each that is %s', (status, looks) => {
    const callsFor = (ids: readonly string[]): string[] => {
      const host = withMore(status, ids);
      const before = host.calls.length;
      const listed = listContainers(host.runtime);
      expect(listed.map((each) => each.status)).toEqual(['c1', ...ids].map(() => status));
      expect(host.open()).toEqual([]);
      return host.calls.slice(before).map(({ name }) => name);
    };
    const one = callsFor([]);
    const three = callsFor(['c2', 'c3']);
    expect(one.slice(-looks.length)).toEqual(looks);
    expect(three).toEqual([...one, ...looks, ...looks]);
  });

  it('asks the freezer of each where init does not show that it is frozen', () => {
    const looksAtFreezer = (setUp: (host: RuntimeHost) => void): boolean => {
      const host = hostIn('running');
      setUp(host);
      const before = host.calls.length;
      listContainers(host.runtime);
      return host.calls.slice(before).some(({ args }) => String(args[1]).includes('/freezer/'));
    };
    expect(looksAtFreezer(() => undefined)).toBe(false);
    expect(looksAtFreezer(become.paused!)).toBe(true);
    const old: RuntimeHost['runtime']['host']['sys']['uname'] = (buffer) => {
      buffer!.set(Buffer.from('6.0.9'), 2 * 65);
      return 0;
    };
    expect(looksAtFreezer(({ runtime }) => Object.assign(runtime.host.sys, { uname: old }))).toBe(
      true,
    );
  });

  it('leaves out what goes while it is looked at', () => {
    const host = hostIn('running');
    const gone = { ...host.runtime, host: { ...host.runtime.host } };
    const statx: typeof gone.host.raw.statx = () => -errno.ENOENT;
    gone.host = { ...gone.host, raw: { ...gone.host.raw, statx } };
    expect(listContainers(gone)).toEqual([]);
  });

  it('leaves out what is being created, and reports what cannot be read', () => {
    const host = createdHost();
    const errors: string[] = [];
    const log = { ...host.runtime.log, error: (text: string) => void errors.push(text) };
    host.machine.tree.put('/run/runts/new/other', '');
    host.machine.tree.put('/run/runts/newer/state.json', '{"version":2}');
    host.machine.tree.put('/run/runts/odd/state.json', '{');
    expect(listContainers({ ...host.runtime, log }).map(({ id }) => id)).toEqual(['c1']);
    expect(errors).toHaveLength(2);
    expect(errors[0]).toContain('state of container newer has format 2, not 1');
    expect(errors[1]).toContain('state.json is damaged');
    expect(host.open()).toEqual([]);
  });
});

/** Failures that change nothing: the lock is then waited for, and nobody listens at the socket. */
const harmless = /^(flock|pidfd_send_signal|connect)\(|start\.sock/;

describe('a failure of any call', () => {
  const remover = { delete: remove, 'delete --force': removeByForce };
  const acts = { start, kill, pause, resume, ...remover, state } as const;
  const statuses = {
    start: 'created',
    kill: 'running',
    pause: 'running',
    resume: 'paused',
    delete: 'stopped',
    'delete --force': 'paused',
    state: 'paused',
  };

  it.each(Object.entries(acts))('of %s leaves nothing open, and is reported', (name, act) => {
    const status = statuses[name as keyof typeof acts];
    const good = hostIn(status);
    const before = good.calls.length;
    act(good.runtime);
    for (let call = before; call < good.calls.length; call++) {
      const text = good.calls[call]!.text;
      const host = hostIn(status, { failing: { call, errno: errno.EIO } });
      const error = errorIfAny(() => act(host.runtime));
      expect(host.open(), text).toEqual([]);
      if (error === undefined) expect(text).toMatch(harmless);
      else expect(error.code, text).not.toBe('bug');
    }
  });
});
