import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  statSync,
  symlinkSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { call } from '../lib/call.js';
import { helper } from '../lib/helpers.js';
import { isAlive, parentOf, pids, textOf } from '../lib/machine.js';
import { suite } from '../lib/suite.js';
import { until } from '../lib/until.js';

suite('create', ({ it, engine }) => {
  it('does not run the process before start', async (box) => {
    const container = box.container(({ process }) => {
      process.args = ['touch', '/ran'];
    });
    const pid = await container.created();
    expect(existsSync(join(container.rootfs, 'ran'))).toBe(false);
    await container.start();
    await container.ended(pid);
    expect(existsSync(join(container.rootfs, 'ran'))).toBe(true);
  });

  it('takes the working directory for the bundle when none is named', async (box) => {
    const container = box.container();
    const create = await box.with({ cwd: container.bundle }, 'create', container.id);
    expect(create).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect((await container.query()).bundle).toBe(container.bundle);
  });

  it('takes relative paths from the working directory, not from the bundle', async (box) => {
    const container = box.container();
    const args = ['create', '-b', container.id, '--pid-file', 'here', container.id];
    expect(await box.with({ cwd: box.folder }, ...args)).toMatchObject({ status: 0 });
    expect(Number(readFileSync(join(box.folder, 'here'), 'utf8'))).toBeGreaterThan(1);
  });

  it('writes the pid without a newline, to a file that appears whole', async (box) => {
    const container = box.container();
    const names: (string | null)[] = [];
    const watcher = watch(container.bundle, (event, name) => {
      if (event === 'rename') names.push(name);
    });
    const pid = await container.created();
    await until('the rename is seen', () => names.includes('pid'));
    watcher.close();
    expect(readFileSync(container.pidFile, 'utf8')).toBe(String(pid));
    expect(names).toContain('.pid');
    expect(readdirSync(container.bundle).sort()).toEqual(['config.json', 'pid', 'rootfs']);
    expect(statSync(container.pidFile).mode & 0o777).toBe(0o666 & ~process.umask());
  });

  it('replaces a pid file that is there already', async (box) => {
    const container = box.container();
    writeFileSync(container.pidFile, '4194304\n');
    writeFileSync(join(container.bundle, '.pid'), 'of one that was killed');
    const pid = await container.created();
    expect(await container.query()).toMatchObject({ pid });
  });

  it('hands its standard streams on to the container as they are', async (box) => {
    const container = box.container(({ process }) => {
      process.args = ['sh', '-c', 'cat'];
    });
    const stdin = join(box.folder, 'in');
    writeFileSync(stdin, 'from the caller');
    const fd = openSync(stdin, 'r');
    const created = await box.with({ stdin: fd }, ...container.words('create'));
    const links = [0, 1, 2].map((n) => readlinkSync(`/proc/${container.pid}/fd/${n}`));
    expect(links).toEqual([stdin, created.running.stdoutFile, created.running.stderrFile]);
    closeSync(fd);
    await container.start();
    await until('it has copied', () => created.running.stdout() === 'from the caller');
  });

  it('hands a pipe on as it is', async (box) => {
    const container = box.container(({ process }) => {
      process.args = ['echo', 'through a pipe'];
    });
    const [program = '', ...before] = engine.command;
    const args = [...before, '--root', box.root, ...container.words('create')];
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'] });
    let text = '';
    child.stdout.on('data', (chunk) => {
      text += chunk;
    });
    await once(child, 'exit');
    const closed = once(child.stdout, 'close');
    await container.start();
    await closed;
    expect(text).toBe('through a pipe\n');
  });

  it('gives the container no other descriptor', async (box) => {
    const container = box.container(({ process }) => {
      process.args = ['sh', '-c', 'ls /proc/self/fd; echo; ls /proc/1/fd; sleep 1000'];
    });
    const stray = openSync('/', 'r');
    const log = join(box.folder, 'log');
    const create = ['--log', log, ...container.words('create')];
    const { status, running } = await box.with({ extraFds: [stray, stray] }, ...create);
    expect(status).toBe(0);
    closeSync(stray);
    await container.start();
    const output = await until('it has listed', () => /\n\n.*2\n/s.test(running.stdout()));
    expect(output).toBe(true);
    const [own = '', init = ''] = running.stdout().split('\n\n');
    // Descriptor 3 is the directory that ls reads.
    expect(own.trim().split(/\s+/)).toEqual(['0', '1', '2', '3']);
    expect(init.trim().split(/\s+/)).toEqual(['0', '1', '2']);
  });

  it('works when its standard streams are closed', async (box) => {
    const container = box.container(({ process }) => {
      process.args = ['sh', '-c', 'for n in 0 1 2; do readlink /proc/$$/fd/$n; done >/out'];
    });
    const command = [...engine.command, '--root', box.root, ...container.words('create')];
    const quoted = command.map((word) => `'${word}'`).join(' ');
    const shell = spawn('sh', ['-c', `exec ${quoted} <&- >&- 2>&-`], { stdio: 'ignore' });
    expect(await once(shell, 'exit')).toEqual([0, null]);
    const pid = container.pid;
    await container.start();
    await container.ended(pid);
    expect(readFileSync(join(container.rootfs, 'out'), 'utf8')).toBe(
      '/dev/null\n/out\n/dev/null\n',
    );
  });

  it('passes the descriptors that --preserve-fds counts', async (box) => {
    const container = box.container(({ process }) => {
      process.args = ['sh', '-c', 'cat <&4; ls /proc/self/fd'];
    });
    const file = join(box.folder, 'extra');
    writeFileSync(file, 'extra\n');
    const fds = [openSync('/dev/zero', 'r'), openSync(file, 'r'), openSync(file, 'r')];
    const words = container.words('create', '--preserve-fds', '2');
    const { status, running } = await box.with({ extraFds: fds }, ...words);
    for (const fd of fds) closeSync(fd);
    expect(status).toBe(0);
    await container.start();
    await container.ended();
    expect(running.stdout()).toBe('extra\n0\n1\n2\n3\n4\n5\n');
  });

  it('refuses to preserve a descriptor that is not open', async (box) => {
    const container = box.container();
    const { status, stderr } = await container.create('--preserve-fds', '100');
    expect(status).toBe(1);
    expect(stderr).toMatch(/unable to stat preserved-fd \d+ \(of 100\)/);
    expect(box.leftovers()).toEqual([]);
  });

  const gaps = [
    ['--preserve-fds 1', '3<&-', '0 (of 1)'],
    ['--preserve-fds 2', '4<&-', '1 (of 2)'],
    ['--preserve-fds 2', 'export LISTEN_FDS=1 LISTEN_PID=$$; exec 5<&-', '1 (of 2)'],
  ] as const;

  it('takes nothing of its own for a descriptor to preserve (CVE-2024-21626)', async (box) => {
    for (const [option, gap, says] of gaps) {
      const container = box.container(({ process }) => {
        process.args = ['ls', '-l', '/proc/self/fd'];
      });
      const words = container.words('run', ...option.split(' '));
      const script = `exec 3</dev/zero 4<&3 5<&3 6<&-; exec ${gap}; exec "$@"`.replace(
        'exec export',
        'export',
      );
      const command = ['sh', '-c', script, 'sh', ...engine.command, '--root', box.root, ...words];
      const { status, stdout, stderr } = await call(box.folder, command);
      expect([gap, status, stdout]).toEqual([gap, 1, '']);
      expect(stderr).toContain(`unable to stat preserved-fd ${says}`);
    }
  });

  it('refuses LISTEN_FDS that are not open', async (box) => {
    const container = box.container();
    const words = ['--root', box.root, ...container.words('create')];
    const script = 'export LISTEN_FDS=2 LISTEN_PID=$$; exec 3</dev/zero 4<&-; exec "$@"';
    const command = ['sh', '-c', script, 'sh', ...engine.command, ...words];
    const { status, stderr } = await call(box.folder, command);
    expect(status).toBe(1);
    expect(stderr).toContain('descriptor 4 of LISTEN_FDS=2 is not open');
    expect(box.leftovers()).toEqual([]);
  });

  it('leaves the names of the descriptors to the configuration', async (box) => {
    const container = box.container(({ process }) => {
      process.args = ['env'];
      process.env.push('LISTEN_FDNAMES=configured');
    });
    const words = ['--root', box.root, ...container.words('run')];
    const variables = 'LISTEN_FDS=1 LISTEN_PID=$$ LISTEN_FDNAMES=callers';
    const script = `export ${variables}; exec 3</dev/zero; exec "$@"`;
    const { stdout } = await call(box.folder, [
      'sh',
      '-c',
      script,
      'sh',
      ...engine.command,
      ...words,
    ]);
    expect(stdout.match(/^LISTEN.*$/gm)).toEqual([
      ...['LISTEN_FDNAMES=configured', 'LISTEN_FDS=1', 'LISTEN_PID=1'],
    ]);
  });

  it('passes the descriptors of LISTEN_FDS that are meant for it, before others', async (box) => {
    const container = box.container(({ process }) => {
      process.args = ['sh', '-c', 'env | grep LISTEN | sort; cat <&3; cat <&4; ls /proc/self/fd'];
    });
    const fds = ['listen', 'preserved'].map((name) => {
      const file = join(box.folder, name);
      writeFileSync(file, `${name}\n`);
      return openSync(file, 'r');
    });
    const words = container.words('run', '--preserve-fds', '1');
    const script = 'export LISTEN_FDS=1 LISTEN_PID=$$; exec "$@"';
    const command = ['sh', '-c', script, 'sh', ...engine.command, '--root', box.root, ...words];
    const { status, stdout } = await call(box.folder, command, { extraFds: fds });
    for (const fd of fds) closeSync(fd);
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: 'LISTEN_FDS=1\nLISTEN_PID=1\nlisten\npreserved\n0\n1\n2\n3\n4\n5\n',
    });
  });

  it('ignores LISTEN_FDS that are meant for another process', async (box) => {
    const env = { LISTEN_FDS: '1', LISTEN_PID: '1' };
    const container = box.container(({ process }) => {
      process.args = ['env'];
    });
    const { stdout } = await box.with({ env }, ...container.words('run'));
    expect(stdout).not.toContain('LISTEN');
  });

  it('passes nothing of its own environment on', async (box) => {
    const container = box.container(({ process }) => {
      process.args = ['env'];
    });
    const { stdout } = await box.with({ env: { LEAK: '1' } }, ...container.words('run'));
    expect(stdout).toBe('PATH=/bin\nHOME=/root\n');
  });

  it('leaves init to the subreaper of its caller, and nothing else behind', async (box) => {
    const container = box.container(({ process }) => {
      process.args = ['sh', '-c', 'exit 7'];
    });
    const create = [...engine.command, '--root', box.root, ...container.words('create')];
    const reaper = spawn(helper('subreaper'), create, { stdio: ['ignore', 'pipe', 'inherit'] });
    const end = once(reaper, 'exit');
    let said = '';
    reaper.stdout.on('data', (chunk) => {
      said += chunk;
    });
    await until('create has ended', () => said.includes('\n'));
    const pid = container.pid;
    expect(said).toMatch(/^\d+ exited 0\n$/);
    expect(parentOf(pid)).toBe(reaper.pid);
    expect(pids().filter((other) => parentOf(other) === reaper.pid)).toEqual([pid]);
    await container.start();
    await end;
    expect(said.split('\n')[1]).toBe(`${pid} exited 7`);
  });

  it('finds the command in the PATH of the container', async (box) => {
    const refusal = await box.refusal(({ process }) => {
      process.args = ['no-such-program'];
    });
    expect(refusal).toMatch(
      /create failed: unable to start container process: error during container init: exec: \\"no-such-program\\": executable file not found in \$PATH/,
    );
    const outside = await box.refusal(({ process }) => {
      process.args = ['ls'];
      process.env = ['PATH=/sbin:/usr/bin'];
    });
    expect(outside).toContain('executable file not found in $PATH');
  });

  it('says why a command with a path cannot be executed', async (box) => {
    const refusals: Record<string, string> = {
      '/bin/nope': 'exec: \\"/bin/nope\\": stat /bin/nope: no such file or directory',
      '/etc/passwd': 'exec: \\"/etc/passwd\\": permission denied',
      '/etc': 'exec: \\"/etc\\": is a directory',
      '/etc/passwd/x': 'exec: \\"/etc/passwd/x\\": stat /etc/passwd/x: not a directory',
    };
    for (const [path, message] of Object.entries(refusals)) {
      const refusal = await box.refusal(({ process }) => {
        process.args = [path];
      });
      expect(refusal).toContain(message);
    }
  });

  it('looks at the rights of the container’s user, not of root', async (box) => {
    const refusal = await box.refusal(({ process }, { rootfs }) => {
      process.args = ['/private/sh'];
      process.user = { uid: 1000, gid: 1000 };
      mkdirSync(join(rootfs, 'private'), { mode: 0o700 });
      symlinkSync('/bin/busybox', join(rootfs, 'private/sh'));
    });
    expect(refusal).toContain('permission denied');
  });

  it('refuses an id that is taken, without harm to who has it', async (box) => {
    const container = box.container(({ process }) => {
      process.args = ['echo', 'unharmed'];
    });
    const pid = await container.created();
    const second = await box.runtime('create', '--bundle', container.bundle, container.id);
    expect(second).toMatchObject({ status: 1, stdout: '' });
    expect(second.stderr).toContain('container with given ID already exists');
    expect(await container.query()).toMatchObject({ status: 'created', pid });
    expect(await container.start()).toMatchObject({ status: 0 });
    await container.ended(pid);
    expect(container.output()).toBe('unharmed\n');
  });

  it('refuses a cgroup that other processes are in, without harm to them', async (box) => {
    const first = box.container(({ process }) => {
      process.args = ['sleep', '1000'];
    });
    const pid = await first.started();
    const second = box.container(({ linux }) => {
      linux.cgroupsPath = first.cgroup;
    });
    const { status, stderr } = await second.create();
    expect(status).toBe(1);
    expect(stderr).toMatch(/container's cgroup is not empty: 1 process\(es\) found/);
    expect(isAlive(pid)).toBe(true);
    expect(existsSync(second.state)).toBe(false);
    expect(textOf(`/proc/${pid}/cgroup`)).toContain(first.cgroup);
  });

  it('refuses a bundle that is not there, or has no configuration', async (box) => {
    const none = await box.runtime('create', '--bundle', '/no/such/bundle', 'x');
    expect(none).toMatchObject({ status: 1 });
    expect(none.stderr).toContain('/no/such/bundle');
    const empty = await box.runtime('create', '--bundle', box.folderFor('empty'), 'x');
    expect(empty).toMatchObject({ status: 1 });
    expect(empty.stderr).toContain('JSON specification file config.json not found');
    expect(box.leftovers()).toEqual([]);
  });

  it('leaves no pid file when it fails', async (box) => {
    const container = box.container(({ process }) => {
      process.args = ['no-such-program'];
    });
    await container.create();
    expect(container.hasPidFile()).toBe(false);
    expect(readdirSync(container.bundle).sort()).toEqual(['config.json', 'rootfs']);
  });

  it('fails when the pid file cannot be written, and undoes all it has done', async (box) => {
    const container = box.container();
    const words = ['--bundle', container.bundle, '--pid-file', '/no/such/folder/pid'];
    const { status, stderr } = await box.runtime('create', ...words, container.id);
    expect(status).toBe(1);
    expect(stderr).toContain('/no/such/folder/pid');
    expect(box.leftovers()).toEqual([]);
  });

  it('finds the bundle through a symbolic link', async (box) => {
    const container = box.container();
    const link = join(box.folder, 'link');
    symlinkSync(container.bundle, link);
    expect(await box.runtime('create', '-b', link, container.id)).toMatchObject({ status: 0 });
    expect(realpathSync((await container.query()).bundle)).toBe(container.bundle);
  });

  it('works below a root with a long path, for a long id', async (box) => {
    const id = `${box.container().id}-${'x'.repeat(150)}`;
    const root = join(box.folder, 'r'.repeat(200), 's'.repeat(200));
    const container = box.container(({ process, linux }) => {
      process.args = ['echo', 'works'];
      linux.cgroupsPath = `/${id}`;
    });
    box.cgroups.push(`/${id}`);
    const command = (...words: string[]) => box.bare(['--root', root, ...words, id]);
    const created = await command('create', '--bundle', container.bundle);
    expect(created).toMatchObject({ status: 0, stderr: '' });
    expect(await command('start')).toMatchObject({ status: 0, stderr: '' });
    await until('it has run', () => created.running.stdout() === 'works\n');
    expect(await command('delete', '--force')).toMatchObject({ status: 0, stderr: '' });
    expect(readdirSync(root)).toEqual([]);
  });

  it('takes ids of letters, digits and _ + - . alone', async (box) => {
    const container = box.container();
    for (const id of ['a_B+c-D.9', '.x', '-x', '...'].slice(0, engine.quick ? 4 : 1)) {
      const words = ['create', '--bundle', container.bundle, '--', id];
      expect([id, (await box.runtime(...words)).stderr]).toEqual([id, '']);
      expect((await box.runtime('list', '-q')).stdout).toBe(`${id}\n`);
      expect(await box.runtime('delete', '--', id)).toMatchObject({ status: 0, stderr: '' });
    }
    for (const id of ['', '.', '..', 'a/b', 'a b', 'ä', '/'].slice(0, engine.quick ? 7 : 1)) {
      const { status, stderr } = await box.runtime(
        'create',
        '--bundle',
        container.bundle,
        '--',
        id,
      );
      expect([id, status]).toEqual([id, 1]);
      expect(stderr).toMatch(/container id cannot be empty|invalid container ID format/);
    }
  });

  it('makes no cgroups when there is nobody to make them', async (box) => {
    const container = box.container(({ process, linux }) => {
      process.args = ['cat', '/proc/self/cgroup'];
      delete linux.resources;
    });
    const manager = ['--cgroup-manager', 'disabled'];
    const { status, stderr, running } = await box.runtime(...manager, ...container.words('create'));
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(box.leftovers().filter((what) => what.startsWith('cgroup'))).toEqual([]);
    const pid = container.pid;
    await container.start();
    await container.ended(pid);
    expect(running.stdout()).toBe(textOf('/proc/self/cgroup'));
    expect(await container.delete()).toMatchObject({ status: 0, stderr: '' });
  });

  it('makes the owner of a container’s output its user', async (box) => {
    const container = box.container(({ process }) => {
      process.args = ['sh', '-c', 'echo again >/proc/self/fd/1'];
      process.user = { uid: 1234, gid: 1234 };
    });
    const { status, running } = await container.runtime('run');
    expect(status).toBe(0);
    const fd = openSync(running.stdoutFile, 'r');
    expect(fstatSync(fd)).toMatchObject({ uid: 1234, gid: 0 });
    closeSync(fd);
    expect(container.output()).toBe('again\n');
  });
});
