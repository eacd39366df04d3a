import { describe, expect, it, test } from 'vitest';
import { RuntimeError } from '../errors/error.js';
import { renderError } from '../errors/render.js';
import { SIGKILL } from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import { type NativeName, natives } from '../linux/natives.js';
import { decodeRecord } from '../state/encoding.js';
import type { ContainerRecord } from '../state/record.js';
import { decodeBatch, textAt, vectorAt } from '../testing/decode-batch.js';
import type { FakeHostSetup } from '../testing/fake-host.js';
import { withLinux, withProcess } from '../testing/plans.js';
import { type RuntimeHost, request, runnable, runtimeHost } from '../testing/runtime-host.js';
import { createContainer } from './create.js';

const STATE = '/run/runts/c1/state.json';

interface Attempt extends RuntimeHost {
  readonly error: RuntimeError | undefined;
  /** What is on the machine now and was not before. */
  readonly left: readonly string[];
}

function attempt(setup: FakeHostSetup = {}, spec = runnable): Attempt {
  const host = runtimeHost(setup, spec);
  const before = host.machine.tree.snapshot();
  let error: RuntimeError | undefined;
  try {
    createContainer(host.runtime, request);
  } catch (thrown) {
    if (!(thrown instanceof RuntimeError)) throw thrown;
    error = thrown;
  }
  const left = host.machine.tree.snapshot().filter((line) => !before.includes(line));
  return { ...host, error, left };
}

const good = attempt();
const lineOf = (words: string, { trace }: RuntimeHost = good): number => {
  const found = trace().findIndex((line) => line.includes(words));
  expect(found, words).toBeGreaterThanOrEqual(0);
  return found;
};

/** The state root stays; everything else of a failed create goes. */
const NOTHING = ['/run/runts 40700 '];

const recordIn = (host: RuntimeHost): ContainerRecord =>
  decodeRecord(host.machine.tree.text(STATE) ?? '', 'c1');

describe('a container that has been created', () => {
  it('has its record, its pid file, and a process that was told to go on', () => {
    expect(good.error).toBeUndefined();
    expect(recordIn(good)).toMatchObject({
      version: 1,
      phase: 'created',
      id: 'c1',
      pid: 4242,
      startTime: '12345',
      bundle: '/bundle',
      rootfs: '/bundle/rootfs',
      created: '2023-11-14T22:13:20.000000005Z',
      ownPids: true,
    });
    expect(good.machine.tree.text('/run/pid')).toBe('4242');
    expect(good.machine.sent).toEqual(['+']);
    expect(good.machine.processes.get(4242)?.ended).toBeNull();
  });

  it('keeps no descriptor of the creator open', () => {
    expect(good.open()).toEqual([]);
    expect(attempt({ reexec: ['/node', 'main.js'] }).open()).toEqual([]);
  });

  it('shares its pid namespace with others unless it has a new one', () => {
    const shared = attempt(
      {},
      { ...runnable, linux: { namespaces: [{ type: 'mount' }] }, hostname: '' },
    );
    expect(recordIn(shared).ownPids).toBe(false);
  });
});

describe('order', () => {
  it.each([
    // What a killed `create` leaves must be found by `delete --force`.
    ['"phase\\":\\"creating', 'mkdirat(<cwd> "/sys/fs/cgroup/memory/c1"'],
    ['mkdirat(<cwd> "/sys/fs/cgroup/memory/c1"', 'launch('],
    ['listen(', 'launch('],
    // Limits hold before anything of the container runs.
    ['devices.allow>, "c 1:3 rwm"', 'sendFds(<one end>, "+")'],
    ['phase\\":\\"created', 'renameat2(</run>, ".pid"'],
    ['renameat2(</run>, ".pid"', 'sendFds(<one end>, "+")'],
  ])('%s comes before %s', (first, second) => {
    expect(lineOf(first)).toBeLessThan(lineOf(second));
  });
});

/** Failures that change nothing: a name that is free already, a lock that is then waited for. */
const harmless = /^(unlinkat\(.*"\.|flock\()/;

describe('a failure of any call', () => {
  const runs = good.calls.map(({ text }, call) => ({
    text,
    failed: attempt({ failing: { call, errno: errno.EIO } }),
  }));
  const harmful = runs.filter(({ text }) => !harmless.test(text));

  it('is reported as that call', () => {
    for (const { text, failed } of harmful)
      expect(failed.error, text).toMatchObject({
        code: 'syscall',
        call: { name: text.slice(0, text.indexOf('(')), errno: errno.EIO },
      });
  });

  it('leaves nothing on the machine', () => {
    for (const { text, failed } of harmful) {
      expect(NOTHING, text).toEqual(expect.arrayContaining([...failed.left]));
      expect([...failed.machine.processes.keys()], text).toEqual([]);
      expect(failed.warnings, text).toEqual([]);
    }
  });

  it('leaves nothing open', () => {
    for (const { text, failed } of runs) expect(failed.open(), text).toEqual([]);
  });

  it('does not matter where somebody else has done the work, or the next call does it', () => {
    const others = runs.filter(({ text }) => harmless.test(text));
    expect(others).toHaveLength(4);
    for (const { text, failed } of others) expect(failed.error, text).toBeUndefined();
  });
});

test('what was done is undone last first', () => {
  const failed = attempt({ failing: { call: lineOf('sendFds(<one end>'), errno: errno.ENOMEM } });
  const undone = failed
    .trace()
    .slice(lineOf('sendFds(<one end>') + 1)
    .filter((line) => /^(unlinkat|kill|wait4|rmdir)\(/.test(line));
  const cgroups = recordIn(good).cgroup.directories.map(({ path }) => path);
  expect(undone).toEqual([
    'unlinkat(AT_FDCWD, "/run/pid", 0)',
    'wait4(4242, NULL, 1, NULL)',
    'kill(4242, 9)',
    'wait4(4242, NULL, 0, NULL)',
    ...cgroups.toReversed().map((path) => `unlinkat(AT_FDCWD, "${path}", 512)`),
    'unlinkat(</run/runts/c1>, "state.json", 0)',
    'unlinkat(</run/runts/c1>, "start.sock", 0)',
    'unlinkat(</run/runts>, "c1", 512)',
  ]);
});

test('a reversal that fails keeps no other from running, and is told', () => {
  const failed = attempt({
    failing: { call: lineOf('sendFds(<one end>'), errno: errno.ENOMEM },
    natives: { unlinkat: () => -errno.EPERM },
  });
  expect(failed.error).toMatchObject({ call: { name: 'sendFds' } });
  expect(failed.machine.processes.size).toBe(0);
  expect(failed.warnings.length).toBeGreaterThan(1);
  expect(failed.warnings.at(-1)).toContain('cannot undo: unlinkat(');
});

describe('what init says instead of being ready', () => {
  const error = { code: 'invalid-config', message: 'bad', at: '/mounts/0', steps: ['mount /a'] };
  const setresuid = Object.keys(natives).indexOf('setresuid');
  const start = ['unable to start container process', 'error during container init'];

  it.each([
    [
      'an error of a step',
      JSON.stringify({ type: 'error', error }),
      { code: 'invalid-config', message: 'bad', at: '/mounts/0', steps: [...start, 'mount /a'] },
    ],
    [
      'a step of a batch that failed',
      JSON.stringify({ type: 'failed', step: 'set user 7', row: setresuid, errno: 22 }),
      {
        code: 'syscall',
        call: { name: 'setresuid', args: [], errno: 22 },
        steps: [...start, 'set user 7'],
      },
    ],
    ['text', 'hello', { code: 'protocol' }],
    ['an object of no known kind', '{"type":"toString"}', { code: 'protocol' }],
    ['an error without a code', '{"type":"error","error":{}}', { code: 'protocol' }],
    ['null', 'null', { code: 'protocol' }],
  ])('is %s', (_, packet, expected) => {
    const failed = attempt({ packets: [packet] });
    expect(failed.error).toMatchObject(expected);
    expect(failed.left).toEqual(NOTHING);
    expect(failed.machine.processes.size).toBe(0);
  });

  const control = '/sys/fs/cgroup/memory/c1/memory.oom_control';

  it.each([
    [SIGKILL, 0, 'container init killed by SIGKILL before it was ready'],
    [SIGKILL, 1, 'container init was OOM-killed (memory limit too low?)'],
    [3 << 8, 1, 'container init ended with status 3 before it was ready'],
  ])('is nothing, with wait status %i and %i killed for memory', (status, kills, message) => {
    const recvFds = () => {
      host.machine.end(4242, status);
      host.machine.tree.put(control, `oom_kill_disable 0\noom_kill ${kills}\n`);
      return 0;
    };
    const host: RuntimeHost = runtimeHost({ natives: { recvFds } });
    expect(() => createContainer(host.runtime, request)).toThrow(
      expect.objectContaining({ code: 'init-died', message }),
    );
    expect(host.machine.processes.size).toBe(0);
    expect(host.open()).toEqual([]);
  });

  it.each([errno.EPIPE, errno.ECONNRESET])(
    'is nothing more, when it died before the answer: %i',
    (error) => {
      const sendFds = () => {
        host.machine.end(4242, SIGKILL);
        host.machine.tree.put(control, 'oom_kill_disable 0\noom_kill 1\n');
        return -error;
      };
      const host: RuntimeHost = runtimeHost({ natives: { sendFds } });
      const message = 'container init was OOM-killed (memory limit too low?)';
      expect(() => createContainer(host.runtime, request)).toThrow(
        expect.objectContaining({ code: 'init-died', message }),
      );
      expect(host.machine.processes.size).toBe(0);
    },
  );
});

test('a container that is killed as soon as it can be seen has been created', () => {
  const sendFds = () => {
    host.machine.end(4242, SIGKILL);
    host.machine.tree.put('/sys/fs/cgroup/memory/c1/memory.oom_control', 'oom_kill 0\n');
    return -errno.EPIPE;
  };
  const host: RuntimeHost = runtimeHost({ natives: { sendFds } });
  createContainer(host.runtime, request);
  expect(host.machine.tree.nodes.has('/run/runts/c1/state.json')).toBe(true);
  expect(host.machine.processes.size).toBe(0);
  expect(host.open()).toEqual([]);
});

test('a deadline that the cpuset rules out is told in the words of runc', () => {
  const schedSetattr = Object.keys(natives).indexOf('schedSetattr');
  const failed = { type: 'failed', step: 'set', row: schedSetattr, errno: errno.EPERM };
  const scheduler = { policy: 'SCHED_DEADLINE', runtime: 1, deadline: 1 } as const;
  const process = withProcess({ terminal: false, scheduler }).process!;
  const told = (cpus: string) =>
    attempt(
      { packets: [JSON.stringify(failed)] },
      { ...withLinux({ resources: { cpu: { cpus } } }), process },
    ).error;
  expect(told('0')).toMatchObject({
    message: "process scheduler can't be used together with AllowedCPUs",
    at: '/linux/resources/cpu/cpus',
    call: { name: 'sched_setattr' },
  });
  expect(told('')).toMatchObject({ message: '', call: { name: 'sched_setattr' } });
});

test('the CPUs of processes to come are kept in the record', () => {
  const execCPUAffinity = { initial: '0', final: '0-1' };
  const host = attempt({}, withProcess({ terminal: false, execCPUAffinity }));
  expect(recordIn(host).execCpuAffinity).toEqual(execCPUAffinity);
  expect(recordIn(good).execCpuAffinity).toBeUndefined();
});

describe('an id that is taken', () => {
  it('is refused without harm to who has it', () => {
    const host = runtimeHost();
    createContainer(host.runtime, request);
    const before = host.machine.tree.snapshot();
    expect(() => createContainer(host.runtime, request)).toThrow(
      'container with given ID already exists: c1',
    );
    expect(host.machine.tree.snapshot()).toEqual(before);
    expect(host.machine.processes.get(4242)?.ended).toBeNull();
    expect(host.open()).toEqual([]);
  });
});

test('a pid file that was there before outlives a failure to replace it', () => {
  const files = { '/run/pid': '17' };
  const call = lineOf('write(</run/.pid>');
  const { machine } = attempt({ files, failing: { call, errno: errno.ENOSPC } });
  expect(machine.tree.text('/run/pid')).toBe('17');
  expect(machine.tree.text('/run/.pid')).toBeUndefined();
});

const needed: readonly (readonly [NativeName, string])[] = [
  ['openat2', '5.6'],
  ['launch', '5.7'],
  ['faccessat2', '5.8'],
];

describe('a kernel without', () => {
  it.each(needed)('%s is told that it is older than %s', (name, version) => {
    const { error } = attempt({ missing: [name] });
    expect(renderError(error!)).toContain(`this needs Linux ${version} or newer`);
  });
});

describe('the batch of the child', () => {
  const entry = (setup: FakeHostSetup, spec = runnable) => {
    const host = attempt(setup, spec);
    const launch = host.calls.find(({ name }) => name === 'launch')!;
    const program = launch.args[3] as Uint8Array;
    return { host, program, steps: decodeBatch(program), flags: launch.args[0] };
  };

  it('dies with its parent, leaves what is the parent’s, and joins the cgroups', () => {
    const { steps } = entry({});
    expect(steps.map(({ label, tolerate }) => (tolerate ? `${label}?` : label))).toEqual([
      'die with the parent',
      'leave the lock?',
      'leave the parent’s end?',
      ...Array.from({ length: 7 }, () => 'join cgroup'),
      'use all CPUs?',
      'start a session',
    ]);
  });

  it('sets its OOM score before it enters anything, through a procfs that was looked at', () => {
    const { steps, program } = entry({}, withProcess({ terminal: false, oomScoreAdj: -500 }));
    const at = steps.findIndex(({ label }) => label === 'leave the parent’s end');
    const [open, write, close] = steps.slice(at + 1, at + 4);
    expect(open).toMatchObject({ name: 'openat2', tolerate: false, save: 0 });
    expect([write, close].map((step) => step?.args[0])).toEqual(
      Array.from({ length: 2 }, () => ({ is: 'slot', slot: 0 })),
    );
    const [, path] = open!.args;
    const [, value, length] = write!.args;
    const text = (argument = path) => textAt(program, 'offset' in argument! ? argument.offset : 0);
    expect([text(), text(value), length]).toEqual([
      'self/oom_score_adj',
      expect.stringMatching(/^-500/),
      { is: 'number', value: 4n },
    ]);
    expect(steps[at + 4]!.label).toBe('join cgroup');
  });

  it('may fail to set its OOM score where the caller has no privileges', () => {
    const host = runtimeHost({}, withProcess({ terminal: false, oomScoreAdj: -500 }));
    createContainer({ ...host.runtime, rootless: 'true' }, request);
    const launch = host.calls.find(({ name }) => name === 'launch')!;
    const steps = decodeBatch(launch.args[3] as Uint8Array);
    const [{ tolerate } = {}] = steps.filter(({ label }) =>
      label.startsWith('/process/oomScoreAdj'),
    );
    expect(tolerate).toBe(true);
  });

  it('makes a cgroup namespace when it is in its cgroups', () => {
    const namespaces = [{ type: 'mount' as const }, { type: 'cgroup' as const }];
    const spec = {
      ...runnable,
      ...withLinux({ namespaces }),
      process: runnable.process!,
      hostname: '',
    };
    expect(entry({}, spec).steps.at(-1)).toMatchObject({ label: 'make the cgroup namespace' });
  });

  it('starts another program where a clone cannot go on, with the Plan in memory', () => {
    const environment = ['A=1'];
    const { steps, program, host } = entry({ reexec: ['/node', '--x', 'main.js'], environment });
    const [path, argv, envp] = steps
      .at(-1)!
      .args.map((argument) => ('offset' in argument ? argument.offset : 0));
    expect(textAt(program, path!)).toBe('/node');
    expect(vectorAt(program, envp!)).toEqual(environment);
    const [node, x, main, init, handed] = vectorAt(program, argv!);
    expect([node, x, main, init]).toEqual(['/node', '--x', 'main.js', 'init']);
    const numbers = JSON.parse(handed!) as Record<string, number>;
    expect(numbers).toMatchObject({ mountNamespace: -1 });
    const kept = steps.filter(({ label }) => label === 'keep a descriptor');
    expect(kept.map(({ args: [fd] }) => fd?.is === 'number' && Number(fd.value))).toEqual([
      ...[0, 1, 2],
      numbers.plan,
      numbers.channel,
      numbers.listener,
    ]);
    expect(host.open()).toEqual([]);
  });
});

test('capabilities that nobody can be given are told and left out', () => {
  const bounding = ['CAP_KILL'];
  const host = runtimeHost(
    { natives: { capget: () => 0 } },
    withProcess({ terminal: false, capabilities: { bounding } as never }),
  );
  createContainer(host.runtime, request);
  expect(host.warnings).toEqual(['capability CAP_KILL is not available here and is left out']);
});
