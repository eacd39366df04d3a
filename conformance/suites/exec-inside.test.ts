import { copyFileSync, mkdirSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Box } from '../lib/box.js';
import type { CapabilitySet } from '../lib/config.js';
import type { Container, Prepare } from '../lib/container.js';
import { staticEngine, underV2, unifiedMount } from '../lib/engines.js';
import { helper } from '../lib/helpers.js';
import { inUserNamespace, openBox, othersRun, uids } from '../lib/ids.js';
import { cgroupFile, hierarchies, textOf } from '../lib/machine.js';
import { systemCalls } from '../lib/seccomp-profile.js';
import { sleeping } from '../lib/sleeping.js';
import { suite } from '../lib/suite.js';

const without =
  (...types: readonly string[]): Prepare =>
  ({ linux }) => {
    linux.namespaces = linux.namespaces.filter(({ type }) => !types.includes(type));
  };

const kinds = ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'time', 'user', 'uts'];
const linksOf = (pid: number) => kinds.map((kind) => readlinkSync(`/proc/${pid}/ns/${kind}`));
const links = `for n in ${kinds.join(' ')}; do readlink /proc/self/ns/$n; done`;

const field = (text: string, name: string): string =>
  new RegExp(`^${name}:[ \\t]*(.*)$`, 'm').exec(text)?.[1]?.trim() ?? '';
const status = 'cat /proc/self/status';

suite('a process of exec', ({ it, engine }) => {
  const places: readonly (readonly [what: string, prepare: (box: Box) => Prepare])[] = [
    ['the usual namespaces', () => () => {}],
    ['no pid namespace', () => without('pid')],
    ['no mount namespace', () => without('mount')],
    [
      'cgroup and time namespaces',
      () => (config) => {
        config.linux.namespaces.push({ type: 'cgroup' }, { type: 'time' });
        config.linux.timeOffsets = { boottime: { secs: 1000 } };
      },
    ],
    [
      'a user namespace',
      (box) => inUserNamespace(box, ({ linux }) => linux.namespaces.push({ type: 'cgroup' })),
    ],
  ];

  it('is in the namespaces of init and in its root', async (box) => {
    for (const [what, prepare] of places) {
      if (what === 'a user namespace' && !othersRun(engine)) continue;
      // Without a mount namespace nothing is mounted: the host's mounts would remain.
      const container = await sleeping(box, (config, paths) => {
        prepare(box)(config, paths);
        if (what === 'no mount namespace') Object.assign(config, { mounts: [] });
        if (what === 'no mount namespace') Object.assign(config.linux, { maskedPaths: [] });
        if (what === 'no mount namespace') Object.assign(config.linux, { readonlyPaths: [] });
      });
      if (what === 'no mount namespace') {
        expect(await container.says('ls /')).toBe('bin\ndev\netc\nproc\nroot\nsys\ntmp');
        continue;
      }
      const output = await container.says(links);
      expect([what, output.split('\n')]).toEqual([what, linksOf(container.pid)]);
      expect(await container.says('ls /')).toContain('bin\ndev\netc');
    }
  });

  it('is in a joined pid namespace that belongs to another container', async (box) => {
    const base = await sleeping(box);
    const container = await sleeping(box, (config) => {
      const other = { type: 'pid', path: `/proc/${base.pid}/ns/pid` };
      config.linux.namespaces = config.linux.namespaces.map((each) =>
        each.type === 'pid' ? other : each,
      );
    });
    expect((await container.says(links)).split('\n')).toEqual(linksOf(container.pid));
    await base.kill('KILL');
    await base.ended();
    // The namespace has died with its first process.
    await container.ended();
    expect((await container.exec([], 'true')).status).toBe(255);
  });

  it('is root of the user namespace, or whom it is told to be', async (box) => {
    if (!othersRun(engine)) return;
    const container = await sleeping(
      box,
      inUserNamespace(box, ({ process }) => {
        process.rlimits = [{ type: 'RLIMIT_NOFILE', soft: 33, hard: 44 }];
      }),
    );
    const script = 'cat /proc/self/uid_map; id -u; ulimit -n; ulimit -Hn; touch /tmp/made';
    const expected = ['', '0', String(uids[0]!.hostID), '65536', '0', '33', '44'];
    expect((await container.says(script)).split(/\s+/)).toEqual(expected);
    expect(statSync(join(container.rootfs, 'tmp/made')).uid).toBe(uids[0]!.hostID);
    expect(await container.says('id -u; id -g', '--user', '5:6')).toBe('5\n6');
    const denied = await container.exec(['--user', '70000'], 'true');
    expect(denied.status).toBe(255);
  });

  it('is in the cgroups of the container, or below them', async (box) => {
    const container = await sleeping(box);
    const own = await container.says('cat /proc/self/cgroup');
    // A process of v1 is born in the caller's unified cgroup if the container has none.
    expect(own.split('\n').sort()).toEqual(
      textOf(`/proc/${container.pid}/cgroup`).trimEnd().split('\n').sort(),
    );
    const v1 = hierarchies().some(({ controllers }) => controllers.includes('pids'));
    if (!v1) return;
    mkdirSync(cgroupFile('pids', container.cgroup, 'sub'));
    const below = await container.says('cat /proc/self/cgroup', '--cgroup', 'pids:/sub');
    expect(below).toMatch(new RegExp(`:pids:.*${container.cgroup}/sub$`, 'm'));
    expect(below.match(/\/sub$/gm)).toHaveLength(1);
    expect(below).toMatch(new RegExp(`:devices:.*${container.cgroup}$`, 'm'));
    expect((await container.exec(['--cgroup', 'nosuch:/sub'], 'true')).status).toBe(255);
  });

  const setsOf = (text: string) =>
    ['Inh', 'Prm', 'Eff', 'Bnd', 'Amb'].map((name) => BigInt(`0x${field(text, `Cap${name}`)}`));
  const bits = { CAP_CHOWN: 1n, CAP_KILL: 1n << 5n, CAP_NET_RAW: 1n << 13n };

  it('has the capabilities of the bundle and those of --cap', async (box) => {
    const { CAP_CHOWN, CAP_KILL, CAP_NET_RAW } = bits;
    const named = ['CAP_CHOWN', 'CAP_KILL'];
    const sets: Partial<Record<CapabilitySet, string[]>> = {
      ...{ bounding: named, effective: ['CAP_CHOWN'], permitted: ['CAP_CHOWN'] },
      inheritable: ['CAP_KILL'],
    };
    const container = await sleeping(box, ({ process }) => {
      process.noNewPrivileges = false;
      process.capabilities = sets;
    });
    const caps = (...options: string[]) => container.says(status, ...options).then(setsOf);
    const whole = CAP_CHOWN | CAP_KILL;
    // execve(2) by root makes effective what is bounding.
    expect(await caps()).toEqual([CAP_KILL, whole, whole, whole, 0n]);
    const all = whole | CAP_NET_RAW;
    const given = ['--cap', 'CAP_NET_RAW', '-c', 'CAP_KILL'];
    expect(await caps(...given)).toEqual([CAP_KILL, all, all, all, CAP_KILL]);
    // What is ambient stays with another user, what is not goes.
    expect(await caps(...given, '-u', '9')).toEqual([CAP_KILL, CAP_KILL, CAP_KILL, all, CAP_KILL]);
    const { stderr } = await container.exec(['--cap', 'CAP_NONSENSE'], 'true');
    expect(stderr).toContain('CAP_NONSENSE');
  });

  it('may be kept from gaining privileges', async (box) => {
    const container = await sleeping(box, ({ process }) => {
      process.noNewPrivileges = false;
    });
    const value = (...options: string[]) =>
      container.says(status, ...options).then((text) => field(text, 'NoNewPrivs'));
    expect(await value()).toBe('0');
    expect(await value('--no-new-privs')).toBe('1');
    expect(field(await container.saysAs({ noNewPrivileges: true }, status), 'NoNewPrivs')).toBe(
      '1',
    );
    const bound = await sleeping(box);
    expect(field(await bound.says(status), 'NoNewPrivs')).toBe('1');
    expect(field(await bound.says(status, '--no-new-privs=false'), 'NoNewPrivs')).toBe('0');
  });

  it('runs on the CPUs of execCPUAffinity, its own or the container’s', async (box) => {
    const mask = 'Cpus_allowed_list';
    const all = field(textOf('/proc/1/status'), mask);
    const container = await sleeping(box, ({ process }) => {
      process.execCPUAffinity = { initial: '0', final: '0' };
    });
    // It is for what is executed later, not for init.
    expect(field(textOf(`/proc/${container.pid}/status`), mask)).toBe(all);
    expect(field(await container.says(status), mask)).toBe('0');
    const own = { execCPUAffinity: { initial: '0', final: '1' } };
    expect(field(await container.saysAs(own, status), mask)).toBe('1');
    const plain = await sleeping(box);
    expect(field(await plain.says(status), mask)).toBe(all);
    const wrong = plain.processFile({ execCPUAffinity: { final: 'x' } });
    const { stderr } = await plain.exec(['--process', wrong]);
    expect(stderr).toContain('/process/execCPUAffinity/final');
  });

  it('has the tuning of the process and of the container', async (box) => {
    const container = await sleeping(box, ({ process, linux }) => {
      process.scheduler = { policy: 'SCHED_BATCH', nice: 3 };
      linux.personality = { domain: 'LINUX32' };
    });
    expect(await container.says('uname -m; cut -d" " -f19,41 /proc/self/stat')).toBe('i686\n3 3');
    const file = { scheduler: { policy: 'SCHED_OTHER', nice: 7 } };
    expect(await container.saysAs(file, 'uname -m; cut -d" " -f19,41 /proc/self/stat')).toBe(
      'i686\n7 0',
    );
  });

  it('has a session keyring of the container’s name, unless that keeps the caller’s', async (box) => {
    const withHelper: Prepare = (_config, { rootfs }) =>
      copyFileSync(helper('keyring'), join(rootfs, 'bin/keyring'));
    const named = await sleeping(box, withHelper);
    expect(await named.says('keyring')).toMatch(new RegExp(`;_ses\\.${named.id}$`));
    const kept = box.container((config, paths) => {
      config.process.args = ['sleep', '1000'];
      withHelper(config, paths);
    });
    await kept.started('--no-new-keyring');
    expect(await kept.says('keyring')).not.toContain(kept.id);
  });

  /** Without headers, as in the virtual machine, it is that of x86-64. */
  const getpriority = systemCalls(['unistd_64.h', 'unistd.h']).get('getpriority') ?? 140;
  const EPERM = '-1';

  it('has the container’s seccomp filter, also when the bundle is gone', async (box) => {
    const seccomp = {
      defaultAction: 'SCMP_ACT_ALLOW',
      syscalls: [{ names: ['getpriority'], action: 'SCMP_ACT_ERRNO' }],
    };
    for (const nnp of engine.quick ? [true, false] : [true]) {
      const container = await sleeping(box, (config, { rootfs }) => {
        copyFileSync(helper('call-kernel'), join(rootfs, 'bin/call-kernel'));
        config.process.noNewPrivileges = nnp;
        config.linux.seccomp = seccomp;
      });
      const script = `call-kernel native ${getpriority}; grep Seccomp: /proc/self/status`;
      const filtered = `${EPERM}\nSeccomp:\t2`;
      expect(await container.says(script)).toBe(filtered);
      expect(await container.says(script, '-u', '5', '--no-new-privs=false')).toBe(filtered);
      rmSync(join(container.bundle, 'config.json'));
      expect(await container.saysAs({}, script)).toBe(filtered);
      rmSync(join(box.root, '.cache'), { recursive: true, force: true });
      expect(await container.saysAs({ noNewPrivileges: false }, script)).toBe(filtered);
    }
  });

  it('owns its standard streams', async (box) => {
    openBox(box);
    const container = await sleeping(box);
    const finished = await container.exec(['-u', '1234'], 'sh', '-c', 'echo x > /proc/self/fd/1');
    expect(finished).toMatchObject({ status: 0, stdout: 'x\n' });
    expect(statSync(finished.running.stdoutFile).uid).toBe(1234);
  });
});

suite(
  'a process of exec under cgroup v2 alone',
  ({ it }) => {
    const sub = (container: Container, name: string) => join(unifiedMount, container.cgroup, name);

    it('is born in the cgroup of the container, or below it', async (box) => {
      const container = await sleeping(box);
      const where = (...options: string[]) =>
        container
          .says('cat /proc/self/cgroup', ...options)
          .then((text) => field(text.replace('0::', '0: '), '0'));
      expect(await where()).toBe(container.cgroup);
      mkdirSync(sub(container, 'sub'));
      expect(await where('--cgroup', '/sub')).toBe(`${container.cgroup}/sub`);
      const { stderr } = await container.exec(['--cgroup', 'memory:/sub'], 'true');
      expect(stderr).toContain('unknown controller memory');
      expect((await container.exec(['--cgroup', '/missing'], 'true')).status).toBe(255);
    });
  },
  [underV2(staticEngine)],
);
