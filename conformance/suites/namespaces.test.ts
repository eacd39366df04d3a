import { readlinkSync } from 'node:fs';
import { expect } from 'vitest';
import type { Box } from '../lib/box.js';
import { call, startCall } from '../lib/call.js';
import type { Prepare } from '../lib/container.js';
import { sendSignal } from '../lib/send-signal.js';
import { suite } from '../lib/suite.js';
import { until } from '../lib/until.js';

/** What the configuration calls a namespace, and /proc/PID/ns. */
const files = {
  pid: 'pid',
  network: 'net',
  mount: 'mnt',
  ipc: 'ipc',
  uts: 'uts',
  cgroup: 'cgroup',
} as const;

type Kind = keyof typeof files;
const kinds = Object.keys(files) as Kind[];
const showAll = 'for n in pid net mnt ipc uts cgroup user time; do readlink /proc/self/ns/$n; done';

const linkOf = (pid: number | 'self', kind: Kind): string =>
  readlinkSync(`/proc/${pid}/ns/${files[kind]}`);

const without =
  (...types: readonly Kind[]): Prepare =>
  (config) => {
    const { linux } = config;
    linux.namespaces = linux.namespaces.filter(({ type }) => !types.includes(type as Kind));
    if (types.includes('uts')) delete config.hostname;
  };

/** A process in a mount namespace of its own, for the time of a test. */
async function mountNamespace(box: Box): Promise<number> {
  const script = 'echo ready; exec sleep 1000';
  const command = ['unshare', '-m', '--propagation', 'private', 'sh', '-c', script];
  const running = startCall(box.folder, command);
  await until('the namespace is there', () => running.stdout() === 'ready\n');
  return running.child.pid ?? 0;
}

suite('namespaces', ({ it, engine }) => {
  it('are new where the configuration lists them, and the caller’s where it does not', async (box) => {
    const all = await box.inside(showAll, ({ linux }) => {
      linux.namespaces.push({ type: 'cgroup' });
    });
    const host = kinds.map((kind) => linkOf('self', kind));
    const [inside, others] = [all.split('\n').slice(0, 6), all.split('\n').slice(6, 8)];
    for (const [i, kind] of kinds.entries()) {
      expect(inside[i]).toMatch(new RegExp(`^${files[kind]}:\\[\\d+\\]$`));
      expect(inside[i]).not.toBe(host[i]);
    }
    expect(others).toEqual(['user', 'time'].map((name) => readlinkSync(`/proc/self/ns/${name}`)));
  });

  it('are those of the caller when none but the mount namespace is listed', async (box) => {
    const all = await box.inside(showAll, (config, paths) => {
      without('pid', 'network', 'ipc', 'uts', 'cgroup')(config, paths);
      config.mounts = config.mounts.filter(({ type }) => type !== 'sysfs' && type !== 'mqueue');
    });
    const inside = all.split('\n');
    for (const [i, kind] of kinds.entries())
      if (kind !== 'mount') expect(inside[i]).toBe(linkOf('self', kind));
  });

  it('leave the host’s mounts alone when the mount namespace is the caller’s', async (box) => {
    const container = box.container((config, paths) => {
      without('mount')(config, paths);
      config.process.args = ['sh', '-c', 'echo /bin/bu*; read line'];
      config.mounts = [];
      delete config.linux.maskedPaths;
      delete config.linux.readonlyPaths;
    });
    const pid = await container.created();
    expect(linkOf(pid, 'mount')).toBe(linkOf('self', 'mount'));
    expect(readlinkSync(`/proc/${pid}/root`)).toBe(container.rootfs);
    await container.start();
    await container.ended(pid);
    expect(container.output()).toBe('/bin/busybox\n');
  });

  it('of another container are joined by their paths, as in a pod', async (box) => {
    const first = box.container(({ process, linux }) => {
      process.args = ['sleep', '1000'];
      linux.namespaces.push({ type: 'cgroup' });
    });
    const pid = await first.started();
    const joined = kinds.filter((kind) => kind !== 'mount');
    const output = await box.inside(`${showAll}; hostname; echo $$`, (config) => {
      delete config.hostname;
      config.linux.namespaces = [
        { type: 'mount' },
        ...joined.map((kind) => ({ type: kind, path: `/proc/${pid}/ns/${files[kind]}` })),
      ];
    });
    const lines = output.split('\n');
    for (const [i, kind] of kinds.entries())
      if (kind !== 'mount') expect([kind, lines[i]]).toEqual([kind, linkOf(pid, kind)]);
    expect(lines[8]).toBe('inside');
    expect(Number(lines[9])).toBeGreaterThan(1);
  });

  it('of a mount can be joined: the mounts are made in it', async (box) => {
    const holder = await mountNamespace(box);
    const container = box.container((config) => {
      config.process.args = ['sh', '-c', 'readlink /proc/self/ns/mnt; exec sleep 1000'];
      config.linux.namespaces = config.linux.namespaces.map((namespace) =>
        namespace.type === 'mount' ? { type: 'mount', path: `/proc/${holder}/ns/mnt` } : namespace,
      );
      delete config.linux.maskedPaths;
      delete config.linux.readonlyPaths;
      config.mounts = config.mounts.slice(0, 1);
    });
    const created = await container.create();
    expect(created).toMatchObject({ status: 0, stderr: '' });
    expect(linkOf(container.pid, 'mount')).toBe(linkOf(holder, 'mount'));
    await container.start();
    await container.wrote(linkOf(holder, 'mount'));
    expect(box.leftovers().filter((what) => what.startsWith('mount'))).toEqual([]);
    await container.delete('--force');
    sendSignal(holder, 'SIGKILL');
  });

  it('are refused when a path is missing, or of another type', async (box) => {
    const missing = await box.refusal(({ linux }) => {
      linux.namespaces[1] = { type: 'network', path: '/no/such/namespace' };
    });
    expect(missing).toContain('/linux/namespaces/1/path');
    const other = await box.refusal(({ linux }) => {
      linux.namespaces[1] = { type: 'network', path: '/proc/self/ns/ipc' };
    });
    expect(other).toContain('/linux/namespaces/1/path');
    const file = await box.refusal(({ linux }) => {
      linux.namespaces[1] = { type: 'network', path: '/etc/passwd' };
    });
    expect(file).toContain('/linux/namespaces/1/path');
  });

  it('of the network have their loopback interface up', async (box) => {
    const output = await box.inside('ip addr show lo; cat /proc/net/route');
    expect(output).toMatch(/<LOOPBACK,UP/);
    expect(output).toContain('inet 127.0.0.1/8');
    expect(output).toMatch(/Destination[^\n]*\n$/);
  });

  it('of uts carry host name and domain name', async (box) => {
    const before = await call(box.folder, ['uname', '-n']);
    const output = await box.inside('hostname; cat /proc/sys/kernel/domainname', (config) => {
      config.hostname = 'a-name.example';
      config.domainname = 'a-domain';
    });
    expect(output).toBe('a-name.example\na-domain\n');
    expect((await call(box.folder, ['uname', '-n'])).stdout).toBe(before.stdout);
  });

  it('of pid have the container’s process as number 1', async (box) => {
    expect(await box.inside('echo $$; echo /proc/[0-9]*')).toBe('1\n/proc/1\n');
  });

  if (engine.quick)
    it('of cgroup have the container’s cgroup as their root', async (box) => {
      const output = await box.inside('cat /proc/self/cgroup; cat /proc/1/mountinfo', (config) => {
        config.linux.namespaces.push({ type: 'cgroup' });
      });
      const cgroups = output.split('\n').filter((line) => /^\d+:[^ ]*$/.test(line));
      expect(cgroups.length).toBeGreaterThan(0);
      for (const line of cgroups) expect(line).toMatch(/:\/$/);
      const mounts = output.split('\n').filter((line) => line.includes(' - cgroup '));
      for (const line of mounts) expect(line.split(' ')[3]).toBe('/');
    });
});
