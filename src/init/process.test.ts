import { describe, expect, it, test } from 'vitest';
import type { RuntimeError } from '../errors/error.js';
import { S_IFIFO } from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import type { Natives } from '../linux/natives.js';
import type { ProcessPlan } from '../plan/plan.js';
import { errorOf } from '../testing/error-of.js';
import type { FakeHostSetup } from '../testing/fake-host.js';
import { directoryNode, makeNode } from '../testing/fake-tree.js';
import { device, program, type Stage, stage } from '../testing/init-host.js';
import { base, planOf } from '../testing/plans.js';
import {
  enterWorkingDirectory,
  environmentOf,
  findExecutable,
  giveStdioAway,
  homeOf,
  replaceNullStdio,
  setGroups,
} from './process.js';

/** Inside: the root of the process is that of the container. */
function inside(change: Partial<ProcessPlan>, setup: FakeHostSetup = {}): Stage {
  const staged = stage({ process: { ...planOf(base).process, ...change } }, setup);
  staged.machine.root = '/bundle/rootfs';
  staged.machine.cwd = '/bundle/rootfs';
  return staged;
}

const passwd =
  'root:x:0:0:root:/root:/bin/sh\nuser:x:1000:100::/home/user:\nempty:x:7:7:::\nbad:x:8\n';

test.each([
  [0, '/root'],
  [1000, '/home/user'],
  [7, '/'],
  [8, '/'],
  [9, '/'],
])('user %i is at home in %s', (uid, home) => {
  expect(homeOf(passwd, uid)).toBe(home);
});

describe('HOME', () => {
  const env = ['A=1', 'HOME=', 'B=2'];
  const path = '/bundle/rootfs/etc/passwd';

  it('stays as it is, unless it is missing or empty', () => {
    const { init, root, lines } = inside({ env: ['HOME=/x'] });
    expect(environmentOf(init, root)).toEqual(['HOME=/x']);
    expect(lines()).toEqual([]);
  });

  it('is looked up for the user of the process, in the file of the container', () => {
    const { init, root, lines } = inside({ env, uid: 1000 });
    expect(environmentOf(init, root)).toEqual(['A=1', 'B=2', 'HOME=/home/user']);
    expect(lines()[0]).toMatch(/^openat2\(<> "\/etc\/passwd", NOCTTY\|NONBLOCK, IN_ROOT/);
  });

  it.each([
    ['no such file', null],
    ['a pipe, which nobody writes to', makeNode({ mode: S_IFIFO | 0o644 })],
    ['a device, which never ends', device(1, 5)],
    ['a directory', directoryNode()],
  ])('is the root where there is %s', (_, node) => {
    const { init, root, machine, lines, open } = inside({ env });
    machine.tree.remove(path);
    if (node !== null) machine.tree.put(path, node);
    expect(environmentOf(init, root)).toEqual(['A=1', 'B=2', 'HOME=/']);
    expect(lines().filter((line) => line.startsWith('read'))).toEqual([]);
    expect(open()).toEqual(['/bundle/rootfs']);
  });

  it('is looked for in so much of the file as may be of use', () => {
    const { init, root, machine, calls } = inside({ env, uid: 1000 });
    machine.tree.put(path, `${'#'.repeat(1 << 23)}\nuser:x:1000:100::/home/user:\n`);
    expect(environmentOf(init, root)).toEqual(['A=1', 'B=2', 'HOME=/']);
    const sizes = calls.filter(({ name }) => name === 'read').map(({ result }) => result);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(1 << 23);
  });
});

describe('the program', () => {
  const files = {
    '/bundle/rootfs/a/x': makeNode(),
    '/bundle/rootfs/b/x': program(),
    '/bundle/rootfs/b/dir': directoryNode(),
    '/bundle/rootfs/c/x': program(),
  };
  const find = (arg: string, env: readonly string[], setup: FakeHostSetup = {}): string => {
    const { init } = inside({ args: [arg] }, { files, ...setup });
    return findExecutable(init, env);
  };
  const refusal = (arg: string, env: readonly string[] = []) => errorOf(() => find(arg, env));

  it.each([
    ['x', ['PATH=/c:/b'], '/c/x'],
    ['x', ['PATH=/nothing::/b'], '/b/x'],
    // A file that is not executable, and a directory, hide nothing behind them.
    ['x', ['PATH=/a:/b'], '/b/x'],
    ['/b/x', [], '/b/x'],
    ['./b/x', ['PATH=/c'], './b/x'],
  ])('%s is found with %o at %s', (arg, env, path) => {
    expect(find(arg, env)).toBe(path);
  });

  it.each([
    ['nothing', ['PATH=/a:/b'], 'command-not-found', 'executable file not found in $PATH'],
    ['x', [], 'command-not-found', 'executable file not found in $PATH'],
    ['x', ['PATH='], 'command-not-found', 'executable file not found in $PATH'],
    ['x', ['PATH=/a'], 'command-not-executable', 'exec: "/a/x": permission denied'],
    ['dir', ['PATH=/b'], 'command-not-found', 'executable file not found in $PATH'],
    ['/nothing', [], 'command-not-found', 'stat /nothing: no such file or directory'],
    ['/a/x', [], 'command-not-executable', 'permission denied'],
    ['/b/dir', [], 'command-not-executable', 'is a directory'],
  ] as const)('%s with %o is refused: %s, %s', (arg, env, code, words) => {
    const error = refusal(arg, env);
    expect(error.code).toBe(code);
    expect(error.message).toContain(words);
  });

  it('that cannot be looked at is an error of its own, not a missing file', () => {
    const natives = { faccessat2: () => -errno.EIO };
    expect(() => find('x', ['PATH=/b'], { natives })).toThrow(
      expect.objectContaining({
        code: 'syscall',
        call: expect.objectContaining({ errno: errno.EIO }),
      }),
    );
  });

  it.each([
    [errno.ENOTDIR, 'not a directory'],
    [errno.ELOOP, 'exec: "/b/x": ELOOP'],
    [errno.ENAMETOOLONG, 'exec: "/b/x": ENAMETOOLONG'],
  ])('behind errno %i says why', (number, words) => {
    const natives = { faccessat2: () => -number };
    expect(() => find('/b/x', [], { natives })).toThrow(words);
  });
});

describe('the working directory', () => {
  const files = { '/bundle/rootfs/srv': directoryNode() };

  it('is entered by its descriptor, and must be in the container', () => {
    const { init, root, lines, machine } = inside({ cwd: '/srv' }, { files });
    expect(enterWorkingDirectory(init, root)).toBe(true);
    expect(machine.cwd).toBe('/bundle/rootfs/srv');
    expect(lines()).toEqual([
      'openat2(<> "/srv", DIRECTORY|PATH, IN_ROOT|NO_MAGICLINKS) = </srv>',
      'fchdir(</srv>)',
      'getcwd()',
    ]);
  });

  it('that root may not enter is left to the user', () => {
    const natives = { fchdir: () => -errno.EACCES };
    const { init, root } = inside({ cwd: '/srv' }, { files, natives });
    expect(enterWorkingDirectory(init, root)).toBe(false);
  });

  it('that is missing is told in the words that engines search', () => {
    const missing = inside({ cwd: '/nowhere' }, { files });
    expect(() => enterWorkingDirectory(missing.init, missing.root)).toThrow(
      'chdir to cwd ("/nowhere") set in config.json failed: no such file or directory',
    );
  });

  it('outside the container is refused (CVE-2024-21626)', () => {
    const unreachable = Buffer.from('(unreachable)/\0');
    const natives = {
      getcwd: (buffer: Uint8Array | null) => {
        buffer!.set(unreachable);
        return unreachable.length;
      },
    };
    const { init, root } = inside({ cwd: '/srv' }, { files, natives });
    expect(() => enterWorkingDirectory(init, root)).toThrow(
      'the working directory is outside the container',
    );
  });
});

describe('standard streams', () => {
  const files = { '/bundle/rootfs/dev/null': device(1, 3) };
  const withInput = (node: ReturnType<typeof device>) => {
    const staged = inside({ uid: 1000 }, { files });
    staged.machine.table.set(0, staged.machine.anonymous('stdio 0', { node }));
    return staged;
  };

  it('that are the null device of the host become that of the container', () => {
    const { init, root, lines } = withInput(device(1, 3));
    replaceNullStdio(init, root);
    expect(lines().slice(3)).toEqual([
      'openat2(<> "/dev/null", RDWR, IN_ROOT|NO_MAGICLINKS) = </dev/null>',
      'statx(</dev/null>)',
      'dup3(</dev/null>, </dev/null>, 0)',
    ]);
  });

  it('that are something else stay', () => {
    const { init, root, lines } = withInput(device(1, 5));
    replaceNullStdio(init, root);
    expect(lines()).toHaveLength(3);
  });

  it('belong to the user of the process, but a null device is nobody’s own', () => {
    const { init, machine } = withInput(device(1, 3));
    giveStdioAway(init);
    expect([0, 1, 2].map((fd) => machine.table.get(fd)!.node.uid)).toEqual([0, 1000, 1000]);
    expect(machine.table.get(1)!.node.gid).toBe(0);
  });

  it.each([errno.EPERM, errno.EINVAL, errno.EROFS])('may refuse it with errno %i', (number) => {
    const { init } = inside({ uid: 1000 }, { natives: { fchownat: () => -number } });
    expect(() => giveStdioAway(init)).not.toThrow();
  });

  it('fail the start with any other error', () => {
    const { init } = inside({ uid: 1000 }, { natives: { fchownat: () => -errno.EIO } });
    expect(() => giveStdioAway(init)).toThrow(expect.objectContaining({ code: 'syscall' }));
  });
});

describe('groups', () => {
  const set = (groups: readonly number[] | null, number = 0) => {
    const asked: (readonly [number, string])[] = [];
    const setgroups: Natives['setgroups'] = (count, list) => {
      asked.push([Number(count), Buffer.from(list ?? []).toString('hex')]);
      return -number;
    };
    const { init } = inside({ groups }, { natives: { setgroups } });
    let error: RuntimeError | undefined;
    try {
      setGroups(init);
    } catch (thrown) {
      error = thrown as RuntimeError;
    }
    return { asked, error };
  };

  it('are those of the configuration', () => {
    expect(set([5, 65_537]).asked).toEqual([[2, '0500000001000100']]);
  });

  it('of the caller go, also when the container has none', () => {
    expect(set([])).toEqual({ asked: [[0, '']], error: undefined });
  });

  it('stay when the container is to keep them', () => {
    expect(set(null)).toEqual({ asked: [], error: undefined });
  });

  it('that a user namespace denies matter only if there are any, user_namespaces(7)', () => {
    expect(set([], errno.EPERM).error).toBeUndefined();
    expect(set([5], errno.EPERM).error).toMatchObject({
      at: '/process/user/additionalGids',
      steps: ['set additional groups'],
      call: { name: 'setgroups', errno: errno.EPERM },
    });
  });

  it('that cannot be set for another reason are an error in any case', () => {
    for (const groups of [[], [5]])
      expect(set(groups, errno.EINVAL).error).toMatchObject({ call: { errno: errno.EINVAL } });
  });
});
