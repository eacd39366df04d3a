import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Config } from '../lib/config.js';
import { textOf } from '../lib/machine.js';
import { suite } from '../lib/suite.js';

const hasApparmor = textOf('/sys/module/apparmor/parameters/enabled').startsWith('Y');
const hasSelinux = existsSync('/sys/fs/selinux/enforce');

type Change = (config: Config) => void;

const withProfile =
  (name: string): Change =>
  ({ process }) => {
    process.apparmorProfile = name;
  };

const withLabel =
  (label: string): Change =>
  ({ process }) => {
    process.selinuxLabel = label;
  };

const withMountLabel =
  (label: string): Change =>
  ({ linux }) => {
    linux.mountLabel = label;
  };

if (hasApparmor) {
  const name = `runts-test-${process.pid}`;
  /** All is allowed but to write below /forbidden. */
  const profile = `profile ${name} flags=(attach_disconnected,mediate_deleted) {
    file, network, capability, mount, umount, pivot_root, signal, ptrace,
    deny /forbidden/** w,
  }\n`;
  const parser = (option: string) =>
    spawnSync('apparmor_parser', [option], { input: profile, encoding: 'utf8' });

  beforeAll(() => expect(parser('--replace')).toMatchObject({ status: 0, stderr: '' }));
  afterAll(() => void parser('--remove'));

  suite('AppArmor', ({ it }) => {
    const script =
      'cat /proc/self/attr/apparmor/current; mkdir /tmp/a && echo may; mkdir /forbidden/a || echo may not';

    for (const noNewPrivileges of [false, true])
      it(`confines the process, noNewPrivileges ${noNewPrivileges}`, async (box) => {
        const output = await box.inside(`exec 2>&1; ${script}`, (config) => {
          config.process.noNewPrivileges = noNewPrivileges;
          for (const destination of ['/tmp', '/forbidden'])
            config.mounts.push({ destination, type: 'tmpfs', source: 'tmpfs' });
          withProfile(name)(config);
        });
        expect(output).toMatch(new RegExp(`^${name} \\(enforce\\)\nmay\n.*\nmay not\n$`));
      });

    const current = ['cat', '/proc/self/attr/apparmor/current'] as const;
    const confined = `${name} (enforce)\n`;

    it('confines a further process as the option says, or else as the configuration does', async (box) => {
      const sleeper = (change: Change) =>
        box.container((config) => {
          config.process.args = ['sleep', '1000'];
          change(config);
        });
      const [free, bound] = [sleeper(() => {}), sleeper(withProfile(name))];
      for (const container of [free, bound]) await container.started();
      expect((await free.exec([], ...current)).stdout).toBe('unconfined\n');
      expect((await free.exec(['--apparmor', name], ...current)).stdout).toBe(confined);
      expect((await bound.exec([], ...current)).stdout).toBe(confined);
      const file = bound.processFile({ args: [...current], apparmorProfile: name });
      expect((await bound.exec(['--process', file])).stdout).toBe(confined);
      const missing = await free.exec(['--apparmor', 'runts-no-such-profile'], 'true');
      expect(missing).toMatchObject({ status: 255, stdout: '' });
      expect(missing.stderr).toContain('/process/apparmorProfile');
    });

    it('has no profile that was never loaded', async (box) => {
      const refusal = await box.refusal(withProfile('runts-no-such-profile'));
      expect(refusal).toMatch(
        /`\/proc\/.*attr\/apparmor\/exec`: \/process\/apparmorProfile: .*ENOENT/,
      );
    });
  });
} else test.skip('AppArmor confines the process (this machine has none)', () => {});

if (hasSelinux)
  suite('SELinux', ({ it }) => {
    const own = textOf('/proc/self/attr/current').replace(/\0$/, '');

    it('labels the process and its mounts', async (box) => {
      const output = await box.inside('cat /proc/self/attr/current', withLabel(own));
      expect(output.replace(/\0$/, '')).toBe(own);
    });
  });
else test.skip('SELinux labels the process (this machine has none)', () => {});

if (!hasApparmor || !hasSelinux)
  suite('a machine without such a security module', ({ it }) => {
    const off = /is specified in config, but \w+ is disabled or not supported/;

    if (!hasApparmor)
      it('refuses an AppArmor profile', async (box) => {
        const refusal = await box.refusal(withProfile('docker-default'));
        expect(refusal).toContain('/process/apparmorProfile: apparmor profile');
        expect(refusal).toMatch(off);
      });

    if (!hasSelinux)
      it('refuses an SELinux label, of the process and of mounts', async (box) => {
        const process = await box.refusal(withLabel('system_u:system_r:container_t:s0'));
        const mounts = await box.refusal(withMountLabel('system_u:object_r:container_file_t:s0'));
        expect(process).toContain('/process/selinuxLabel: selinux label');
        expect(mounts).toContain('/linux/mountLabel: selinux label');
        for (const refusal of [process, mounts]) expect(refusal).toMatch(off);
      });

    it('takes empty ones, which ask for nothing', async (box) => {
      const output = await box.inside('echo taken', (config) => {
        for (const change of [withProfile(''), withLabel(''), withMountLabel('')]) change(config);
      });
      expect(output).toBe('taken\n');
    });
  });
