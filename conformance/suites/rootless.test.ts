import { chownSync, copyFileSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { findProgram } from '../../native/setup/paths.js';
import type { Box } from '../lib/box.js';
import { startCall } from '../lib/call.js';
import type { Config } from '../lib/config.js';
import { type Engine, engines } from '../lib/engines.js';
import { helper } from '../lib/helpers.js';
import { asOrdinaryUser, rootless, user } from '../lib/ordinary-user.js';
import { placeSpoilt } from '../lib/spoilt.js';
import { suite } from '../lib/suite.js';
import { onPty } from '../lib/terminals.js';
import { until } from '../lib/until.js';

const helpers = ['newuidmap', 'newgidmap'].every((name) => findProgram(name) !== undefined);

async function inside(box: Box, script: string, change: (config: Config) => void = () => {}) {
  const container = await rootless(box, (config) => {
    config.process.args = ['sh', '-c', script];
    change(config);
  });
  const { status, stdout, stderr } = await container.runtime('run');
  if (status !== 0) throw new Error(`status ${status}, stdout: ${stdout}, stderr: ${stderr}`);
  return stdout;
}

const manyIds = [
  { containerID: 0, hostID: user.id, size: 1 },
  { containerID: 1, hostID: user.more, size: user.many },
];

suite(
  'an ordinary user',
  ({ it }) => {
    it('is root in a container, and nobody else', async (box) => {
      const output = await inside(
        box,
        'id; cat /proc/self/setgroups; grep CapEff /proc/self/status; touch /tmp/x && echo written',
        ({ root }) => {
          root.readonly = false;
        },
      );
      expect(output).toMatch(
        /^uid=0\(root\) gid=0\(root\).*\ndeny\nCapEff:\t0000000020000420\nwritten\n$/,
      );
    });

    it('has a terminal in the foreground, which is as before afterwards', async (box) => {
      const container = await rootless(box, ({ process }) => {
        process.terminal = true;
        process.args = ['sh', '-c', 'tty; ls -ln /dev/console; exit 3'];
      });
      const { stdout } = await onPty(box, container.words('run')).ended();
      expect(stdout).toMatch(/^\/dev\/pts\/0\r\ncrw--w---- +1 0 .* \/dev\/console\r\n/);
      expect(stdout).toContain('\nstatus 3, terminal as before\n');
    });

    it('is told why a program is not executed', async (box) => {
      const container = await rootless(box, ({ process }) => {
        process.args = ['/bin/spoilt'];
      });
      placeSpoilt(container.rootfs, '#!/no/such\n');
      const { status, stderr } = await container.runtime('run');
      expect(status).toBe(1);
      expect(stderr).toContain('no such file or directory: its interpreter \\"/no/such\\", named');
      await box.expectNothingLeft();
    });

    it('has the service manager told that a container is ready', async (box) => {
      const name = `@runts-test-${process.pid}-ordinary`;
      const manager = startCall(box.folder, [helper('service-manager'), name]);
      await until('the manager listens', () => manager.stdout() === 'listening\n');
      const container = await rootless(box, ({ process }) => {
        process.args = ['sd-notify', 'READY=1'];
      });
      copyFileSync(helper('sd-notify'), join(container.rootfs, 'bin/sd-notify'));
      const env = { NOTIFY_SOCKET: name };
      const run = await box.with({ env }, ...container.words('run', '--detach'));
      expect(run).toMatchObject({ status: 0, stderr: '' });
      const told = `READY=1| 0\nMAINPID=${container.pid}| 0\nBARRIER=1 1\n`;
      expect(manager.stdout()).toBe(`listening\n${told}`);
      manager.child.kill('SIGKILL');
    });

    it('takes a container through its whole life', async (box) => {
      const container = await rootless(box, ({ process }) => {
        process.args = ['sleep', '1000'];
      });
      const pid = await container.created();
      expect(await container.status()).toBe('created');
      expect((await container.start()).status).toBe(0);
      expect(await container.status()).toBe('running');
      expect(readFileSync(`/proc/${pid}/status`, 'utf8')).toContain(`Uid:\t${user.id}\t`);
      expect((await container.kill('KILL')).status).toBe(0);
      await container.ended(pid);
      expect(await container.status()).toBe('stopped');
      expect((await container.delete()).status).toBe(0);
      const { stdout } = await box.runtime('list', '--quiet');
      expect(stdout).toBe('');
    });

    it('has the state in $XDG_RUNTIME_DIR, where cleaners leave it alone', async (box) => {
      const container = await rootless(box);
      const folder = box.folderFor('runtime');
      chownSync(folder, user.id, user.id);
      const env = { XDG_RUNTIME_DIR: folder };
      const { status, stderr } = await box.bare(container.words('create'), { env });
      expect([status, stderr]).toEqual([0, '']);
      const { stdout } = await box.bare(['list', '--quiet'], { env });
      expect(stdout.trim()).toBe(container.id);
      expect(statSync(join(folder, 'runts')).mode & 0o7777).toBe(0o1700);
      expect((await box.bare(['delete', '--force', container.id], { env })).status).toBe(0);
    });

    it('stays in the cgroups of the caller, and sees them', async (box) => {
      const output = await inside(box, 'cat /proc/self/cgroup; ls /sys/fs/cgroup', ({ linux }) => {
        // On v2 `spec` asks for one, which would show them as /.
        linux.namespaces = linux.namespaces.filter(({ type }) => type !== 'cgroup');
      });
      const own = readFileSync('/proc/self/cgroup', 'utf8');
      expect(output.startsWith(own)).toBe(true);
      expect(output.slice(own.length).trim().split('\n').length).toBeGreaterThan(0);
    });

    it('gets no limits that nobody has allowed', async (box) => {
      const container = await rootless(box, ({ linux }) => {
        linux.resources = { pids: { limit: 10 } };
      });
      const { status, stderr } = await container.create();
      expect(status).toBe(1);
      expect(stderr).toContain(
        'rootless needs no limits + no cgrouppath when no permission is granted for cgroups',
      );
      await box.expectNothingLeft();
    });

    it('may have a better chance to be killed when memory runs out, but no worse one', async (box) => {
      const score = await inside(box, 'cat /proc/self/oom_score_adj', ({ process }) => {
        process.oomScoreAdj = 700;
      });
      expect(score).toBe('700\n');
    });

    it('sets limits that are lower than the own ones', async (box) => {
      const output = await inside(box, 'ulimit -n; ulimit -Hn', ({ process }) => {
        process.rlimits = [{ type: 'RLIMIT_NOFILE', soft: 55, hard: 66 }];
      });
      expect(output).toBe('55\n66\n');
    });

    it('cannot have additional groups with one id', async (box) => {
      const container = await rootless(box, ({ process }) => {
        process.user.additionalGids = [5];
      });
      const { status, stderr } = await container.create();
      expect(status).toBe(1);
      expect(stderr).toMatch(/\/process\/user\/additionalGids: setgroups\(.*EPERM/);
    });

    it('maps further ids through newuidmap and newgidmap', async (box) => {
      if (!helpers) return;
      const output = await inside(
        box,
        'id -G; cat /proc/self/uid_map /proc/self/gid_map /proc/self/setgroups; chown 3:4 /tmp && stat -c %u:%g /tmp',
        ({ linux, process, root }) => {
          root.readonly = false;
          Object.assign(linux, { uidMappings: manyIds, gidMappings: manyIds });
          process.user.additionalGids = [7];
          const all = ['CAP_CHOWN'];
          process.capabilities = { bounding: all, effective: all, permitted: all };
        },
      );
      const line = new RegExp(`0 +${user.id} +1\\n +1 +${user.more} +${user.many}\\n`, 'g');
      expect(output).toMatch(/^0 7\n/);
      expect(output.match(line)).toHaveLength(2);
      expect(output.endsWith('allow\n3:4\n')).toBe(true);
    });

    it('is told which package maps further ids', async (box) => {
      const container = await rootless(box, ({ linux }) => {
        Object.assign(linux, { uidMappings: manyIds, gidMappings: manyIds });
      });
      const bin = box.folderFor('bin');
      for (const name of ['unshare', 'sh', 'mount', 'cp', 'mkdir', 'setpriv'])
        symlinkSync(findProgram(name) ?? '', join(bin, name));
      const words = container.words('create');
      const { status, stderr } = await box.with({ env: { PATH: bin } }, ...words);
      expect(status).toBe(1);
      expect(stderr).toContain(
        'the program newgidmap is not in $PATH (hint: install the package uidmap',
      );
      await box.expectNothingLeft();
    });

    it('is told what the helper says of ids that belong to others', async (box) => {
      if (!helpers) return;
      const container = await rootless(box, ({ linux }) => {
        linux.uidMappings = [{ containerID: 0, hostID: 0, size: 5 }];
      });
      const { status, stderr } = await container.create();
      expect(status).toBe(1);
      expect(stderr).toMatch(
        /write uid_map: \/linux\/uidMappings: newuidmap \d+ 0 0 5: .*\/etc\/subuid/,
      );
      await box.expectNothingLeft();
    });
  },
  engines.map((engine) => asOrdinaryUser(engine)),
);

const kept = '/mnt/kept';
const lock = `
mkdir ${kept}
mount -t tmpfs -o ro,nosuid,nodev,noatime none ${kept}
mkdir /mnt/free
mount -t tmpfs -o size=1m,mode=777 none /mnt/free
`;

suite(
  'mounts of an ordinary user',
  ({ it }) => {
    const optionsOf = (output: string, path: string) =>
      output.match(new RegExp(` ${path} [^ ]+ ([^ ]+) `))?.[1]?.split(',') ?? [];

    it('keep what the host has locked, whatever is asked', async (box) => {
      const options = ['rbind', 'rw', 'exec', 'dev', 'suid', 'relatime', 'noexec'];
      const output = await inside(box, 'cat /proc/self/mounts', ({ mounts }) => {
        mounts.push({ destination: '/tmp', type: 'bind', source: kept, options });
      });
      const found = optionsOf(output, '/tmp');
      for (const word of ['ro', 'nosuid', 'nodev', 'noatime', 'noexec'])
        expect(found).toContain(word);
    });

    it('are what is asked where nothing is locked', async (box) => {
      const options = ['rbind', 'ro', 'nosuid', 'noexec'];
      const output = await inside(box, 'cat /proc/self/mounts', ({ mounts }) => {
        mounts.push({ destination: '/tmp', type: 'bind', source: '/mnt/free', options });
      });
      expect(optionsOf(output, '/tmp').slice(0, 3)).toEqual(['ro', 'nosuid', 'noexec']);
    });
  },
  engines.map((engine) => asOrdinaryUser(engine, lock)),
);

const inUserNamespace = (engine: Engine): Engine =>
  asOrdinaryUser({
    ...engine,
    command: ['unshare', '--user', '--map-root-user', ...engine.command],
  });

suite(
  'root of a user namespace, as Podman is for an ordinary user',
  ({ it }) => {
    const asPodman = ({ linux }: Config): void => {
      linux.namespaces = linux.namespaces.filter(
        ({ type }) => type !== 'user' && type !== 'cgroup',
      );
      Reflect.deleteProperty(linux, 'uidMappings');
      Reflect.deleteProperty(linux, 'gidMappings');
      linux.resources = {};
    };

    it('leaves a container in the cgroups of its caller if it may make none', async (box) => {
      const output = await inside(box, 'cat /proc/self/cgroup', asPodman);
      expect(output).toBe(readFileSync('/proc/self/cgroup', 'utf8'));
    });

    it('gets no limits that nobody has allowed', async (box) => {
      const container = await rootless(box, (config) => {
        asPodman(config);
        config.linux.resources = { pids: { limit: 10 } };
      });
      const { status, stderr } = await container.create();
      expect(status).toBe(1);
      expect(stderr).toContain('rootless needs no limits + no cgrouppath');
      await box.expectNothingLeft();
    });
  },
  engines.map(inUserNamespace),
);
