import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { systemCalls } from '../conformance/lib/seccomp-profile.js';
import { receiveFd, socketPair } from '../src/channel/channel.js';
import { Fd, owned } from '../src/host/fd.js';
import { readLinkAt } from '../src/host/io.js';
import { exitCodeOf, waitReadable } from '../src/host/process.js';
import {
  type BatchStep,
  call,
  encodeBatch,
  handOver,
  loadFilter,
  saved,
  tolerated,
} from '../src/linux/batch.js';
import {
  AF_UNIX,
  AT_FDCWD,
  CLONE_NEWPID,
  F_SETFD,
  O_CLOEXEC,
  O_DIRECTORY,
  O_PATH,
  PR_SET_NO_NEW_PRIVS,
  SOCK_CLOEXEC,
  SOCK_SEQPACKET,
  WNOHANG,
} from '../src/linux/constants.js';
import { errno } from '../src/linux/errno.js';
import { type NativeName, natives } from '../src/linux/natives.js';
import { programSteps } from '../src/linux/program.js';
import { kernelContext } from '../src/testing/cgroup-scenario.js';

const context = kernelContext();
const { engine, raw, sys } = context.host;
const folder = mkdtempSync(join(tmpdir(), 'runts-batch-'));
afterAll(() => rmSync(folder, { recursive: true }));

const PATIENCE = 20_000;

/** struct open_how, openat2(2). */
const openDirectory = new Uint8Array(24);
new Uint32Array(openDirectory.buffer)[0] = O_PATH | O_DIRECTORY | O_CLOEXEC;

/** The next message, or null at the end of the other side. */
function hear(socket: Fd): string | null {
  if (waitReadable(context, [socket.number], PATIENCE).length === 0) throw new Error('silence');
  const data = new Uint8Array(65536);
  const length = sys.recvFds(socket.number, data, data.length, new Uint8Array(4), 0);
  return length === 0 ? null : engine.decode(data.subarray(0, length));
}

const say = (socket: Fd, text: string) =>
  sys.sendFds(socket.number, Buffer.from(text), text.length, null, 0);

/** A child that runs a program of native calls. */
class Child implements Disposable {
  readonly pid: number;
  readonly channel: Fd;
  #status: number | null = null;

  /** `program` is told the end of the channel that the child must not keep. */
  constructor(program: (ours: number) => Uint8Array, listener?: Fd) {
    const [ours, theirs] = socketPair(context);
    this.channel = ours;
    const bytes = program(ours.number);
    this.pid = sys.launch(0, -1, theirs.number, bytes, bytes.length);
    theirs[Symbol.dispose]();
    listener?.[Symbol.dispose]();
  }

  /** Exit code, or 128 and a signal. */
  ended(): number {
    using process = new Fd(context, sys.pidfdOpen(this.pid, 0));
    if (waitReadable(context, [process.number], PATIENCE).length === 0) throw new Error('it lives');
    const status = new Int32Array(1);
    sys.wait4(this.pid, new Uint8Array(status.buffer), 0, null);
    this.#status = status[0]!;
    return exitCodeOf(this.#status);
  }

  [Symbol.dispose](): void {
    this.channel[Symbol.dispose]();
    if (this.#status !== null || raw.wait4(this.pid, null, WNOHANG, null) !== 0) return;
    raw.kill(this.pid, 9);
    raw.wait4(this.pid, null, 0, null);
  }
}

const programOf = (steps: readonly BatchStep[]) => (ours: number) =>
  encodeBatch([call('leave the other end', 'close', ours), ...steps], engine.encode);
const start = (steps: readonly BatchStep[]) => new Child(programOf(steps));
const exit = (status: number) => call('leave', 'exit', status);
const fails = (label: string) => call(label, 'fchdir', -1);
const fchdirNumber = () => systemCalls(['unistd_64.h', 'unistd.h']).get('fchdir')!;
const row = (name: NativeName) => Object.keys(natives).indexOf(name);

const failure = (step: string, number: number, of: NativeName) =>
  ({ type: 'failed', step, row: row(of), errno: number }) as const;

/** What a batch says, and how it ends. */
function run(steps: readonly BatchStep[]): { said: unknown; status: number } {
  using child = start(steps);
  const text = hear(child.channel);
  return { said: text === null ? null : JSON.parse(text), status: child.ended() };
}

describe('a batch', () => {
  it('runs its calls in order, in a process of its own', () => {
    expect(run([call('first', 'getpid'), exit(7), exit(8)])).toEqual({ said: null, status: 7 });
  });

  it('ends with the call that fails, and tells which it was', () => {
    expect(run([exit0(), fails('go nowhere'), exit(7)])).toEqual({
      said: failure('go nowhere', errno.EBADF, 'fchdir'),
      status: 1,
    });
  });

  it.each([
    ['quotes', 'exec: "/bin/\\x"'],
    ['control characters', 'a\nb\tc\u001f'],
    ['characters of any width', 'é€𝄞'],
    ['nothing', ''],
  ])('names a step of %s as it is', (_, label) => {
    expect(run([fails(label)]).said).toEqual(failure(label, errno.EBADF, 'fchdir'));
  });

  it('cuts the name of a step that would not fit, and what it says stays JSON', () => {
    const { said } = run([fails('"'.repeat(9000))]);
    const { step } = said as { step: string };
    expect(step.length).toBeGreaterThan(1000);
    expect(step).toBe('"'.repeat(step.length));
  });

  it('loads a filter, which goes for every call after it', () => {
    // Refuses fchdir(2) with errno 7: load the number, compare, return.
    const words = [0x20, 0, 0x01000015, fchdirNumber(), 0x06, 0x50007, 0x06, 0x7fff0000];
    const filter = new Uint8Array(new Uint32Array(words).buffer);
    const nnp = call('no_new_privs', 'prctl', PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    const load = loadFilter('load', 0, filter);
    expect(run([fails('before')]).said).toEqual(failure('before', errno.EBADF, 'fchdir'));
    expect(run([nnp, load, fails('after')]).said).toEqual(failure('after', 7, 'fchdir'));
    const bad = loadFilter('load', 0, new Uint8Array(8));
    expect(run([nnp, bad]).said).toEqual(failure('load', errno.EINVAL, 'seccomp'));
  });

  it('hands over a descriptor that one of its calls has made', () => {
    const make = { ...call('make', 'memfdCreate', 'made', 0), save: 2 } as BatchStep;
    using child = start([make, handOver('hand over', '{"type":"listener"}', { slot: 2 })]);
    const { packet, fd } = receiveFd(context, child.channel.number);
    using made = fd;
    expect(packet).toEqual({ type: 'listener' });
    expect(readLinkAt(context, AT_FDCWD, `/proc/self/fd/${made?.number}`)).toContain('memfd:made');
  });

  it('goes on after a failure that does not matter', () => {
    expect(run([tolerated(fails('whatever')), exit(7)]).status).toBe(7);
  });

  it('hands the result of one call to another', () => {
    const id = { do: 'call', label: 'who', name: 'getpid', args: [], save: 5 } as const;
    using child = start([id, call('leave', 'exit', { slot: 5 })]);
    expect(child.ended()).toBe(child.pid & 0xff);
  });

  it('has zero in a slot that nothing was put into', () => {
    expect(run([call('leave', 'exit', { slot: 3 })]).status).toBe(0);
  });

  it('starts a program with its arguments and its environment', () => {
    const script = 'test "$0 $1" = "zero é" && test "$A-$B" = "1-" && exit 9';
    const env = ['A=1', 'B=', 'PATH=/bin'];
    const exec = call('exec', 'execve', '/bin/sh', ['sh', '-c', script, 'zero', 'é'], env);
    expect(run([exec])).toEqual({ said: null, status: 9 });
  });

  it('hands over bytes that are not UTF-8', () => {
    const script = 'test "$1" = "$(printf "\\377")" && exit 9';
    const exec = call('exec', 'execve', '/bin/sh', ['sh', '-c', script, 'zero', '\udcff'], []);
    expect(run([exec]).status).toBe(9);
  });

  it('says nothing when a program takes over: the channel ends', () => {
    const exec = call('exec', 'execve', '/bin/sh', ['sh', '-c', 'exit 3'], []);
    expect(run([exec])).toEqual({ said: null, status: 3 });
  });
});

function exit0(): BatchStep {
  return call('look', 'faccessat2', AT_FDCWD, '/', 0, 0);
}

describe('a program that is damaged', () => {
  const damaged = (change: (program: Uint8Array, view: DataView) => Uint8Array) => {
    const program = encodeBatch([exit(7)], engine.encode);
    using child = new Child(() => change(program, new DataView(program.buffer)));
    const said = JSON.parse(hear(child.channel)!) as unknown;
    return { said, status: child.ended() };
  };

  it('because its end is missing is not run beyond it', () => {
    expect(damaged((program) => program.subarray(0, 8 + 63))).toEqual({
      said: { type: 'failed', step: 'batch', row: -1, errno: errno.EBADMSG },
      status: 1,
    });
  });

  it('because it names no call is not run', () => {
    const { said } = damaged((program, view) => {
      view.setUint16(8 + 4, 9999, true);
      return program;
    });
    expect(said).toMatchObject({ step: 'leave', errno: errno.ENOSYS });
  });

  it('because it names no operation is not run', () => {
    const { said } = damaged((program, view) => {
      view.setUint8(8, 99);
      return program;
    });
    expect(said).toMatchObject({ step: 'leave', errno: errno.ENOSYS });
  });
});

describe('a question', () => {
  const steps: BatchStep[] = [{ do: 'ask', request: '{"type":"ready"}' }, exit(5)];

  it('waits for its answer', () => {
    using child = start(steps);
    expect(hear(child.channel)).toBe('{"type":"ready"}');
    expect(raw.wait4(child.pid, null, WNOHANG, null)).toBe(0);
    say(child.channel, '+');
    expect(child.ended()).toBe(5);
  });

  it('that nobody will answer ends the child', () => {
    using child = start(steps);
    hear(child.channel);
    child.channel[Symbol.dispose]();
    expect(child.ended()).toBe(1);
  });

  it('that nobody is there to hear ends the child', () => {
    const { listener, connect } = listen();
    const wait: BatchStep = { do: 'await', listener: listener.number };
    using child = new Child(programOf([wait, ...steps]), listener);
    using starter = connect();
    say(starter, 'S');
    starter[Symbol.dispose]();
    expect(child.ended()).toBe(1);
  });
});

describe('a question that releases', () => {
  /** What a failure writes to the error output, besides what it tells. */
  const failing = (releases: boolean) => {
    const pipe = new Int32Array(2);
    sys.pipe2(new Uint8Array(pipe.buffer), 0);
    using reading = new Fd(context, pipe[0]!);
    const writing = new Fd(context, pipe[1]!);
    using child = start([
      call('output', 'dup3', writing.number, 2, 0),
      { do: 'ask', request: 'ready', ...(releases && { releases }) },
      fails('go nowhere'),
    ]);
    writing[Symbol.dispose]();
    expect(hear(child.channel)).toBe('ready');
    say(child.channel, '+');
    expect(JSON.parse(hear(child.channel)!)).toEqual(failure('go nowhere', errno.EBADF, 'fchdir'));
    const status = child.ended();
    const text = new Uint8Array(200);
    const length = sys.read(reading.number, text, text.length);
    return { status, text: engine.decode(text.subarray(0, length)) };
  };

  it('makes failures those of the container, which its error output tells', () => {
    expect(failing(true)).toEqual({ status: 255, text: 'go nowhere: Bad file descriptor\n' });
  });

  it('is not any other: then the parent alone is told', () => {
    expect(failing(false)).toEqual({ status: 1, text: '' });
  });
});

describe('a clone', () => {
  const clone = (flags = 0): BatchStep => ({ do: 'clone', label: 'go on', flags });
  const asks: BatchStep = { do: 'ask', request: '{"type":"born"}' };

  /** What stage and sibling say, whoever is quicker. */
  function words({ channel }: Child): { pid: number; others: string[] } {
    const heard = [hear(channel), hear(channel)].map((text) => text ?? 'nothing');
    const told = heard.find((text) => text.includes('"child"'));
    const { pid } = JSON.parse(told ?? '{}') as { pid: number };
    return { pid, others: heard.filter((text) => text !== told) };
  }

  /** The fields of /proc/PID/stat behind the name. */
  const parentOf = (pid: number): number => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
    return Number(fields[1]);
  };

  function exitCode(pid: number): number {
    const status = new Int32Array(1);
    sys.wait4(pid, new Uint8Array(status.buffer), 0, null);
    return exitCodeOf(status[0]!);
  }

  it('goes on in a sibling, a child of the same parent, and ends the process itself', () => {
    using stage = start([clone(), asks, exit(7)]);
    const { pid, others } = words(stage);
    expect(others).toEqual(['{"type":"born"}']);
    expect(pid).not.toBe(stage.pid);
    expect(stage.ended()).toBe(0);
    expect(parentOf(pid)).toBe(process.pid);
    say(stage.channel, '+');
    expect(exitCode(pid)).toBe(7);
    expect(hear(stage.channel)).toBeNull();
  });

  it('keeps results of earlier calls', () => {
    const id = { do: 'call', label: 'who', name: 'getpid', args: [], save: 2 } as const;
    using stage = start([id, clone(), asks, call('leave', 'exit', { slot: 2 })]);
    const { pid } = words(stage);
    say(stage.channel, '+');
    expect(exitCode(pid)).toBe(stage.pid & 0xff);
  });

  it('tells the failure of the sibling as well as its pid', () => {
    using stage = start([clone(), fails('go nowhere')]);
    const { pid, others } = words(stage);
    expect(others.map((text) => JSON.parse(text) as unknown)).toEqual([
      failure('go nowhere', errno.EBADF, 'fchdir'),
    ]);
    expect([stage.ended(), exitCode(pid)]).toEqual([0, 1]);
  });

  it('that fails is told by its name', () => {
    // clone(2): a new user namespace cannot share its file system state.
    const impossible = 0x10000000 | 0x200;
    expect(run([clone(impossible), exit(7)])).toEqual({
      said: failure('go on', errno.EINVAL, 'launch'),
      status: 1,
    });
  });

  it.runIf(process.getuid?.() === 0)('makes namespaces, of which the pid is the caller’s', () => {
    using stage = start([clone(CLONE_NEWPID), asks, call('who', 'getpid'), exit(7)]);
    const { pid } = words(stage);
    expect(readFileSync(`/proc/${pid}/status`, 'utf8')).toMatch(
      new RegExp(`^NSpid:\t${pid}\t1$`, 'm'),
    );
    say(stage.channel, '+');
    expect(exitCode(pid)).toBe(7);
  });

  it('whose sibling nobody will answer ends that too', () => {
    using stage = start([clone(), asks, exit(7)]);
    const { pid } = words(stage);
    stage.channel[Symbol.dispose]();
    expect([stage.ended(), exitCode(pid)]).toEqual([0, 1]);
  });
});

let sockets = 0;

function listen(): { listener: Fd; connect: () => Fd } {
  const path = Buffer.from(`${folder}/${sockets++}\0`);
  const address = new Uint8Array([AF_UNIX, 0, ...path]);
  const socket = () => new Fd(context, sys.socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  const listener = owned(socket(), ({ number }) => {
    sys.bind(number, address, address.length);
    sys.listen(number, 8);
  });
  const connect = () =>
    owned(socket(), ({ number }) => {
      sys.connect(number, address, address.length);
    });
  return { listener, connect };
}

describe('the wait for start', () => {
  const waiting = (...after: readonly BatchStep[]) => {
    const { listener, connect } = listen();
    const steps: BatchStep[] = [{ do: 'await', listener: listener.number }, ...after];
    return { child: new Child(programOf(steps), listener), connect };
  };

  it('is not over when somebody only looks', () => {
    const { child, connect } = waiting(exit(6));
    using _child = child;
    for (let i = 0; i < 20; i++) connect()[Symbol.dispose]();
    expect(raw.wait4(child.pid, null, WNOHANG, null)).toBe(0);
    using starter = connect();
    say(starter, 'S');
    expect(child.ended()).toBe(6);
  });

  it('closes the channel to the creator, and the listening socket with its end', () => {
    const pause = call('pause', 'ppoll', null, 0, null, null, 8);
    const { child, connect } = waiting(pause);
    using _child = child;
    expect(hear(child.channel)).toBeNull();
    using starter = connect();
    say(starter, 'S');
    // Whoever is not waited for is refused: poll until the socket has been closed.
    const deadline = Date.now() + PATIENCE;
    const refused = () => {
      try {
        connect()[Symbol.dispose]();
        return false;
      } catch {
        return true;
      }
    };
    while (!refused()) if (Date.now() > deadline) throw new Error('still listening');
  });

  it('hands the connection on: a later failure is told to who started, and to standard error', () => {
    const pipe = new Int32Array(2);
    sys.pipe2(new Uint8Array(pipe.buffer), 0);
    using reading = new Fd(context, pipe[0]!);
    const writing = new Fd(context, pipe[1]!);
    const { child, connect } = waiting(
      call('output', 'dup3', writing.number, 2, 0),
      { do: 'ask', request: 'ready', releases: true },
      call('exec: "/no"', 'execve', '/no', [], []),
    );
    using _child = child;
    writing[Symbol.dispose]();
    using starter = connect();
    say(starter, 'S');
    expect(hear(starter)).toBe('ready');
    say(starter, '+');
    const said = JSON.parse(hear(starter)!) as unknown;
    expect(said).toEqual(failure('exec: "/no"', errno.ENOENT, 'execve'));
    expect(child.ended()).toBe(255);
    const text = new Uint8Array(200);
    const length = sys.read(reading.number, text, text.length);
    expect(engine.decode(text.subarray(0, length))).toBe(
      'exec: "/no": No such file or directory\n',
    );
  });

  it('goes on after a failure that is tolerated, and tells of it at the end', () => {
    const { child, connect } = waiting(
      tolerated(saved(call('exec', 'execve', '/no', [], []), 0)),
      tolerated(saved(call('look', 'openat2', AT_FDCWD, '/', openDirectory, 24), 1)),
      tolerated(handOver('hand over', '{"type":"root","path":"/no"}', { slot: 1 })),
      { do: 'ask', request: '{"type":"unexecuted"}', tolerate: true },
      { do: 'fail', label: 'exec: "/no"', name: 'execve', error: { slot: 0 } },
    );
    using _child = child;
    using starter = connect();
    say(starter, 'S');
    const { packet, fd } = receiveFd(context, starter.number);
    using directory = fd;
    expect(packet).toEqual({ type: 'root', path: '/no' });
    expect(readLinkAt(context, AT_FDCWD, `/proc/self/fd/${directory!.number}`)).toBe('/');
    expect(hear(starter)).toBe('{"type":"unexecuted"}');
    say(starter, '+');
    expect(JSON.parse(hear(starter)!)).toEqual(failure('exec: "/no"', errno.ENOENT, 'execve'));
  });

  it('may do without an answer', () => {
    const { child, connect } = waiting(
      { do: 'ask', request: 'hello', tolerate: true },
      call('end', 'exit', 7),
    );
    using _child = child;
    using starter = connect();
    say(starter, 'S');
    expect(hear(starter)).toBe('hello');
    starter[Symbol.dispose]();
    expect(child.ended()).toBe(7);
  });

  it('keeps errors in slots too, which are no descriptors', () => {
    const { child, connect } = waiting(
      tolerated(saved(call('look', 'openat2', AT_FDCWD, '/no', openDirectory, 24), 1)),
      tolerated(handOver('hand over', '{"type":"root","path":"/no"}', { slot: 1 })),
      { do: 'fail', label: 'look', name: 'openat2', error: { slot: 1 } },
    );
    using _child = child;
    using starter = connect();
    say(starter, 'S');
    expect(JSON.parse(hear(starter)!)).toEqual(failure('look', errno.ENOENT, 'openat2'));
  });

  it('ends with a program, which who started sees as the end of the connection', () => {
    const exec = call('exec', 'execve', '/bin/sh', ['sh', '-c', 'read x'], []);
    const { child, connect } = waiting(exec);
    using _child = child;
    using starter = connect();
    say(starter, 'S');
    expect(hear(starter)).toBeNull();
  });
});

describe('a program in a batch', () => {
  const program = (script: string, path = '/bin/sh') => {
    const steps = programSteps(
      { path, args: ['sh', '-c', script], env: [] },
      {},
      { prefix: 'a hook: ' },
    );
    return encodeBatch(steps, engine.encode);
  };
  const step = (script: string, { path = '/bin/sh', timeout = PATIENCE } = {}): BatchStep => ({
    ...{ do: 'run', label: 'a hook', program: program(script, path) },
    ...{ input: engine.encode('input'), timeout },
  });
  const failed = (text: string) => ({ type: 'failed', step: `a hook: ${text}`, row: -1, errno: 0 });

  it('has its input, and the batch goes on after it', () => {
    const isInput = 'read x; test "$x" = input';
    expect(run([step(isInput), step(isInput), exit(9)])).toEqual({ said: null, status: 9 });
  });

  it.each([
    ['exit 3', 'exit status 3, stdout: , stderr: '],
    ['echo "a \\\\ \\""; echo b >&2; exit 1', 'exit status 1, stdout: a \\ "\n, stderr: b\n'],
    ['kill -9 $$', 'killed by signal 9, stdout: , stderr: '],
  ])('that fails is the end of the batch: %s', (script, text) => {
    expect(run([step(script), exit(9)])).toEqual({ said: failed(text), status: 1 });
  });

  it('is killed after its time', () => {
    const { said } = run([step('exec sleep 1000', { timeout: 1250 }), exit(9)]);
    const text = 'hook ran past specified timeout of 1.2s, stdout: , stderr: ';
    expect(said).toEqual(failed(text));
  });

  it('that cannot be run is told with its call', () => {
    const said = failure('a hook: run "/no"', errno.ENOENT, 'execve');
    expect(run([step('', { path: '/no' })])).toEqual({ said, status: 255 });
  });

  it('that says much is told with its last words, whole and as JSON', () => {
    const { said } = run([step('seq 9999; seq 9999 >&2; exit 1')]);
    expect((said as { step: string }).step).toMatch(
      /^a hook: exit status 1, stdout: [\d\n]*\n9999\n, stderr: [\d\n]*\n9999\n$/,
    );
  });
});

describe('a child', () => {
  it('keeps what it is told to keep', () => {
    using file = new Fd(context, sys.memfdCreate('kept', 1));
    const script = `test -e /proc/self/fd/${file.number} && exit 4`;
    const exec = call('exec', 'execve', '/bin/sh', ['sh', '-c', script], []);
    expect(run([exec]).status).toBe(1);
    expect(run([call('keep', 'fcntl', file.number, F_SETFD, 0), exec]).status).toBe(4);
  });
});
