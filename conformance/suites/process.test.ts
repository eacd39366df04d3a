import { chmodSync, chownSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { CapabilitySet } from '../lib/config.js';
import type { Prepare } from '../lib/container.js';
import { helper } from '../lib/helpers.js';
import { parentOf, textOf } from '../lib/machine.js';
import { suite } from '../lib/suite.js';

const status = 'cat /proc/self/status';
const field = (text: string, name: string): string =>
  new RegExp(`^${name}:[ \\t]*(.*)$`, 'm').exec(text)?.[1]?.trim() ?? '';

const bits: Readonly<Record<string, bigint>> = {
  CAP_CHOWN: 0n,
  CAP_KILL: 5n,
  CAP_NET_BIND_SERVICE: 10n,
  CAP_NET_RAW: 13n,
  CAP_SYS_ADMIN: 21n,
  CAP_AUDIT_WRITE: 29n,
  CAP_CHECKPOINT_RESTORE: 40n,
};

const mask = (...names: readonly string[]): string =>
  names
    .reduce((sum, name) => sum | (1n << bits[name]!), 0n)
    .toString(16)
    .padStart(16, '0');

const sets = ['Inh', 'Prm', 'Eff', 'Bnd', 'Amb'] as const;
const setsOf = (text: string) => sets.map((name) => field(text, `Cap${name}`));

const as =
  (uid: number, gid: number, more: object = {}): Prepare =>
  ({ process }) => {
    process.user = { uid, gid, ...more };
  };

suite('process', ({ it, engine }) => {
  it('has the arguments and the environment of the configuration, and HOME', async (box) => {
    const container = box.container(({ process }) => {
      process.args = ['cat', '/proc/self/cmdline', '/proc/self/environ'];
      process.env = ['PATH=/bin', 'A=first', 'B=b=b', 'A=last', 'EMPTY=', 'TERM=xterm'];
    });
    const { stdout } = await container.runtime('run');
    expect(stdout.split('\0')).toEqual([
      ...['cat', '/proc/self/cmdline', '/proc/self/environ'],
      ...['PATH=/bin', 'A=last', 'B=b=b', 'EMPTY=', 'TERM=xterm', 'HOME=/root', ''],
    ]);
  });

  it('may have empty arguments, and arguments that look like options', async (box) => {
    const container = box.container(({ process }) => {
      process.args = ['cat', '/proc/self/cmdline'];
    });
    container.config.process.args = [
      'sh',
      '-c',
      'cat /proc/$$/cmdline; true',
      '',
      '--help',
      ' two words ',
    ];
    container.write();
    const { stdout } = await container.runtime('run');
    expect(stdout.split('\0').slice(3, 6)).toEqual(['', '--help', ' two words ']);
  });

  const homes: readonly (readonly [what: string, env: string[], uid: number, home: string])[] = [
    ['from the container’s passwd when it is unset', [], 1000, '/home/somebody'],
    ['from the container’s passwd when it is empty', ['HOME='], 1000, '/home/somebody'],
    ['as it is set', ['HOME=/elsewhere'], 1000, '/elsewhere'],
    ['/ for a user that passwd does not know', [], 4321, '/'],
  ];

  it('has its HOME', async (box) => {
    for (const [what, env, uid, home] of engine.quick ? homes : homes.slice(0, 2)) {
      const output = await box.inside('echo $HOME', ({ process }, { rootfs }) => {
        process.env.push(...env);
        process.user = { uid, gid: 0 };
        writeFileSync(
          join(rootfs, 'etc/passwd'),
          'broken\nroot:x:0:0::/root:/bin/sh\nx:x:1000:1::/home/somebody:/bin/sh\ny:x:1000:1::/no:\n',
        );
      });
      expect([what, output]).toEqual([what, `${home}\n`]);
    }
  });

  it('has / as its HOME when there is no passwd', async (box) => {
    const output = await box.inside('echo $HOME', ({ mounts }) => {
      mounts.push({ destination: '/etc', type: 'tmpfs', source: 'tmpfs' });
    });
    expect(output).toBe('/\n');
  });

  it('works in a directory that is made when it is missing', async (box) => {
    const container = box.container(({ process }) => {
      process.args = ['pwd'];
      process.cwd = '/made/for/it';
      process.user = { uid: 1000, gid: 1000 };
    });
    expect(await container.runtime('run')).toMatchObject({ status: 0, stdout: '/made/for/it\n' });
    expect(statSync(join(container.rootfs, 'made/for/it')).mode & 0o777).toBe(0o755);
  });

  it('works in a directory that only its user may enter', async (box) => {
    const output = await box.inside('pwd', (config, { rootfs }) => {
      config.process.cwd = '/home';
      config.process.user = { uid: 1000, gid: 1000 };
      mkdirSync(join(rootfs, 'home'));
      chmodSync(join(rootfs, 'home'), 0o700);
      chownSync(join(rootfs, 'home'), 1000, 1000);
    });
    expect(output).toBe('/home\n');
  });

  it('is refused a working directory that is a file', async (box) => {
    const refusal = await box.refusal(({ process }) => {
      process.cwd = '/etc/passwd';
    });
    expect(refusal).toContain('/etc/passwd');
  });

  it('has user, group and additional groups, all of them', async (box) => {
    const output = await box.inside(status, as(1001, 1002, { additionalGids: [5, 7, 4294967294] }));
    expect(field(output, 'Uid').split('\t')).toEqual(['1001', '1001', '1001', '1001']);
    expect(field(output, 'Gid').split('\t')).toEqual(['1002', '1002', '1002', '1002']);
    expect(field(output, 'Groups')).toBe('5 7 4294967294');
  });

  it('has no additional groups when none are named', async (box) => {
    expect(field(await box.inside(status), 'Groups')).toBe('');
  });

  it('has umask 0022, or the one that is named', async (box) => {
    expect(await box.inside('umask')).toBe('0022\n');
    expect(await box.inside('umask', as(0, 0, { umask: 0o27 }))).toBe('0027\n');
    expect(await box.inside('umask', as(0, 0, { umask: 0 }))).toBe('0000\n');
  });

  const all = (names: string[]): Record<CapabilitySet, string[]> => ({
    bounding: names,
    effective: names,
    permitted: names,
    inheritable: names,
    ambient: names,
  });

  const capabilities: readonly (readonly [
    what: string,
    sets: Partial<Record<CapabilitySet, string[]>> | undefined,
    uid: number,
    expected: readonly string[],
  ])[] = [
    [
      'each set as it is named',
      {
        bounding: ['CAP_CHOWN', 'CAP_KILL', 'CAP_NET_RAW'],
        permitted: ['CAP_CHOWN', 'CAP_KILL', 'CAP_NET_RAW'],
        effective: ['CAP_KILL'],
        inheritable: ['CAP_NET_RAW'],
      },
      0,
      [
        mask('CAP_NET_RAW'),
        // execve(2) by root makes everything effective that is bounding or inheritable.
        mask('CAP_CHOWN', 'CAP_KILL', 'CAP_NET_RAW'),
        mask('CAP_CHOWN', 'CAP_KILL', 'CAP_NET_RAW'),
        mask('CAP_CHOWN', 'CAP_KILL', 'CAP_NET_RAW'),
        mask(),
      ],
    ],
    ['nothing when none are named', undefined, 0, sets.map(() => mask())],
    [
      'ambient ones for a user',
      all(['CAP_NET_BIND_SERVICE', 'CAP_CHECKPOINT_RESTORE']),
      1000,
      sets.map(() => mask('CAP_NET_BIND_SERVICE', 'CAP_CHECKPOINT_RESTORE')),
    ],
    [
      'no more than the bounding set to a user without ambient ones',
      { ...all(['CAP_KILL']), ambient: [] },
      1000,
      [mask('CAP_KILL'), mask(), mask(), mask('CAP_KILL'), mask()],
    ],
  ];

  it('has of capabilities', async (box) => {
    for (const [what, asked, uid, expected] of engine.quick
      ? capabilities
      : capabilities.slice(0, 2)) {
      const output = await box.inside(status, ({ process }) => {
        process.user = { uid, gid: 0 };
        if (asked === undefined) delete process.capabilities;
        else process.capabilities = asked;
      });
      expect([what, ...setsOf(output)]).toEqual([what, ...expected]);
    }
  });

  it('has the limits of the configuration', async (box) => {
    const output = await box.inside('cat /proc/self/limits', ({ process }) => {
      process.rlimits = [
        { type: 'RLIMIT_NOFILE', soft: 100, hard: 200 },
        { type: 'RLIMIT_CORE', soft: 0, hard: 4096n },
        { type: 'RLIMIT_FSIZE', soft: 4611686018427387904n, hard: 18446744073709551615n },
      ];
    });
    expect(output).toMatch(/^Max open files +100 +200 /m);
    expect(output).toMatch(/^Max core file size +0 +4096 /m);
    expect(output).toMatch(/^Max file size +4611686018427387904 +unlimited /m);
  });

  it('has for the rest the limits of the caller', async (box) => {
    const output = await box.inside('cat /proc/self/limits');
    const nofile = (text: string) => /^Max open files.*$/m.exec(text)?.[0];
    // Node raises its own soft limit.
    expect(nofile(output)?.split(/ +/)[4]).toBe(
      nofile(textOf('/proc/self/limits'))?.split(/ +/)[4],
    );
  });

  it('is refused limits that cannot be raised, and limits named twice', async (box) => {
    const twice = await box.refusal(({ process }) => {
      const limit = { type: 'RLIMIT_NOFILE', soft: 100, hard: 200 };
      process.rlimits = [limit, limit];
    });
    expect(twice).toContain('/process/rlimits/1');
    // Without CAP_SYS_RESOURCE nobody can; with it every limit can be raised.
    if ((BigInt(`0x${field(textOf('/proc/self/status'), 'CapEff')}`) >> 24n) & 1n) return;
    const raised = await box.refusal(({ process }) => {
      process.rlimits = [{ type: 'RLIMIT_NOFILE', soft: 1, hard: 18446744073709551615n }];
    });
    expect(raised).toContain('/process/rlimits/0');
    expect(raised).toContain('CAP_SYS_RESOURCE');
  });

  it('gains no privileges when the configuration says so', async (box) => {
    const set = await box.inside(status);
    expect(field(set, 'NoNewPrivs')).toBe('1');
    const unset = await box.inside(status, ({ process }) => {
      process.noNewPrivileges = false;
    });
    expect(field(unset, 'NoNewPrivs')).toBe('0');
  });

  it('has the OOM score of the configuration, or of the caller', async (box) => {
    const show = 'cat /proc/self/oom_score_adj';
    const set = await box.inside(show, ({ process }) => {
      process.oomScoreAdj = 500;
    });
    expect(set).toBe('500\n');
    expect(await box.inside(show)).toBe(readFileSync('/proc/self/oom_score_adj', 'utf8'));
  });

  it('leads a session, ignores and blocks no signal, and dies with nobody', async (box) => {
    const container = box.container(({ process }) => {
      process.args = ['sleep', '1000'];
    });
    const pid = await container.started();
    const text = textOf(`/proc/${pid}/status`);
    for (const name of ['SigIgn', 'SigBlk', 'SigCgt'])
      expect([name, field(text, name)]).toEqual([name, mask()]);
    expect(field(text, 'NSsid').split('\t')).toEqual([String(pid), '1']);
    expect(parentOf(pid)).not.toBe(process.pid);
  });

  it('may be debugged by its own kind again', async (box) => {
    const output = await box.inside('readlink /proc/self/exe; ls /proc/1/fd; true', as(1000, 1000));
    expect(output).toBe('/bin/busybox\n0\n1\n2\n');
  });

  const keyring: Prepare = ({ process, mounts }) => {
    process.args = ['/helper'];
    mounts.push({
      destination: '/helper',
      type: 'bind',
      source: helper('keyring'),
      options: ['bind', 'ro'],
    });
  };

  it('has a session keyring of its own, or with --no-new-keyring the caller’s', async (box) => {
    const container = box.container(keyring);
    const { stdout } = await container.runtime('run');
    expect(stdout).toMatch(new RegExp(`^keyring;0;0;3f1b0000;_ses\\.${container.id}\n`));
    const callers = (await box.container(keyring).runtime('run', '--no-new-keyring')).stdout;
    expect(callers).not.toContain('_ses.runts-test');
  });

  it('finds its command below the working directory when it is relative', async (box) => {
    const output = await box.container(({ process }) => {
      process.args = ['./busybox', 'echo', 'here'];
      process.cwd = '/bin';
    });
    expect(await output.runtime('run')).toMatchObject({ status: 0, stdout: 'here\n' });
  });
});
