import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Box } from '../lib/box.js';
import { startCall } from '../lib/call.js';
import type { Config } from '../lib/config.js';
import type { Paths, Prepare } from '../lib/container.js';
import { helper } from '../lib/helpers.js';
import {
  engineProfile,
  type Seccomp,
  type SeccompRule,
  systemCalls,
} from '../lib/seccomp-profile.js';
import { type It, suite } from '../lib/suite.js';
import { until } from '../lib/until.js';

const EPERM = -1;
const EACCES = -13;
const ENOSYS = -38;
const numbers = systemCalls(['unistd_64.h', 'unistd.h']);
const numberOf = (name: string) => numbers.get(name)!;

const allowAll: Seccomp = { defaultAction: 'SCMP_ACT_ALLOW' };
const rule = (name: string, action: string, more: Partial<SeccompRule> = {}): SeccompRule => ({
  names: [name],
  action,
  ...more,
});

/** Makes the system calls that the configuration is to decide about. */
const withHelper =
  (seccomp: Seccomp, noNewPrivileges = true, more: Prepare = () => {}): Prepare =>
  (config, paths) => {
    copyFileSync(helper('call-kernel'), join(paths.rootfs, 'bin/call-kernel'));
    config.process.noNewPrivileges = noNewPrivileges;
    config.linux.seccomp = seccomp;
    more(config, paths);
  };

/** What each call answers: a number, or the signal by which the helper ended, as the shell has it. */
async function answers(
  box: Box,
  seccomp: Seccomp,
  calls: readonly string[],
  noNewPrivileges = true,
): Promise<number[]> {
  const script = calls.map((call) => `call-kernel ${call} || echo $?`).join('; ');
  const output = await box.inside(script, withHelper(seccomp, noNewPrivileges));
  return output.trim().split('\n').map(Number);
}

const native = (name: string, ...args: readonly (string | number)[]) =>
  ['native', numberOf(name), ...args].join(' ');

const SIGSYS = 128 + 31;
/** A call that nobody makes by chance: how high the priority of SCHED_FIFO (1) can be. */
const CALL = 'sched_get_priority_max';
const FIFO = 1;
const called = native(CALL, FIFO);
/** What it answers when it is made. */
const HIGHEST = 99;
const CALL_32 = 159;

const actions: readonly (readonly [action: string, more: Partial<SeccompRule>, answer: number])[] =
  [
    ['SCMP_ACT_KILL', {}, SIGSYS],
    ['SCMP_ACT_KILL_THREAD', {}, SIGSYS],
    ['SCMP_ACT_KILL_PROCESS', {}, SIGSYS],
    ['SCMP_ACT_TRAP', {}, SIGSYS],
    ['SCMP_ACT_ERRNO', {}, EPERM],
    ['SCMP_ACT_ERRNO', { errnoRet: 13 }, EACCES],
    ['SCMP_ACT_ERRNO', { errnoRet: 0 }, 0],
    // seccomp(2): without a tracer there is no such call.
    ['SCMP_ACT_TRACE', { errnoRet: 5 }, ENOSYS],
    ['SCMP_ACT_ALLOW', {}, HIGHEST],
    ['SCMP_ACT_LOG', {}, HIGHEST],
  ];

type Comparison = readonly [op: string, value: number | bigint, two: bigint, matches: string];

/** Which of 1, 5, 9 and a number of 64 bits the operator matches. */
const comparisons: readonly Comparison[] = [
  ['SCMP_CMP_NE', 5, 0n, '1 9 big'],
  ['SCMP_CMP_LT', 5, 0n, '1'],
  ['SCMP_CMP_LE', 5, 0n, '1 5'],
  ['SCMP_CMP_EQ', 5, 0n, '5'],
  ['SCMP_CMP_GE', 5, 0n, '5 9 big'],
  ['SCMP_CMP_GT', 5, 0n, '9 big'],
  ['SCMP_CMP_MASKED_EQ', 4, 4n, '5 big'],
  ['SCMP_CMP_EQ', 0xffff_ffff_ffff_fffen, 0n, 'big'],
];
const samples = { 1: '1', 5: '5', 9: '9', big: '0xfffffffffffffffe' };

const shared = (it: It): void => {
  it('takes every action that there is', async (box) => {
    for (const [action, more, answer] of actions) {
      const syscalls = [rule(CALL, action, more)];
      expect([action, more, await answers(box, { ...allowAll, syscalls }, [called])]).toEqual([
        ...[action, more, [answer]],
      ]);
    }
  });

  it('may be killed by the default action, or told an error of choice', async (box) => {
    const names = [...numbers.keys()].filter((name) => name !== CALL);
    const but = (more: Partial<Seccomp>): Seccomp => ({
      ...{ defaultAction: 'SCMP_ACT_ERRNO', ...more },
      syscalls: [{ names, action: 'SCMP_ACT_ALLOW' }],
    });
    expect(await answers(box, but({}), [called])).toEqual([EPERM]);
    expect(await answers(box, but({ defaultErrnoRet: 13 }), [called])).toEqual([EACCES]);
    const killing = but({ defaultAction: 'SCMP_ACT_KILL_PROCESS' });
    expect(await answers(box, killing, [called])).toEqual([SIGSYS]);
  });

  it('compares arguments with every operator, in all 64 bits', async (box) => {
    for (const [op, value, valueTwo, matches] of comparisons) {
      const args = [{ index: 3, value, valueTwo, op }];
      const syscalls = [rule(CALL, 'SCMP_ACT_ERRNO', { errnoRet: 13, args })];
      const calls = Object.values(samples).map((sample) => native(CALL, FIFO, 0, 0, sample));
      const given = await answers(box, { ...allowAll, syscalls }, calls);
      const matched = Object.keys(samples).filter((_, i) => given[i] === EACCES);
      expect([op, value, matched.join(' ')]).toEqual([op, value, matches]);
    }
  });

  it('wants all conditions on several arguments, and any of those on one', async (box) => {
    const equal = (index: number, value: number) => ({ index, value, op: 'SCMP_CMP_EQ' });
    const asked = async (...args: ReturnType<typeof equal>[]) => {
      const syscalls = [rule(CALL, 'SCMP_ACT_ERRNO', { errnoRet: 13, args })];
      const calls = ['1 1', '1 2', '2 2'].map((two) => native(CALL, two));
      return answers(box, { ...allowAll, syscalls }, calls);
    };
    expect(await asked(equal(0, 1), equal(1, 2))).toEqual([HIGHEST, EACCES, HIGHEST]);
    expect(await asked(equal(0, 1), equal(0, 2))).toEqual([EACCES, EACCES, EACCES]);
  });

  it('answers ENOSYS to calls that are newer than those of the profile, whatever its errno', async (box) => {
    const profile = engineProfile();
    // Older than the newest that is named, and kept from containers on purpose; then newer ones.
    const calls = [native('open_tree'), native('clone3'), 'native 1000', 'x32 1000', 'i386 1000'];
    const expected = [EPERM, ENOSYS, ENOSYS, ENOSYS, ENOSYS];
    expect(await answers(box, profile, calls)).toEqual(expected);
    const old = { ...profile, syscalls: [rule('read', 'SCMP_ACT_ALLOW')] };
    old.syscalls[0]!.names = [...numbers]
      .filter(([, number]) => number <= numberOf('copy_file_range'))
      .map(([name]) => name);
    // What a program tries first, to fall back when the kernel seems not to have it.
    const recent = ['openat2', 'clone3', 'faccessat2'].map((name) => native(name));
    expect(await answers(box, old, recent)).toEqual([ENOSYS, ENOSYS, ENOSYS]);
  });

  it('leaves unknown calls alone where its default action is to allow', async (box) => {
    const syscalls = [rule(CALL, 'SCMP_ACT_ERRNO')];
    expect(await answers(box, { ...allowAll, syscalls }, ['native 1000'])).toEqual([ENOSYS]);
    const seccomp = { defaultAction: 'SCMP_ACT_LOG', syscalls };
    expect(await answers(box, seccomp, [called])).toEqual([EPERM]);
  });

  it('goes for the other architectures of the machine when it names them, and only then', async (box) => {
    const syscalls = [rule(CALL, 'SCMP_ACT_ERRNO', { errnoRet: 13 })];
    const architectures = ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'];
    const calls = [called, `i386 ${CALL_32} ${FIFO}`, `x32 ${numberOf(CALL)} ${FIFO}`];
    const all = { ...allowAll, architectures, syscalls };
    expect(await answers(box, all, calls)).toEqual([EACCES, EACCES, EACCES]);
    // seccomp_attr_set(3): a call of an architecture that has no rules at all kills.
    const one = { ...allowAll, architectures: ['SCMP_ARCH_X86_64'], syscalls };
    expect(await answers(box, one, calls)).toEqual([EACCES, SIGSYS, SIGSYS]);
  });
};

const status = (field: string) => `sed -n 's/^${field}:[[:space:]]*//p' /proc/self/status`;

suite('a seccomp filter', ({ it, engine }) => {
  if (process.arch === 'x64' && engine.quick) shared(it);

  it('is there with and without no_new_privs, and no privilege is left over from loading it', async (box) => {
    for (const nnp of [true, false]) {
      const script = ['Seccomp', 'NoNewPrivs', 'CapPrm', 'CapEff'].map(status).join(';');
      const output = await box.inside(script, withHelper(engineProfile(), nnp));
      const sets = '0000000020000420';
      expect(output.trim().split('\n')).toEqual(['2', nnp ? '1' : '0', sets, sets]);
    }
  });

  it('holds an ordinary user too, whose capabilities stay as configured', async (box) => {
    const output = await box.inside(
      [status('Seccomp'), status('CapEff'), 'id -u', 'ls /root 2>&1 || true'].join(';'),
      withHelper(engineProfile(), false, (config, { rootfs }) => {
        chmodSync(join(rootfs, 'root'), 0o700);
        config.process.user = { uid: 1000, gid: 1000 };
        config.process.capabilities = { bounding: [], effective: [], permitted: [] };
      }),
    );
    expect(output).toContain("2\n0000000000000000\n1000\nls: can't open");
  });

  it('is loaded in a user namespace, with the rights that there are in it', async (box) => {
    // The root file system has to be within reach of another user.
    chmodSync(box.folder, 0o711);
    for (const nnp of [true, false]) {
      const output = await box.inside(
        [status('Seccomp'), status('CapEff'), 'id -u'].join(';'),
        withHelper(engineProfile(), nnp, ({ linux }) => {
          const mapping = { containerID: 0, hostID: 200_000, size: 65_536 };
          linux.namespaces.push({ type: 'user' });
          linux.uidMappings = [mapping];
          linux.gidMappings = [mapping];
        }),
      );
      expect(output).toBe('2\n0000000020000420\n0\n');
    }
  });

  it('holds startContainer hooks as it holds the container', async (box) => {
    const script = `{ ${status('Seccomp')}; ${status('CapPrm')}; } >/hook`;
    for (const nnp of [true, false]) {
      const prepare = withHelper(engineProfile(), nnp, (config) => {
        config.hooks = { startContainer: [{ path: '/bin/sh', args: ['sh', '-c', script] }] };
      });
      expect(await box.inside('cat /hook', prepare)).toBe('2\n0000000020000420\n');
    }
  });

  if (engine.quick)
    it('is compiled where the memory limit of the container does not count', async (box) => {
      const limited = withHelper(engineProfile(), true, ({ linux }) => {
        linux.resources = { memory: { limit: 1 << 20 } };
      });
      expect(await box.inside('echo works', limited)).toBe('works\n');
    });

  it('need allow nothing that only the runtime calls', async (box) => {
    const needed = ['execve', 'write', 'exit_group', 'exit', 'arch_prctl', 'brk', 'mmap', 'munmap'];
    const libc = ['mprotect', 'set_tid_address', 'set_robust_list', 'rseq', 'prlimit64', 'prctl'];
    const files = ['readlink', 'readlinkat', 'getrandom', 'newfstatat', 'fstat', 'ioctl'];
    const common = ['getuid', 'geteuid', 'getgid', 'getegid', 'rt_sigaction', 'rt_sigprocmask'];
    const names = [...needed, ...libc, ...files, ...common];
    for (const nnp of [true, false]) {
      const container = box.container(
        withHelper(
          {
            defaultAction: 'SCMP_ACT_ERRNO',
            syscalls: [{ names: nnp ? names : [...names, 'capset'], action: 'SCMP_ACT_ALLOW' }],
          },
          nnp,
          ({ process }) => {
            process.args = ['echo', 'works'];
            process.user = { uid: 7, gid: 8, additionalGids: [9] };
          },
        ),
      );
      await container.started();
      await container.wrote('works\n');
      await container.ended();
      await container.delete();
    }
  });

  it('that forbids what the runtime needs is named in the error', async (box) => {
    const seccomp = { ...allowAll, syscalls: [rule('capset', 'SCMP_ACT_ERRNO')] };
    const container = box.container(withHelper(seccomp, false));
    const { status, stderr } = await container.runtime('run');
    expect(status).not.toBe(0);
    expect(stderr).toContain('the seccomp profile has to allow capset');
  });

  it('skips what nobody knows, and says so to those who debug', async (box) => {
    const syscalls = [
      { names: ['no_such_call', 'riscv_flush_icache'], action: 'SCMP_ACT_ERRNO' },
      rule(CALL, 'SCMP_ACT_ALLOW'),
    ];
    const container = box.container(withHelper({ ...allowAll, syscalls }));
    container.config.process.args = ['true'];
    container.write();
    for (const _ of ['compiled', 'from the cache']) {
      const { status, stderr } = await box.with({}, '--debug', ...container.words('run'));
      expect(status).toBe(0);
      expect(stderr).toMatch(
        /level=debug msg="seccomp: unknown system calls skipped: no_such_call"?/,
      );
      expect(stderr).toContain('/linux/seccomp/syscalls/1 dropped: its action is the default one');
    }
    const quiet = await container.runtime('run');
    expect([quiet.status, quiet.stderr]).toEqual([0, '']);
  });

  it('is loaded with the flags of the configuration, speculation being left alone by default', async (box) => {
    const speculation = status('Speculation_Store_Bypass');
    const without = await box.inside(speculation);
    const flags = (names?: string[]) =>
      box.inside(speculation, withHelper({ ...allowAll, ...(names && { flags: names }) }));
    expect(await flags()).toBe(without);
    expect(await flags(['SECCOMP_FILTER_FLAG_SPEC_ALLOW'])).toBe(without);
    // What it says without the flag depends on the processor.
    for (const names of [[], ['SECCOMP_FILTER_FLAG_LOG', 'SECCOMP_FILTER_FLAG_TSYNC']])
      expect(await flags(names)).not.toBe('');
    expect(await flags(['SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV'])).not.toBe('');
  });

  it('that makes no sense is refused with a pointer', async (box) => {
    const refusals: readonly (readonly [Seccomp, string])[] = [
      [{ defaultAction: 'SCMP_ACT_NOTIFY' }, '/linux/seccomp/defaultAction'],
      [{ defaultAction: 'SCMP_ACT_PANIC' }, '/linux/seccomp/defaultAction'],
      [{ ...allowAll, architectures: ['SCMP_ARCH_S390X'] }, '/linux/seccomp/architectures/0'],
      [{ ...allowAll, flags: ['SECCOMP_FILTER_FLAG_X'] }, '/linux/seccomp/flags/0'],
      [
        { ...allowAll, syscalls: [rule('mkdir', 'SCMP_ACT_ERRNO', { errnoRet: 4096 })] },
        '/linux/seccomp/syscalls/0/errnoRet',
      ],
      [
        {
          ...{ ...allowAll, listenerPath: '/run/agent' },
          syscalls: [{ names: ['mkdir', 'write'], action: 'SCMP_ACT_NOTIFY' }],
        },
        '/linux/seccomp/syscalls/0/names/1',
      ],
      [
        {
          ...allowAll,
          syscalls: ['SCMP_ACT_ERRNO', 'SCMP_ACT_KILL'].map((action) =>
            rule('mkdir', action, { args: [{ index: 0, value: 1, op: 'SCMP_CMP_EQ' }] }),
          ),
        },
        '/linux/seccomp/syscalls/1',
      ],
    ];
    for (const [seccomp, at] of refusals)
      expect(await box.refusal(withHelper(seccomp))).toContain(`${at}: `);
  });
});

/** A listening agent; it ends with the container. */
async function agentAt(box: Box, path: string) {
  const agent = startCall(box.folder, [helper('seccomp-agent'), path]);
  await until('the agent listens', () => agent.stdout().includes('listening'));
  return agent;
}

const notifying =
  (listenerPath: string, noNewPrivileges: boolean): Prepare =>
  (config: Config, paths: Paths) =>
    withHelper(
      {
        ...{ ...allowAll, listenerPath, listenerMetadata: 'what I need' },
        syscalls: [rule(CALL, 'SCMP_ACT_NOTIFY')],
        flags: ['SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV'],
      },
      noNewPrivileges,
      ({ process }) => {
        process.args = ['sh', '-c', `call-kernel ${called}; ls -l /proc/self/fd`];
      },
    )(config, paths);

suite('a seccomp listener', ({ it }) => {
  it('reaches the agent with the state of the container, and the agent decides', async (box) => {
    for (const nnp of [true, false]) {
      const path = join(box.folderFor(`agent-${nnp}`), 'socket');
      const agent = await agentAt(box, path);
      const container = box.container(notifying(path, nnp));
      container.config.annotations = { key: 'value' };
      container.write();
      const pid = await container.created();
      await until('the agent has its state', () => agent.stdout().includes('closed'));
      const [, text = ''] = agent.stdout().split('\n');
      expect(JSON.parse(text)).toEqual({
        ...{ ociVersion: expect.stringMatching(/^1\.\d+\.\d+/), fds: ['seccompFd'], pid },
        metadata: 'what I need',
        state: {
          ...{ ociVersion: '1.0.2', id: container.id, status: 'creating', pid },
          ...{ bundle: container.bundle, annotations: { key: 'value' } },
        },
      });
      await container.start();
      await container.ended();
      expect(container.output()).toMatch(/^4242\n/);
      // Neither listener nor socket stays with the container.
      expect(container.output()).not.toMatch(/seccomp|socket/);
      const { stdout, status } = await agent.ended();
      expect([status, stdout]).toEqual([0, expect.stringMatching(/\nnotified \d+\ngone\n$/)]);
      await container.delete();
    }
  });

  it('of a process of exec reaches the agent too, which is told that the container runs', async (box) => {
    for (const nnp of [true, false]) {
      const path = join(box.folderFor(`exec-${nnp}`), 'socket');
      await agentAt(box, path);
      const container = box.container((config, paths) => {
        notifying(path, nnp)(config, paths);
        config.process.args = ['sleep', '1000'];
      });
      const pid = await container.started();
      rmSync(path);
      const agent = await agentAt(box, path);
      const words = container.execWords(
        [],
        'sh',
        '-c',
        `call-kernel ${called}; ls -l /proc/self/fd`,
      );
      const { status, stdout } = await box.runtime(...words);
      expect([status, stdout]).toEqual([0, expect.stringMatching(/^4242\n/)]);
      expect(stdout).not.toMatch(/seccomp|socket/);
      const heard = (await agent.ended()).stdout.split('\n');
      const state = JSON.parse(heard[1]!) as {
        pid: number;
        state: { status: string; pid: number };
      };
      expect(state.pid).not.toBe(pid);
      expect(state.state).toMatchObject({ id: container.id, status: 'running', pid: state.pid });
      expect(heard.slice(-3)).toEqual([expect.stringMatching(/^notified \d+$/), 'gone', '']);
      rmSync(path);
      const nobody = await container.exec([], 'true');
      expect(nobody.status).toBe(255);
      expect(nobody.stderr).toContain('failed to connect with seccomp agent');
      expect(await container.status()).toBe('running');
      await container.delete('--force');
    }
  });

  it('goes to a socket whose path is longer than an address', async (box) => {
    const folder = box.folderFor('x'.repeat(120));
    const agent = startCall(folder, [helper('seccomp-agent'), 'socket']);
    await until('the agent listens', () => agent.stdout().includes('listening'));
    const container = box.container((config, paths) => {
      notifying(join(folder, 'socket'), true)(config, paths);
      // Whatever else init has to say before.
      config.hooks = { createRuntime: [{ path: '/bin/true' }] };
    });
    const { status, stdout } = await container.runtime('run');
    expect([status, stdout]).toEqual([0, expect.stringMatching(/^4242\n/)]);
    await agent.ended();
  });

  it('that nobody takes makes create fail and leaves nothing', async (box) => {
    const nobody = await box.refusal(notifying(join(box.folder, 'nobody'), true));
    expect(nobody).toContain('failed to connect with seccomp agent: /linux/seccomp/listenerPath');
    expect(nobody).not.toMatch(/no such file or directory/);
    writeFileSync(join(box.folder, 'file'), '');
    expect(await box.refusal(notifying(join(box.folder, 'file'), false))).toContain('not a socket');
  });
});

const cacheOf = (box: Box) => join(box.root, '.cache/seccomp');

suite('the cache of seccomp filters', ({ it }) => {
  const works = async (box: Box, seccomp = engineProfile()) => {
    const output = await box.inside('mkdir /tmp/x && call-kernel native 1000', withHelper(seccomp));
    expect(output).toBe(`${ENOSYS}\n`);
  };
  const debugged = async (box: Box) => {
    const container = box.container(withHelper(engineProfile()));
    container.config.process.args = ['true'];
    container.write();
    const { status, stderr } = await box.with({}, '--debug', ...container.words('run'));
    expect(status).toBe(0);
    return stderr;
  };

  it('holds one file for a profile, for its owner alone, and is used by the next container', async (box) => {
    await works(box);
    const [name = '', ...others] = readdirSync(cacheOf(box));
    expect([name, others]).toEqual([expect.stringMatching(/^[\da-f]{64}$/), []]);
    const modes = ['', '..', name].map((path) => statSync(join(cacheOf(box), path)).mode & 0o7777);
    expect(modes).toEqual([0o700, 0o700, 0o600]);
    expect(await debugged(box)).not.toContain('memfd_create(\\"seccomp');
    await works(box);
    expect(readdirSync(cacheOf(box))).toEqual([name]);
  });

  it('is not trusted when a file is not as it was written, and is mended', async (box) => {
    await works(box);
    const [name = ''] = readdirSync(cacheOf(box));
    const file = join(cacheOf(box), name);
    const good = readFileSync(file);
    const flipped = Buffer.from(good);
    // RET ALLOW for all, as somebody would like it.
    flipped.writeUInt32LE(0x7fff0000, 40);
    const spoil: readonly (() => void)[] = [
      () => writeFileSync(file, flipped),
      () => writeFileSync(file, good.subarray(0, 20)),
      () => writeFileSync(file, ''),
      () => chmodSync(file, 0o644),
    ];
    for (const act of spoil) {
      act();
      expect(await debugged(box)).toContain('is not as it was written');
      expect(readFileSync(file).equals(good)).toBe(true);
      expect(statSync(file).mode & 0o7777).toBe(0o600);
    }
  });

  it('keeps the newest, and not more than 32', async (box) => {
    await works(box);
    const [first = ''] = readdirSync(cacheOf(box));
    for (let i = 0; i < 40; i++) {
      const file = join(cacheOf(box), `${i}`.padStart(64, '0'));
      writeFileSync(file, 'x');
      utimesSync(file, 1000 + i, 1000 + i);
    }
    await works(box, { ...engineProfile(), defaultErrnoRet: 2 });
    const left = readdirSync(cacheOf(box));
    expect(left.length).toBe(32);
    expect(left).toContain(first);
    expect(left).not.toContain('0'.repeat(64));
  });

  it('is no container, and no container may have its name', async (box) => {
    await works(box);
    expect((await box.runtime('list', '--quiet')).stdout).toBe('');
    for (const verb of ['state', 'delete', 'create']) {
      const { status, stderr } = await box.runtime(verb, '.cache');
      expect([verb, status, stderr]).toEqual([verb, 1, expect.stringContaining('invalid')]);
    }
    expect(readdirSync(cacheOf(box)).length).toBe(1);
  });

  it('does without when it cannot be written', async (box) => {
    mkdirSync(cacheOf(box), { recursive: true, mode: 0o777 });
    chmodSync(cacheOf(box), 0o777);
    await works(box);
    expect(readdirSync(cacheOf(box))).toEqual([]);
  });
});
