import { readFileSync, readlinkSync, statSync } from 'node:fs';
import { expect } from 'vitest';
import type { Box } from '../lib/box.js';
import type { Container } from '../lib/container.js';
import { engines, underV2 } from '../lib/engines.js';
import { inUserNamespace, openBox, othersRun, uids } from '../lib/ids.js';
import { suite } from '../lib/suite.js';

const idMap = (pid: number, kind: 'uid' | 'gid'): number[][] =>
  readFileSync(`/proc/${pid}/${kind}_map`, 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));

const nsOf = (pid: number | 'self', name: string): string =>
  readlinkSync(`/proc/${pid}/ns/${name}`);

/** A container with a user namespace that does nothing. */
const idle = (box: Box): Container =>
  box.container(
    inUserNamespace(box, ({ process }) => {
      process.args = ['sleep', '1000'];
    }),
  );

suite('user namespaces', ({ it: always, engine }) => {
  const it: typeof always = (name, act, timeout) =>
    othersRun(engine) ? always(name, act, timeout) : undefined;

  it('give ids inside the meaning that the mappings say', async (box) => {
    const container = idle(box);
    const pid = await container.started();
    expect(idMap(pid, 'uid')).toEqual([[0, 700_000, 65_536]]);
    expect(idMap(pid, 'gid')).toEqual([[0, 800_000, 65_536]]);
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    expect(status).toMatch(/^Uid:\t700000\t700000\t700000\t700000$/m);
    expect(status).toMatch(/^Gid:\t800000\t800000\t800000\t800000$/m);
    expect(status).toMatch(/^Groups:\t $/m);
  });

  it('own every other namespace of the container', async (box) => {
    const output = await box.inside(
      'ls -ldn /dev/mqueue | cut -c1-30; hostname other && hostname; ls -ln /proc/sys/kernel/shmmax',
      inUserNamespace(box, ({ process, linux }) => {
        const all = ['CAP_SYS_ADMIN'];
        process.capabilities = { bounding: all, effective: all, permitted: all };
        linux.readonlyPaths = [];
      }),
    );
    const [mqueue, name, shmmax] = output.split('\n');
    expect(mqueue).toMatch(/^drwxrwxrwt +2 0 +0 /);
    expect(name).toBe('other');
    expect(shmmax).toMatch(/ 0 +0 /);
  });

  it('may map ids in several ranges, as engines do to keep the caller’s', async (box) => {
    const ranges = [
      { containerID: 0, hostID: 700_000, size: 1000 },
      { containerID: 1000, hostID: 5000, size: 1 },
      { containerID: 1001, hostID: 701_000, size: 64_000 },
    ];
    const output = await box.inside(
      'id -u; id -g; cat /proc/self/uid_map',
      inUserNamespace(box, ({ process, linux }) => {
        process.user = { uid: 1000, gid: 1000 };
        linux.uidMappings = ranges;
      }),
    );
    const [uid, gid, ...lines] = output.trim().split('\n');
    expect([uid, gid]).toEqual(['1000', '1000']);
    expect(lines.map((line) => line.trim().split(/\s+/).map(Number))).toEqual(
      ranges.map(({ containerID, hostID, size }) => [containerID, hostID, size]),
    );
  });

  it('allow additional groups and every capability that is asked for', async (box) => {
    const output = await box.inside(
      'id -G; grep CapEff /proc/self/status',
      inUserNamespace(box, ({ process }) => {
        process.user.additionalGids = [5, 65_535];
        const all = ['CAP_SYS_RESOURCE', 'CAP_SYS_ADMIN'];
        process.capabilities = { bounding: all, effective: all, permitted: all };
      }),
    );
    expect(output).toBe('0 5 65535\nCapEff:\t0000000001200000\n');
  });

  it('have the default devices, bound from the host', async (box) => {
    const output = await box.inside(
      "stat -c '%n %F %t:%T' /dev/null /dev/tty /dev/urandom; echo lost >/dev/null && echo written; " +
        'readlink /dev/ptmx; ls /dev/pts',
      inUserNamespace(box),
    );
    expect(output).toBe(
      '/dev/null character special file 1:3\n/dev/tty character special file 5:0\n' +
        '/dev/urandom character special file 1:9\nwritten\npts/ptmx\nptmx\n',
    );
  });

  it('put limits on the process that root of the host alone may set', async (box) => {
    const output = await box.inside(
      'ulimit -n; ulimit -Hn',
      inUserNamespace(box, ({ process }) => {
        process.rlimits = [{ type: 'RLIMIT_NOFILE', soft: 77, hard: 99 }];
      }),
    );
    expect(output).toBe('77\n99\n');
  });

  it('are joined by path, with all that belongs to them', async (box) => {
    const base = idle(box);
    const pid = await base.started();
    const kinds = { user: 'user', pid: 'pid', ipc: 'ipc', network: 'net', uts: 'uts' };
    const output = await box.inside(
      'for n in user pid ipc net uts mnt; do readlink /proc/self/ns/$n; done; id -u; ps | head -2',
      inUserNamespace(box, (config) => {
        delete config.hostname;
        config.linux.namespaces = [
          ...Object.entries(kinds).map(([type, name]) => ({
            type,
            path: `/proc/${pid}/ns/${name}`,
          })),
          { type: 'mount' },
        ];
      }),
    );
    const lines = output.split('\n');
    expect(lines.slice(0, 5)).toEqual(Object.values(kinds).map((name) => nsOf(pid, name)));
    expect(lines[5]).not.toBe(nsOf(pid, 'mnt'));
    expect(lines[6]).toBe('0');
    expect(output).toContain('sleep 1000');
  });

  it('are joined with a mount namespace, when everything has been loaded', async (box) => {
    const pid = await idle(box).started();
    const output = await box.inside(
      'readlink /proc/self/ns/user; readlink /proc/self/ns/mnt',
      inUserNamespace(box, (config) => {
        const at = (name: string) => `/proc/${pid}/ns/${name}`;
        config.root.path = '/';
        config.mounts = [];
        delete config.hostname;
        const { linux } = config;
        for (const field of ['uidMappings', 'gidMappings', 'maskedPaths', 'readonlyPaths'])
          Reflect.deleteProperty(linux, field);
        linux.namespaces = [
          { type: 'user', path: at('user') },
          { type: 'mount', path: at('mnt') },
          { type: 'pid', path: at('pid') },
        ];
      }),
    );
    expect(output).toBe(`${nsOf(pid, 'user')}\n${nsOf(pid, 'mnt')}\n`);
  });

  it('that are joined own what is made for the container', async (box) => {
    const pid = await idle(box).started();
    const output = await box.inside(
      'hostname mine && hostname; readlink /proc/self/ns/user',
      inUserNamespace(box, (config) => {
        const all = ['CAP_SYS_ADMIN'];
        config.process.capabilities = { bounding: all, effective: all, permitted: all };
        config.linux.namespaces = config.linux.namespaces.map((entry) =>
          entry.type === 'user' ? { type: 'user', path: `/proc/${pid}/ns/user` } : entry,
        );
      }),
    );
    expect(output).toBe(`mine\n${nsOf(pid, 'user')}\n`);
  });

  it('are not joined when the configuration says other mappings than they have', async (box) => {
    const pid = await idle(box).started();
    const container = box.container(
      inUserNamespace(box, ({ linux }) => {
        linux.namespaces.at(-1)!.path = `/proc/${pid}/ns/user`;
        linux.gidMappings = uids;
      }),
    );
    const { status, stderr } = await container.create();
    expect(status).toBe(1);
    expect(stderr).toContain('/linux/gidMappings: unable to apply both');
    expect(stderr).toContain('the namespace has 0 800000 65536');
    expect((await box.runtime('state', container.id)).status).toBe(1);
  });

  it('beside namespaces of the host are joined without power over those', async (box) => {
    const output = await box.inside(
      'readlink /proc/self/ns/net; ip link set lo down 2>&1 | grep -o "not permitted"',
      inUserNamespace(box, ({ linux, mounts }) => {
        linux.namespaces = linux.namespaces.map((entry) =>
          entry.type === 'network' ? { type: 'network', path: '/proc/self/ns/net' } : entry,
        );
        mounts.splice(
          mounts.findIndex(({ type }) => type === 'sysfs'),
          2,
        );
      }),
    );
    expect(output).toBe(`${nsOf('self', 'net')}\nnot permitted\n`);
  });

  const broken: readonly (readonly [string, Record<string, unknown>, RegExp])[] = [
    ['no mappings', { uidMappings: [] }, /\/linux\/uidMappings.*container’s id 0/],
    [
      'mappings without root',
      { gidMappings: [{ containerID: 1, hostID: 1, size: 5 }] },
      /\/linux\/gidMappings.*container’s id 0/,
    ],
    [
      'ranges that overlap',
      { uidMappings: [...uids, { containerID: 9, hostID: 1, size: 5 }] },
      /write uid_map: \/linux\/uidMappings: write\(.*EINVAL.*overlap/,
    ],
  ];
  for (const [what, linux, message] of broken)
    it(`are refused with ${what}`, async (box) => {
      const change = inUserNamespace(box, (config) => Object.assign(config.linux, linux));
      expect(await box.refusal(change)).toMatch(message);
    });

  it('have no use for a user that is not mapped', async (box) => {
    const message = await box.refusal(
      inUserNamespace(box, ({ process }) => {
        process.user = { uid: 70_000, gid: 0 };
      }),
    );
    expect(message).toMatch(/set user 70000: .*setresuid.*EINVAL.*no mapping/);
  });

  it('keep init from being traced by what lives in the namespace', async (box) => {
    // A program that was executed in the namespace belongs to its root, ptrace(2).
    if (!engine.quick) return;
    const container = idle(box);
    const pid = await container.created();
    // proc(5): what is not dumpable belongs to root.
    expect(statSync(`/proc/${pid}/environ`).uid).toBe(0);
  });
});

suite(
  'user namespaces under cgroup v2',
  ({ it, engine }) => {
    const delegated = ['cgroup.procs', 'cgroup.subtree_control', 'cgroup.threads'];

    it('own the cgroup when it is mounted for writing', async (box) => {
      if (!othersRun(engine)) return;
      openBox(box);
      const output = await box.inside(
        `cd /sys/fs/cgroup; stat -c '%n %u' . ${delegated.join(' ')} cgroup.events; mkdir sub && echo made`,
        inUserNamespace(box, ({ mounts, linux, process }) => {
          process.user = { uid: 9, gid: 9 };
          linux.namespaces.push({ type: 'cgroup' });
          const view = mounts.find(({ type }) => type === 'cgroup')!;
          view.options = ['rw', 'nosuid', 'noexec', 'nodev'];
        }),
      );
      const owners = ['.', ...delegated].map((name) => `${name} 9\n`).join('');
      expect(output).toBe(`${owners}cgroup.events 65534\nmade\n`);
    });

    it('do not own a cgroup that they only see', async (box) => {
      if (!othersRun(engine)) return;
      const output = await box.inside(
        "stat -c '%u' /sys/fs/cgroup",
        inUserNamespace(box, ({ linux }) => {
          linux.namespaces.push({ type: 'cgroup' });
        }),
      );
      expect(output).toBe('65534\n');
    });
  },
  engines.map(underV2),
);
