import { describe, expect, it, test } from 'vitest';
import type { BatchStep } from '../linux/batch.js';
import { facts, planOf, withProcess } from '../testing/plans.js';
import { showSteps } from '../testing/show-steps.js';
import type { ProcessPlan } from './plan.js';
import { type SealInput, sealSteps } from './seal.js';

const input: SealInput = {
  path: '/bin/app',
  env: ['A=1'],
  enterCwd: false,
  terminal: -1,
  listener: 9,
  channel: 7,
  filter: new Uint8Array(),
  hooks: () => [],
  neededFds: [],
};

const all = facts.capabilities;
const nothing = { low: 0, high: 0 };

/** A user with CAP_NET_BIND_SERVICE (bit 10) only, handed on across execve. */
const one = { low: 1 << 10, high: 0 };
const user: ProcessPlan = {
  args: ['app', '--port', '80'],
  env: ['A=1'],
  cwd: '/srv',
  uid: 1000,
  gid: 100,
  groups: [4, 27],
  umask: 0o022,
  capabilities: {
    // Everything but CAP_BPF, bit 39.
    bounding: { low: all.low, high: all.high & ~(1 << 7) },
    effective: one,
    permitted: one,
    inheritable: one,
    ambient: one,
  },
  noNewPrivileges: true,
  rlimits: [],
  tuning: {},
  seccomp: null,
  extraFds: 2,
};

const shown = (process: Partial<ProcessPlan> = {}, more: Partial<SealInput> = {}) =>
  showSteps(sealSteps({ ...user, ...process }, { ...input, ...more }));

test('the seal of a user with one capability', () => {
  const sets = `<${'00040000'.repeat(3)}${'00000000'.repeat(3)}>`;
  expect(shown()).toEqual([
    'prctl(38, 1, 0, 0, 0) # set no_new_privs',
    'prctl(8, 1, 0, 0, 0) # keep capabilities',
    'setresgid(0x64, 0x64, 0x64) # set group 100',
    'setresuid(0x3e8, 0x3e8, 0x3e8) # set user 1000',
    'prctl(8, 0, 0, 0, 0) # no longer keep capabilities',
    `capset(<2205082000000000>, ${sets}) # set capabilities`,
    'prctl(47, 4, 0, 0, 0) # clear ambient capabilities',
    'prctl(47, 2, 0xa, 0, 0) # raise ambient CAP_NET_BIND_SERVICE',
    'prctl(4, 0, 0, 0, 0) # be not dumpable',
    'close_range(5, 6, 0) # close descriptors',
    'close_range(8, 8, 0) # close descriptors',
    'close_range(0xa, 0xffffffff, 0) # close descriptors',
    'faccessat2(AT_FDCWD, "/bin/app", 1, 512) # exec: "/bin/app"',
    'prctl(1, 0, 0, 0, 0) # outlive the parent',
    'ask {"type":"ready"}',
    'await 9',
    'close_range(5, 0xffffffff, 4) # close descriptors',
    '$0 = execve("/bin/app", ["app","--port","80"], ["A=1"]) or go on # exec: "/bin/app"',
    'ask {"type":"unexecuted"} or go on',
    `$1 = openat2(AT_FDCWD, "/", <00002900${'00'.repeat(20)}>, 0x18) or go on # open the root`,
    'hand sendFds("{\\"type\\":\\"root\\",\\"path\\":\\"/bin/app\\"}", 33, $1) or go on # hand over the root',
    'ask {"type":"unexecuted"} or go on',
    'fail with $0 of execve # exec: "/bin/app"',
  ]);
});

test('whoever hears of a failed execve is told the path of the program, from the root and in ASCII', () => {
  const told = (path: string, cwd = '/srv') =>
    /sendFds\((".*"), \d+, \$1\)/.exec(shown({ cwd }, { path }).at(-3)!)?.[1];
  const packet = (path: string) => ({ type: 'root', path });
  const read = (text: string | undefined) => JSON.parse(JSON.parse(text!)) as unknown;
  expect(read(told('bin/x'))).toEqual(packet('/srv/bin/x'));
  expect(read(told('/é\udcff"\\'))).toEqual(packet('/é\udcff"\\'));
  expect(told('/é\udcff')).toMatch(/^[ -~]*$/);
});

test('root with all capabilities drops none', () => {
  const whole = { low: all.low, high: all.high };
  const capabilities = {
    bounding: whole,
    effective: whole,
    permitted: whole,
    inheritable: nothing,
    ambient: nothing,
  };
  const lines = shown({ capabilities, noNewPrivileges: false, groups: [], uid: 0, gid: 0 });
  expect(lines.slice(0, 2)).toEqual([
    'prctl(8, 1, 0, 0, 0) # keep capabilities',
    'setresgid(0, 0, 0) # set group 0',
  ]);
  expect(lines.join('\n')).toContain(
    `<${'ffffffff'.repeat(2)}00000000${'ff010000'.repeat(2)}00000000>`,
  );
});

test('what waits for `start` keeps open the standard streams, what it hands on, and two sockets', () => {
  const closed = (channel: number, listener: number, neededFds: number[] = []) =>
    shown({ extraFds: 0 }, { channel, listener, neededFds })
      .slice(0, -1)
      .filter((line) => line.startsWith('close_range') && line.includes(', 0)'));
  expect(closed(3, 4)).toEqual(['close_range(5, 0xffffffff, 0) # close descriptors']);
  expect(closed(8, 5)).toEqual([
    'close_range(3, 4, 0) # close descriptors',
    'close_range(6, 7, 0) # close descriptors',
    'close_range(9, 0xffffffff, 0) # close descriptors',
  ]);
  // `run` waits for nobody.
  expect(closed(6, -1)).toEqual([
    'close_range(3, 5, 0) # close descriptors',
    'close_range(7, 0xffffffff, 0) # close descriptors',
  ]);
  // Files that take the output of hooks.
  expect(closed(3, 4, [-1, 6])).toEqual([
    'close_range(5, 5, 0) # close descriptors',
    'close_range(7, 0xffffffff, 0) # close descriptors',
  ]);
});

describe('a seccomp filter', () => {
  const filter = new Uint8Array([6, 0, 0, 0, 0, 0, 0xff, 0x7f]);
  const load = (flags: string, saved = '') =>
    `filter ${saved}seccomp(${flags}, <060000000000ff7f>, 1) # load the seccomp filter`;
  const seccomp = { program: '', flags: 4, notifies: false };
  const giveUp = /^capset\(<\w+>, <\w+>\) # give up CAP_SYS_ADMIN/;

  it('comes right before execve with no_new_privs', () => {
    const lines = shown({ seccomp }, { filter });
    expect(lines.slice(-8, -6)).toEqual([
      'close_range(5, 0xffffffff, 4) # close descriptors',
      load('4'),
    ]);
    expect(lines.join()).not.toContain('give up');
  });

  it('leaves only capset to do without, since it takes CAP_SYS_ADMIN', () => {
    const lines = shown({ seccomp, noNewPrivileges: false }, { filter });
    expect(lines.at(-8)).toBe(load('4'));
    expect(lines.at(-7)).toMatch(giveUp);
    // Bits 10 and 21, then bit 10 alone.
    const sets = lines
      .filter((line) => line.startsWith('capset'))
      .map((line) => line.split('<')[2]);
    expect(sets[0]).toMatch(/^0004200000042000/);
    expect(sets[1]).toMatch(/^0004000000040000/);
  });

  it('is loaded by each hook for itself, unless they inherit it', () => {
    const given: string[][] = [];
    const hooks = (last: readonly BatchStep[]) => {
      given.push(showSteps(last));
      return [];
    };
    shown({ seccomp }, { filter, hooks });
    shown({ seccomp, noNewPrivileges: false }, { filter, hooks });
    shown({ seccomp: { ...seccomp, notifies: true } }, { filter, hooks });
    expect(given).toEqual([[load('4')], [load('4'), expect.stringMatching(giveUp)], []]);
  });

  it('gives up nothing that the process keeps', () => {
    const capabilities = { ...user.capabilities, effective: all, permitted: all };
    const lines = shown({ seccomp, noNewPrivileges: false, capabilities }, { filter });
    expect(lines.at(-7)).toBe(load('4'));
  });

  it('that notifies comes while the parent is there', () => {
    const notifying = { ...seccomp, flags: 12, notifies: true };
    for (const noNewPrivileges of [true, false]) {
      const lines = shown({ seccomp: notifying, noNewPrivileges }, { filter });
      const at = lines.indexOf(load('0xc', '$0 = '));
      expect(lines[at + 1]).toBe(
        'hand sendFds("{\\"type\\":\\"listener\\"}", 19, $0) # hand over the listener of the seccomp filter',
      );
      expect(lines[at + 2]).toBe('close($0) or go on # close the listener');
      const next = at + (noNewPrivileges ? 3 : 4);
      expect(lines[next]).toBe('ask {"type":"ready"}');
    }
  });
});

test('limits are set while still root, who may lower and raise them', () => {
  const limit = { name: 'RLIMIT_CPU', resource: 0, soft: '2', hard: '18446744073709551615' };
  const lines = shown({ rlimits: [limit] });
  const at = lines.findIndex((line) => line.endsWith('# /process/rlimits/0: set RLIMIT_CPU'));
  expect(lines[at]).toContain(`<0200000000000000${'ff'.repeat(8)}>`);
  expect(at).toBeLessThan(lines.findIndex((line) => line.includes('set user')));
});

test('a directory that only the user may enter is entered as the user, when nothing of ours is open (CVE-2024-21626)', () => {
  const lines = shown({}, { enterCwd: true });
  const at = lines.indexOf('chdir("/srv") # chdir to cwd ("/srv") set in config.json failed');
  expect(lines.indexOf('prctl(4, 0, 0, 0, 0) # be not dumpable')).toBeLessThan(at);
  expect(lines[at - 1]).toBe('close_range(0xa, 0xffffffff, 0) # close descriptors');
  expect(lines[at + 1]).toContain('faccessat2');
});

describe('order', () => {
  const hook = { program: new Uint8Array(), input: new Uint8Array(), timeout: -1 };
  const hooks: BatchStep[] = [{ do: 'run', label: 'a hook', ...hook }];
  const { process } = planOf(withProcess({ user: { uid: 7, gid: 8 } }));
  const steps = showSteps(sealSteps(process, { ...input, hooks: () => hooks }));
  const place = (words: string) => {
    const found = steps.findIndex((line) => line.includes(words));
    expect(found, words).toBeGreaterThanOrEqual(0);
    return found;
  };
  const last = (words: string) => steps.findLastIndex((line) => line.includes(words));

  it.each([
    // prctl(2): it needs no privilege, so nothing that follows can keep it from being set.
    ['no_new_privs', 'keep capabilities'],
    // capabilities(7): without keepcaps setresuid clears the permitted set.
    ['# keep capabilities', 'set group'],
    ['set group', 'set user'],
    ['set user', 'no longer keep capabilities'],
    ['no longer keep capabilities', '# set capabilities'],
    ['# set capabilities', 'clear ambient'],
    // prctl(2): a change of credentials sets dumpable anew.
    ['clear ambient', 'be not dumpable'],
    // Whether the user may run the program, only the user can say.
    ['set user', 'faccessat2'],
    // From `ready` on the parent may end, and must not take init with it.
    ['outlive the parent', 'ask {"type":"ready"}'],
    ['ask {"type":"ready"}', 'await'],
    ['await', 'run, '],
    // A hook may do no more than the process: it comes when nothing is left to be given up.
    ['run, ', '0xffffffff, 4) # close descriptors'],
  ])('%s comes before %s', (first, second) => {
    expect(last(first)).toBeLessThan(place(second));
  });

  it('ends with close_range right before execve, so that nothing can be opened in between', () => {
    expect(place('0xffffffff, 4) # close descriptors')).toBe(place('execve') - 1);
    // When that has failed, what is needed to tell why.
    expect(place('execve')).toBe(steps.length - 6);
  });
});
