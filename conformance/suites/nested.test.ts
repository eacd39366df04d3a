import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readlinkSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Box } from '../lib/box.js';
import type { Config } from '../lib/config.js';
import type { Engine } from '../lib/engines.js';
import { parseMounts } from '../lib/machine.js';
import { boxed, suite } from '../lib/suite.js';
import { until } from '../lib/until.js';

/** The program as root of a user namespace that owns no other: as in a container of its own. */
async function withinUserNamespace(engine: Engine, act: (box: Box) => Promise<void>) {
  const holder = spawn('unshare', ['--user', 'sleep', '1000'], { stdio: 'ignore' });
  const ended = once(holder, 'exit');
  try {
    const namespace = `/proc/${holder.pid}/ns/user`;
    const own = readlinkSync('/proc/self/ns/user');
    await until('the user namespace is there', () => readlinkSync(namespace) !== own);
    for (const file of ['uid_map', 'gid_map'])
      writeFileSync(`/proc/${holder.pid}/${file}`, '0 0 65536');
    const enter = [
      'nsenter',
      `--user=${namespace}`,
      'unshare',
      '--mount',
      '--propagation',
      'private',
    ];
    const command = [...enter, ...engine.command, '--cgroup-manager', 'disabled'];
    await boxed({ ...engine, command }, act)();
  } finally {
    holder.kill('SIGKILL');
    await ended;
  }
}

/** What such a root may do: no network of its own, hence no sysfs; no ipc, hence no mqueue. */
const modest = (config: Config): void => {
  const kept = ['pid', 'uts', 'mount', 'cgroup'];
  config.linux.namespaces = kept.map((type) => ({ type }));
  delete config.linux.resources;
  delete config.linux.cgroupsPath;
  config.mounts = config.mounts.filter(({ destination }) => destination !== '/dev/mqueue');
};

suite('mounts of a runtime in a user namespace', ({ engine }) => {
  const it = (name: string, act: (box: Box) => Promise<void>) =>
    test(`${name} (${engine.name})`, () => withinUserNamespace(engine, act));

  it('show the host’s /sys where no sysfs may be mounted, with the options that were asked for', async (box) => {
    const output = await box.inside('cat /proc/self/mountinfo; touch /sys/x 2>&1; true', modest);
    expect(output).toContain('touch: /sys/x: Read-only file system');
    const found = parseMounts(output);
    const sys = found.filter(({ path }) => /^\/sys(\/fs\/cgroup\/.+)?$/.test(path));
    expect(sys.length).toBeGreaterThan(1);
    for (const { options } of sys)
      expect(options).toEqual(expect.arrayContaining(['ro', 'nosuid', 'nodev', 'noexec']));
    expect(sys[0]?.type).toBe('sysfs');
  });

  it('cannot be ID-mapped when they belong to the host, and say so', async (box) => {
    const refusal = await box.refusal((config) => {
      modest(config);
      const options = ['bind', 'idmap=uids=0-1-1;gids=0-1-1'];
      config.mounts.push({ destination: '/m', type: 'bind', source: '/etc', options });
    });
    expect(refusal).toMatch(/\/mounts\/6: .* at \/m cannot be ID-mapped by this process/);
  });

  it('name the namespace that they would need', async (box) => {
    const refusal = await box.refusal((config) => {
      modest(config);
      config.mounts.push({ destination: '/q', type: 'mqueue', source: 'mqueue' });
    });
    expect(refusal).toMatch(/mount \/q: \/mounts\/6: fsconfig.*EPERM.*must own the namespace/);
  });
});
