import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Prepare } from '../lib/container.js';
import { inUserNamespace } from '../lib/ids.js';
import { processesWith } from '../lib/machine.js';
import { suite } from '../lib/suite.js';
import { until } from '../lib/until.js';

const digest = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');

/** What opening for writing is answered with. */
function writeError(path: string): string {
  try {
    closeSync(openSync(path, 'r+'));
    return 'none';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown';
  }
}

/** Tells when it can read the environment of a process that has a variable of that name. */
const watchFor = (name: string) =>
  `echo ready; while true; do cat /proc/[0-9]*/environ 2>/dev/null | grep -q ${name} && echo seen; done`;

const withoutDev: Prepare = (config) => {
  config.mounts = config.mounts.filter(({ destination }) => !destination.startsWith('/dev'));
};

suite('an image that means harm', ({ it, engine }) => {
  if (engine.quick)
    it('cannot write to the runtime through /proc/PID/exe (CVE-2019-5736)', async (box) => {
      const program = engine.command[0]!;
      const before = digest(program);
      const container = box.container(({ process }) => {
        process.args = ['sh', '-c', 'echo ready; read line; exec sleep 1000'];
      });
      const pid = await container.created();
      expect(['EROFS', 'ETXTBSY']).toContain(writeError(`/proc/${pid}/exe`));
      const other = box.container(({ process }) => {
        process.args = ['sh', '-c', 'echo ready; exec sleep 1000'];
      });
      const running = box.start(other.words('run'));
      await until('it runs', () => running.stdout() === 'ready\n');
      expect(['EROFS', 'ETXTBSY']).toContain(writeError(`/proc/${running.child.pid}/exe`));
      expect(digest(program)).toBe(before);
      running.child.kill('SIGTERM');
      await other.kill('KILL');
      await running.ended();
    });

  if (engine.quick)
    it('cannot write to an exec either, while it enters (CVE-2019-5736)', async (box) => {
      const program = engine.command[0]!;
      const before = digest(program);
      const container = box.container(({ process }) => {
        process.args = ['sleep', '1000'];
      });
      await container.started();
      // Its process stands still in the container's cgroup, and its parent waits for it.
      await box.runtime('pause', container.id);
      const running = box.start(container.execWords(['--ignore-paused'], 'true'));
      const entering = await until('it enters', () =>
        processesWith(`${container.cgroup}\n`).find((pid) => pid !== container.pid),
      );
      for (const pid of [entering, running.child.pid!])
        expect(['EROFS', 'ETXTBSY']).toContain(writeError(`/proc/${pid}/exe`));
      await box.runtime('resume', container.id);
      expect(await running.ended()).toMatchObject({ status: 0 });
      expect(digest(program)).toBe(before);
    });

  // Node is executed anew in the container's namespaces: docs/security.md.
  if (engine.quick)
    it('cannot look into a process of exec that enters: it is not dumpable (CVE-2016-9962)', async (box) => {
      const all = ['CAP_SYS_PTRACE', 'CAP_DAC_OVERRIDE', 'CAP_KILL'];
      const container = box.container(
        inUserNamespace(box, ({ process }) => {
          // Root of the namespace that is entered, with as much right in it as who enters.
          process.args = ['sh', '-c', watchFor('SECRET')];
          process.capabilities = { bounding: all, effective: all, permitted: all };
        }),
      );
      await container.started();
      await container.wrote('ready\n');
      for (let i = 0; i < 30; i++)
        await box.with({ env: { SECRET: 'x' } }, ...container.execWords([], 'true'));
      expect(container.output()).toBe('ready\n');
      // What is the container's own, it sees.
      const running = box.start(container.execWords(['-e', 'SECRET=x'], 'sleep', '1000'));
      await container.wrote('seen\n');
      running.child.kill('SIGINT');
      await running.ended();
    });

  it('cannot have exec enter by a leaked descriptor as working directory (CVE-2024-21626)', async (box) => {
    const leaked = openSync('/', 'r');
    const container = box.container(({ process }) => {
      process.args = ['sleep', '1000'];
    });
    await container.started();
    for (let fd = 3; fd < (engine.quick ? 16 : 5); fd++) {
      const words = container.execWords(['--cwd', `/proc/self/fd/${fd}`], 'sh', '-c', 'pwd; ls ..');
      const { status, stdout } = await box.with({ extraFds: [leaked, leaked] }, ...words);
      expect([fd, status, stdout]).toEqual([fd, 255, '']);
    }
    closeSync(leaked);
  });

  it('cannot keep exec waiting, or fill its memory, by what it puts at /etc/passwd', async (box) => {
    const container = box.container(({ process, root }) => {
      process.args = ['sleep', '1000'];
      process.env = process.env.filter((entry) => !entry.startsWith('HOME='));
      root.readonly = false;
    });
    await container.started();
    const put = ['mkfifo /etc/passwd', 'ln -s /dev/zero /etc/passwd', 'mkdir /etc/passwd'];
    for (const command of put) {
      await container.says(`rm -rf /etc/passwd; ${command}`);
      expect(await container.says('echo $HOME')).toBe('/');
    }
    await container.says('rm -rf /etc/passwd; ln -s /proc/self/fd/0 /etc/passwd');
    const { status, stderr } = await container.exec([], 'true');
    expect([status, stderr]).toEqual([255, expect.stringContaining('find the home directory')]);
  });

  it('cannot look into its init before start, nor trace it: it is not dumpable', async (box) => {
    const container = box.container(({ process }) => {
      process.args = ['sleep', '1000'];
      process.user = { uid: 1000, gid: 1000 };
    });
    const pid = await container.created();
    // proc(5): what is not dumpable belongs to root.
    expect(statSync(`/proc/${pid}/environ`).uid).toBe(0);
    await container.start();
    expect(statSync(`/proc/${pid}/environ`).uid).toBe(1000);
  });

  it('finds nothing open in the init that waits but a socket (CVE-2024-21626)', async (box) => {
    const stray = openSync('/', 'r');
    const container = box.container();
    const { status, running } = await box.with(
      { extraFds: [stray, stray] },
      ...container.words('create'),
    );
    closeSync(stray);
    expect(status).toBe(0);
    const folder = `/proc/${container.pid}/fd`;
    // Threads of Node wait at theirs, which have nothing in them, until they end with execve.
    const links = () =>
      readdirSync(folder)
        .map((fd) => readlinkSync(join(folder, fd)))
        .filter((link) => engine.quick || link !== 'anon_inode:[eventpoll]');
    // The socket to create closes when init has read its answer.
    await until('init waits', () => links().length === 4);
    const open = links();
    const streams = ['/dev/null', running.stdoutFile, running.stderrFile];
    expect(open).toEqual([...streams, expect.stringMatching(/^socket:/)]);
  });

  it('cannot lead mounts out of its root by links or .. (CVE-2021-30465, CVE-2023-27561)', async (box) => {
    const outside = box.folderFor('outside');
    const container = box.container((config, { rootfs }) => {
      config.process.args = ['true'];
      symlinkSync(outside, join(rootfs, 'absolute'));
      symlinkSync('../../outside', join(rootfs, 'relative'));
      symlinkSync('/../../../../../..', join(rootfs, 'up'));
      config.mounts.push(
        ...['/absolute/a', '/relative/b', `/up${outside}/c`, `/../../..${outside}/d`].map(
          (destination) => ({ destination, type: 'tmpfs', source: 'tmpfs' }),
        ),
        {
          destination: '/absolute/file',
          type: 'bind',
          source: '/etc/passwd',
          options: ['bind', 'ro'],
        },
      );
    });
    expect(await container.runtime('run')).toMatchObject({ status: 0, stderr: '' });
    expect(readdirSync(outside)).toEqual([]);
    expect(readdirSync(join(container.rootfs, outside)).sort()).toEqual(['a', 'c', 'd', 'file']);
  });

  it('cannot have directories made outside of its root (CVE-2024-45310)', async (box) => {
    const outside = box.folderFor('outside');
    const container = box.container((config, { rootfs }) => {
      config.process.args = ['true'];
      config.process.cwd = '/link/cwd';
      symlinkSync(outside, join(rootfs, 'link'));
      config.linux.devices = [{ path: '/link/device', type: 'p' }];
    });
    expect(await container.runtime('run')).toMatchObject({ status: 0 });
    expect(readdirSync(outside)).toEqual([]);
  });

  it('cannot have procfs mounted elsewhere by a link at /proc (CVE-2019-19921)', async (box) => {
    for (const place of engine.quick ? ['proc', 'sys'] : ['proc']) {
      const refusal = await box.refusal((config, { rootfs }) => {
        rmdirSync(join(rootfs, place));
        mkdirSync(join(rootfs, 'elsewhere'));
        symlinkSync('elsewhere', join(rootfs, place));
        config.mounts = config.mounts.filter(({ destination }) => destination !== '/sys/fs/cgroup');
      });
      expect(refusal).toMatch(
        /filesystem \\"(proc|sysfs)\\" must be mounted on ordinary directory/,
      );
    }
  });

  it('cannot have anything mounted into /proc by a link (CVE-2019-16884, CVE-2025-52881)', async (box) => {
    const refusal = await box.refusal((config, { rootfs }) => {
      symlinkSync('proc', join(rootfs, 'link'));
      config.mounts.push({ destination: '/link/sys/net', type: 'tmpfs', source: 'tmpfs' });
    });
    expect(refusal).toContain('cannot be mounted because it is inside /proc');
  });

  it('cannot redirect what is written to procfs (CVE-2025-52881)', async (box) => {
    const container = box.container((config, { rootfs }) => {
      // The image's own tree in the place of procfs, made of links to what would be written.
      config.process.args = ['cat', '/trap'];
      config.mounts = config.mounts.filter(({ destination }) => destination !== '/proc');
      mkdirSync(join(rootfs, 'proc/sys/net/ipv4'), { recursive: true });
      mkdirSync(join(rootfs, 'proc/1'), { recursive: true });
      writeFileSync(join(rootfs, 'trap'), 'untouched\n');
      symlinkSync('/trap', join(rootfs, 'proc/sys/net/ipv4/ip_forward'));
      symlinkSync('/trap', join(rootfs, 'proc/1/oom_score_adj'));
      config.process.oomScoreAdj = 321;
      config.linux.sysctl = { 'net.ipv4.ip_forward': '1' };
      delete config.linux.maskedPaths;
      delete config.linux.readonlyPaths;
    });
    expect(await container.runtime('run')).toMatchObject({ status: 0, stdout: 'untouched\n' });
  });

  it('cannot be entered by a leaked descriptor as working directory (CVE-2024-21626)', async (box) => {
    const leaked = openSync('/', 'r');
    for (let fd = 3; fd < (engine.quick ? 16 : 5); fd++) {
      const container = box.container(({ process }) => {
        process.args = ['sh', '-c', 'pwd; ls ..'];
        process.cwd = `/proc/self/fd/${fd}`;
      });
      const words = container.words('run');
      const { status, stdout } = await box.with({ extraFds: [leaked, leaked] }, ...words);
      expect([fd, status, stdout]).toEqual([fd, 1, '']);
    }
    closeSync(leaked);
    expect(box.leftovers()).toEqual([]);
  });

  it('cannot put something else in the place of the null device (CVE-2025-31133)', async (box) => {
    const target = box.folderFor('outside');
    writeFileSync(join(target, 'file'), 'untouched');
    const linked = await box.refusal((config, paths) => {
      withoutDev(config, paths);
      symlinkSync(join(target, 'file'), join(paths.rootfs, 'dev/null'));
    });
    expect(linked).toContain('/dev/null');
    const faked = await box.refusal((config, paths) => {
      withoutDev(config, paths);
      writeFileSync(join(paths.rootfs, 'dev/null'), 'of the image');
    });
    expect(faked).toContain('/dev/null');
    const bound = await box.refusal((config, paths) => {
      withoutDev(config, paths);
      mkdirSync(join(paths.bundle, 'dev'));
      // The zero device by the name of the null device.
      execFileSync('mknod', [join(paths.bundle, 'dev/null'), 'c', '1', '5']);
      const source = join(paths.bundle, 'dev');
      config.mounts.push({ destination: '/dev', type: 'bind', source, options: ['bind'] });
    });
    expect(bound).toContain('is not the null device');
    expect(readFileSync(join(target, 'file'), 'utf8')).toBe('untouched');
  });

  it('cannot have devices made outside by a link at /dev (CVE-2026-41579)', async (box) => {
    const outside = box.folderFor('outside');
    const container = box.container((config, paths) => {
      withoutDev(config, paths);
      config.process.args = ['true'];
      rmdirSync(join(paths.rootfs, 'dev'));
      symlinkSync(outside, join(paths.rootfs, 'dev'));
      config.linux.devices = [{ path: '/dev/extra', type: 'c', major: 1, minor: 3 }];
    });
    await container.runtime('run');
    expect(readdirSync(outside)).toEqual([]);
    expect(existsSync(join(outside, 'null'))).toBe(false);
  });

  it('cannot have host files masked, protected or truncated by links', async (box) => {
    const outside = box.folderFor('outside');
    writeFileSync(join(outside, 'file'), 'untouched');
    const container = box.container(({ process, linux }, { rootfs }) => {
      process.args = ['true'];
      symlinkSync(join(outside, 'file'), join(rootfs, 'file'));
      symlinkSync('/proc/1/root/etc', join(rootfs, 'magic'));
      linux.maskedPaths = ['/file', '/magic'];
      linux.readonlyPaths = ['/file', '/magic'];
    });
    const { stderr } = await container.runtime('run');
    expect(stderr).not.toMatch(/bug|TypeError/);
    expect(readFileSync(join(outside, 'file'), 'utf8')).toBe('untouched');
    writeFileSync(join(outside, 'file'), 'still writable');
  });
});
