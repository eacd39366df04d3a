import { chmodSync, chownSync, cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Box } from '../lib/box.js';
import { codeOf, placeSpoilt, spoilt } from '../lib/spoilt.js';
import { suite } from '../lib/suite.js';

/** A text as a log record holds it. */
const quoted = (text: string): string => JSON.stringify(text).slice(1, -1);

const sleeping = async (box: Box) => {
  const container = box.container(({ process }) => {
    process.args = ['sleep', '1000'];
  });
  await container.started();
  return container;
};

suite('a program that is not executed', ({ it, engine }) => {
  const cases = spoilt().filter((_, i) => engine.quick || i % 4 === 0);

  it('is explained by run, from the file’s own header', async (box) => {
    for (const { what, bytes, says, code } of cases) {
      const container = box.container(({ process }, { rootfs }) => {
        process.args = ['spoilt'];
        placeSpoilt(rootfs, bytes);
      });
      const { status, stdout, stderr } = await container.runtime('run');
      expect([what, status, stdout]).toEqual([what, 1, '']);
      expect(stderr).toContain(`exec: \\"/bin/spoilt\\": ${quoted(says)}`);
      expect([what, codeOf(stderr)]).toEqual([what, code]);
      await box.expectNothingLeft();
    }
  });

  it('is explained by start, and the container has ended with 255', async (box) => {
    for (const { what, bytes, says } of cases) {
      const container = box.container(({ process }, { rootfs }) => {
        process.args = ['/bin/../bin/spoilt'];
        placeSpoilt(rootfs, bytes);
      });
      const pid = await container.created();
      const { status, stderr } = await container.start();
      expect([what, status]).toEqual([what, 1]);
      expect(stderr).toContain(`exec: \\"/bin/../bin/spoilt\\": ${quoted(says)}`);
      await container.ended(pid);
      expect(container.errorOutput()).toContain('exec: "/bin/../bin/spoilt": ');
      expect(await container.delete()).toMatchObject({ status: 0 });
    }
  });

  it('is explained by exec, and the container runs on', async (box) => {
    const container = await sleeping(box);
    for (const { what, bytes, says, code } of cases) {
      placeSpoilt(container.rootfs, bytes);
      const { status, stdout, stderr } = await container.exec(['--cwd', '/bin'], './spoilt');
      expect([what, status, stdout]).toEqual([what, 255, '']);
      expect(stderr).toContain(`exec: \\"./spoilt\\": ${quoted(says)}`);
      expect([what, codeOf(stderr)]).toEqual([what, code]);
    }
    expect(await container.status()).toBe('running');
  });

  it('is looked at in the container’s root, wherever links lead', async (box) => {
    const container = await sleeping(box);
    const { rootfs } = container;
    placeSpoilt(rootfs, '#!/link/../sh\n');
    mkdirSync(join(rootfs, 'a/b'), { recursive: true });
    symlinkSync('/a/b', join(rootfs, 'link'));
    symlinkSync('/../../../../bin/spoilt', join(rootfs, 'bin/outside'));
    const missing = await container.exec([], 'outside');
    expect(missing.stderr).toContain(
      'its interpreter \\"/link/../sh\\", named after #!, is missing',
    );
    // One that is there does it.
    cpSync(join(rootfs, 'bin/busybox'), join(rootfs, 'a/sh'));
    expect(await container.exec([], 'outside')).toMatchObject({ status: 0 });
  });

  it('is explained under a seccomp filter, and told without a cause by one that forbids to look', async (box) => {
    for (const [names, cause] of [
      [['reboot'], ': the file is empty'],
      [['openat2', 'sendmsg'], ''],
    ] as const) {
      const container = box.container(({ process, linux }, { rootfs }) => {
        process.args = ['spoilt'];
        linux.seccomp = {
          defaultAction: 'SCMP_ACT_ALLOW',
          syscalls: [{ names, action: 'SCMP_ACT_ERRNO' }],
        };
        placeSpoilt(rootfs, '');
      });
      const { status, stderr } = await container.runtime('run');
      expect(status).toBe(1);
      expect(stderr).toContain(`exec: \\"/bin/spoilt\\": exec format error${cause}"`);
    }
  });

  it('is told also when its filter kills who looks', async (box) => {
    const container = box.container(({ process, linux }, { rootfs }) => {
      process.args = ['spoilt'];
      linux.seccomp = {
        defaultAction: 'SCMP_ACT_ALLOW',
        syscalls: [{ names: ['openat2', 'sendmsg'], action: 'SCMP_ACT_KILL_PROCESS' }],
      };
      placeSpoilt(rootfs, '');
    });
    await container.created();
    const { status, stderr } = await container.start();
    expect(status).toBe(1);
    expect(stderr).toContain('the process has died before it could say why');
  });

  it('for want of permission is told why: nobody has it, this user has not, or the mount', async (box) => {
    const refusal = (mode: number, change: Parameters<Box['refusal']>[0] = () => {}) =>
      box.refusal((config, paths) => {
        config.process.args = ['/bin/spoilt'];
        placeSpoilt(paths.rootfs, '#!/bin/sh\n', mode);
        change(config, paths);
      });
    const denied = 'exec: \\"/bin/spoilt\\": permission denied: ';
    expect(await refusal(0o644)).toContain(`${denied}the file has the permission x for nobody`);
    const user = await refusal(0o700, ({ process }) => {
      process.user = { uid: 1000, gid: 1000 };
    });
    expect(user).toContain(`${denied}not for this user and its groups`);
    const mounted = await refusal(0o755, ({ mounts }, { rootfs }) => {
      const source = join(rootfs, 'bin');
      mounts.push({ destination: '/bin', type: 'bind', source, options: ['bind', 'noexec'] });
    });
    expect(mounted).toContain(`${denied}its mount has the option noexec`);
    for (const text of [user, mounted]) expect(codeOf(text)).toBe(126);
  });

  it('whose interpreter is on a mount without exec is told so', async (box) => {
    const container = box.container(({ process, mounts }, { rootfs }) => {
      process.args = ['/bin/spoilt'];
      placeSpoilt(rootfs, '#!/tools/busybox\n');
      const source = join(rootfs, 'bin');
      mounts.push({ destination: '/tools', type: 'bind', source, options: ['bind', 'noexec'] });
    });
    const { stderr } = await container.runtime('run');
    expect(stderr).toContain(
      'permission denied: its interpreter \\"/tools/busybox\\", named after #!',
    );
    expect(stderr).toContain('its mount has the option noexec');
  });

  it('has a working directory that is missing, a file, or closed to its user', async (box) => {
    const words = (cwd: string, what: string) =>
      `chdir to cwd (\\"${cwd}\\") set in config.json failed: ${what}`;
    const file = await box.refusal(({ process }) => {
      process.cwd = '/etc/passwd';
    });
    expect(file).toContain(words('/etc/passwd', 'not a directory'));
    const container = await sleeping(box);
    const of = async (...options: string[]) => {
      const { status, stderr } = await container.exec(options, 'true');
      expect(status).toBe(255);
      return stderr;
    };
    const missing = await of('--cwd', '/missing');
    expect(missing).toContain(words('/missing', 'no such file or directory'));
    expect(codeOf(missing)).toBe(127);
    expect(await of('--cwd', '/etc/passwd')).toContain(words('/etc/passwd', 'not a directory'));
    expect(await of('--cwd', '/etc/passwd/x')).toContain(words('/etc/passwd/x', 'not a directory'));
  });

  it('has a working directory that nobody but its user may enter, who is asked', async (box) => {
    const container = box.container(({ process }, { rootfs }) => {
      process.args = ['pwd'];
      process.cwd = '/closed';
      process.user = { uid: 1000, gid: 1000 };
      process.capabilities = {};
      mkdirSync(join(rootfs, 'closed'));
      chownSync(join(rootfs, 'closed'), 1000, 1000);
      chmodSync(join(rootfs, 'closed'), 0o700);
    });
    expect(await container.runtime('run')).toMatchObject({ status: 0, stdout: '/closed\n' });
  });
});
